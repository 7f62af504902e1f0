"""Computing, said aloud: live it is burned, in the simulated world it is charged."""

from __future__ import annotations

import time

from labs.kit.simulated import kernel
from labs.kit.simulated.wire import NS


def simulated() -> bool:
    """Is this process a host of the simulated world?"""
    return kernel.active is not None


def charged(seconds: float, *, holds_interpreter: bool = True) -> bool:
    """Charge so much computing in the simulated world. False in the live one, where the caller must take its time itself."""
    if kernel.active is None:
        return False
    kernel.active.cpu(round(seconds * NS), holds_interpreter=holds_interpreter)
    return True


def cpu(seconds: float) -> None:
    """Hold the interpreter lock and one core for `seconds`, in either world."""
    if charged(seconds):
        return
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
