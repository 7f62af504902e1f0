"""Pins each run to one core: the judge and its hosts take turns, so a second core would only be woken for each turn.

Measured on two cores: a run is a quarter faster if all of its processes stay on one. Linux only; elsewhere, and if every
core already has a run, the system chooses the cores.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CAN_PIN = sys.platform == "linux"
CLAIM = "\0breakfix core "
"""The name of the socket that claims a core. A leading zero byte means no file: the name is free after close()."""


@contextmanager
def one_core() -> Iterator[None]:
    """Keep the calling thread on a core that no other run on this machine has claimed, if there is one."""
    if not CAN_PIN:
        yield
        return
    allowed = os.sched_getaffinity(0)
    with socket.socket(socket.AF_UNIX) as claim:
        _run_on(0, _claimed(claim, allowed))
        try:
            yield
        finally:
            _run_on(0, allowed)


def _claimed(claim: socket.socket, allowed: set[int]) -> set[int]:
    """A core that no other run has claimed; all cores if there is none."""
    for core in sorted(allowed):
        with suppress(OSError):
            claim.bind(f"{CLAIM}{core}")
            return {core}
    return allowed


def join(pid: int) -> None:
    """Pin a host to the calling thread's cores; its parent may have been started on others."""
    if CAN_PIN:
        _run_on(pid, os.sched_getaffinity(0))


def _run_on(pid: int, cores: set[int]) -> None:
    with suppress(OSError):  # the host has ended, or a container forbids it: a run on all cores is slower, not wrong
        os.sched_setaffinity(pid, cores)
