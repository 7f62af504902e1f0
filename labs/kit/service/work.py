"""Work that a service declares. Live, the process spends the time; simulated, it is charged to the virtual clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from labs.kit.model.names import NS

meter: Callable[[int, bool], None] | None = None
"""Function of (ns of CPU time, does it hold the interpreter lock?) that charges them. A simulated host sets it at start."""


def simulated() -> bool:
    """Is this process a host of the simulated world?"""
    return meter is not None


def charged(seconds: float, *, holds_interpreter: bool = True) -> bool:
    """Charge CPU time in the simulated world. False in the live world, where the caller must spend the time itself."""
    if meter is None:
        return False
    meter(round(seconds * NS), holds_interpreter)
    return True


def cpu(seconds: float) -> None:
    """Hold the interpreter lock and one core for `seconds`, in both worlds."""
    if charged(seconds):
        return
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


WAY_S = 0.001
"""The time from an answer to the next request of a queued caller: the simulated network's delay, there and back."""
IN_LINE_S = 0.010
"""A request that comes this soon after the last answer had been waiting for it."""


class Pace:
    """A server that handles one request at a time and needs `seconds` for each. Guard it with a semaphore.

    Live, processes and sockets take extra time between two requests: a capacity of 50 a second became 44 (measured).
    So a request within IN_LINE_S of the last answer counts as begun WAY_S after it, and the lab's capacity is kept.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._free_at = float("-inf")

    async def work(self) -> None:
        """Handle one request."""
        if simulated():
            await asyncio.sleep(self.seconds)
            return
        now = asyncio.get_running_loop().time()
        begun = self._free_at + WAY_S if now - self._free_at < IN_LINE_S else now
        self._free_at = begun + self.seconds
        await asyncio.sleep(self._free_at - now)
