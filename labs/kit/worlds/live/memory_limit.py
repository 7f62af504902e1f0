"""The memory limit of a live service: a service above it is killed and started again, as by a container runtime.

A container has a cgroup (`memory.max`). Here a process checks every LOOK_EVERY_S seconds the memory of the service and its
children. If an ordinary user may have a cgroup, the kernel enforces the same limit as well (see cgroup.py), also between two
checks. The consequences are those in a container: SIGKILL, exit code 137, a restart after a back-off that doubles each time
and is reset after a long life of the service. A service that ends by itself ends the run, with or without a limit.
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
"""The number of checks between two searches for the service's children: a search reads the whole process table."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
FORGETS_AFTER_S = 30.0
"""The life after which a service counts as healthy: its next back-off is the first one again."""
EXIT_CODE = 128 + signal.SIGKILL
BY_SUPERVISOR, BY_BOTH = "kept by a supervisor", "kept by a supervisor and the kernel"


class Backoff:
    """The wait before the next restart."""

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
    """A service's process and its children, measured from outside."""

    def __init__(self, pid: int) -> None:
        self._looks = 0
        self._service = psutil.Process(pid)
        self.children: list[psutil.Process] = []

    def held(self) -> float:
        """Bytes of resident memory; 0 if the service has just ended, which the runner notices itself."""
        try:
            if self._looks % FAMILY_EVERY == 0:
                self.children = self._service.children(recursive=True)
            self._looks += 1
            held = float(self._service.memory_info().rss)
        except psutil.Error:
            return 0.0
        for child in self.children:
            with contextlib.suppress(psutil.Error):  # the child has ended meanwhile
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
    """Enforce the memory limit of one service until cancelled.

    Args:
        child: the service's present process.
        start: starts the service again, and returns when it is ready and can be reached.
        down: called after a kill: the service must not be reached.
        tell: takes (kind of event, detail, bytes held).
    """
    loop, backoff, restarts = asyncio.get_running_loop(), Backoff(), 0
    while True:
        family = Family(child.seen)
        # No event reports the memory of another process.
        while (held := family.held()) <= limit_mb * MB and not child.ended_by_kernel:  # noqa: ASYNC110 - see above
            await asyncio.sleep(LOOK_EVERY_S)
        child.kill()
        for process in family.children:  # one may have left the group
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
        tell(RESTART, f"restart {restarts} after {wait_s:g} s", Family(child.seen).held())
