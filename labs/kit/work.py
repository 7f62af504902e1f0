"""CPU work, said aloud: `cpu(seconds)` computes for that long, in either world."""

from __future__ import annotations

import time

from labs.kit.simulated import kernel
from labs.kit.simulated.wire import NS


def cpu(seconds: float) -> None:
    """Hold the interpreter lock and one core for `seconds`: burned live, charged in the simulated world."""
    if kernel.active is not None:
        kernel.active.cpu(round(seconds * NS))
        return
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
