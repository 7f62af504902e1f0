"""The memory limit of a live service: kills it where it holds too much, and starts it again, as a container runtime does.

A container has a cgroup (`memory.max`). Here a process looks every LOOK_EVERY_S seconds at what the service and its children
hold; where an ordinary user may have a cgroup, the kernel keeps the same limit besides (see cgroup.py) and is there
between two looks. What follows is the same: SIGKILL, exit code 137, a restart after a back-off that doubles each time and
begins anew once the service has lasted for a while. A service that ends by itself ends the run, with a limit or without.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import psutil

from labs.kit.model.names import MB, OOM_KILL, RESTART

if TYPE_CHECKING:
    from labs.kit.worlds.live.processes import Child

LOOK_EVERY_S = 0.05
FAMILY_EVERY = 5
"""Looks between two searches for the service's own children: that search reads the whole table of processes."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
FORGETS_AFTER_S = 30.0
"""A service that has lasted so long is taken for healthy: its next wait is the first again."""
EXIT_CODE = 128 + signal.SIGKILL
BY_SUPERVISOR, BY_BOTH = "kept by a supervisor", "kept by a supervisor and the kernel"


class Backoff:
    """How long to wait before the next restart."""

    def __init__(self) -> None:
        self._next_s = FIRST_WAIT_S
        self._up_since: float | None = None

    def wait_s(self, now: float) -> float:
        """The wait after a kill at `now`, in seconds of any clock: twice the last one, or the first after a long life."""
        if self._up_since is not None and now - self._up_since > FORGETS_AFTER_S:
            self._next_s = FIRST_WAIT_S
        wait, self._next_s = self._next_s, min(2 * self._next_s, LONGEST_WAIT_S)
        self._up_since = now + wait
        return wait


class Family:
    """A service's process and its children, as seen from outside."""

    def __init__(self, pid: int) -> None:
        self._looks = 0
        self._service = psutil.Process(pid)
        self.children: list[psutil.Process] = []

    def held(self) -> float:
        """Bytes of resident memory; 0 if the service has just ended, which the runner learns itself."""
        try:
            if self._looks % FAMILY_EVERY == 0:
                self.children = self._service.children(recursive=True)
            self._looks += 1
            held = float(self._service.memory_info().rss)
        except psutil.Error:
            return 0.0
        for child in self.children:
            with contextlib.suppress(psutil.Error):  # it has ended since
                held += child.memory_info().rss
        return held


async def supervise(
    child: Child,
    limit_mb: float,
    *,
    start: Callable[[], Awaitable[Child]],
    down: Callable[[], None],
    tell: Callable[[str, str, float], None],
) -> None:
    """Hold one service to its memory limit until cancelled.

    Args:
        child: its process at this moment.
        start: starts the service anew, and comes back once it is ready and can be reached.
        down: called when it has been killed: nobody is to reach it.
        tell: takes (kind of event, detail, bytes held).
    """
    loop, backoff, restarts = asyncio.get_running_loop(), Backoff(), 0
    while True:
        family = Family(child.pid)
        # No event tells what another process holds.
        while (held := family.held()) <= limit_mb * MB and not child.ended_by_kernel:  # noqa: ASYNC110 - see above
            await asyncio.sleep(LOOK_EVERY_S)
        child.kill()
        for process in family.children:  # one that has left the group
            with contextlib.suppress(psutil.Error):
                process.kill()
        down()
        if child.ended_by_kernel:
            tell(OOM_KILL, f"exit code {EXIT_CODE}: by the kernel, limit {limit_mb:g} MB", limit_mb * MB)
        else:
            tell(OOM_KILL, f"exit code {EXIT_CODE}: {held / MB:.0f} MB, limit {limit_mb:g} MB", held)
        wait_s, restarts = backoff.wait_s(loop.time()), restarts + 1
        await asyncio.sleep(wait_s)
        child = await start()
        tell(RESTART, f"restart {restarts} after {wait_s:g} s", Family(child.pid).held())
