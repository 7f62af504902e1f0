"""Work that a service declares. Live, the process spends the time; simulated, it is charged to the virtual clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from labs.kit.model.names import NS

meter: Callable[[int, bool], None] | None = None
"""Charges (ns of computing, whether it holds the interpreter lock). A simulated host sets it when it starts."""


def simulated() -> bool:
    """Is this process a host of the simulated world?"""
    return meter is not None


def charged(seconds: float, *, holds_interpreter: bool = True) -> bool:
    """Charge so much computing in the simulated world. False in the live one, where the caller must take its time itself."""
    if meter is None:
        return False
    meter(round(seconds * NS), holds_interpreter)
    return True


def cpu(seconds: float) -> None:
    """Hold the interpreter lock and one core for `seconds`, in either world."""
    if charged(seconds):
        return
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


WAY_S = 0.001
"""From an answer to the next request of somebody who waits in line: the simulated network, there and back."""
IN_LINE_S = 0.010
"""What comes so soon after the last answer had been waiting for it."""


class Pace:
    """A place that serves one at a time and needs `seconds` for each, such as a bank's counter. Guard it with a semaphore.

    Live, everybody in line would come later than simulated, for processes and sockets take their time: 50 a second were 44
    (measured). So what comes within IN_LINE_S of the last answer counts as begun WAY_S after it: the capacity is the lab's.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._free_at = float("-inf")

    async def work(self) -> None:
        """Serve one."""
        if simulated():
            await asyncio.sleep(self.seconds)
            return
        now = asyncio.get_running_loop().time()
        begun = self._free_at + WAY_S if now - self._free_at < IN_LINE_S else now
        self._free_at = begun + self.seconds
        await asyncio.sleep(self._free_at - now)
