"""One core for one run: the judge and its hosts take turns, so a second core would only have to be woken for each turn.

Measured on two cores: a run is a quarter faster when all of its processes stay on one. Linux only; elsewhere, and where
every core has its run already, the system places the processes as it likes.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CAN_PIN = sys.platform == "linux"


@contextmanager
def one_core() -> Iterator[None]:
    """Keep the calling thread on a core that no other run on this machine has claimed, if there is one."""
    if not CAN_PIN:
        yield
        return
    allowed = os.sched_getaffinity(0)
    with socket.socket(socket.AF_UNIX) as claim:
        core = _claimed(claim, allowed)
        if core is not None:
            os.sched_setaffinity(0, {core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, allowed)


def _claimed(claim: socket.socket, allowed: set[int]) -> int | None:
    """A free core. A name that starts with a zero byte belongs to one socket at a time, and is free when that is closed."""
    for core in sorted(allowed):
        with suppress(OSError):
            claim.bind(f"\0breakfix core {core}")
            return core
    return None


def join(pid: int) -> None:
    """Place a host where the calling thread may run; its parent may have been started elsewhere."""
    if CAN_PIN:
        with suppress(ProcessLookupError):
            os.sched_setaffinity(pid, os.sched_getaffinity(0))
