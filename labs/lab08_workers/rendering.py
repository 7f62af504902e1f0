"""How an invoice is rendered: the font and the page. Given to the repair; not part of it.

Both compute in plain Python, with the interpreter lock held. How long is set by the lab, and live it is stood in for: the
lock is held for as long, and one of the lab's two cores with it, but no core of the machine is heated, so that the numbers
are alike on every machine.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import threading
import time
from collections.abc import Sequence

from labs.kit import work

HEIGHT_S = 0.002
"""What it takes to measure one line."""
PRINT_S = 0.003
"""What it takes to print one line."""
BUFFER_BYTES = 8_000_000
"""What a page takes in memory while it is being made."""
ROW_MM, ROW_LETTERS = 6, 32
SLICE_S = 0.005
"""Simulated computing is charged in pieces of this length, the interpreter's own: to charge each call would cost as much."""
MOST_AHEAD_S = 0.05
"""Live, each sleep ends late, and 40 of them make an invoice: what was too long is taken off the next ones. Without that two
cores made 17 invoices a second in place of 20."""
CORES = 2
"""What the shop's container may use."""
CORES_AT = "BREAKFIX_LAB08_CORES"
"""Names the folder in which a live run's processes find the cores that they share; the shop sets it."""
_owed = threading.local()


def height(line: str) -> int:
    """How many millimetres of paper a line of the invoice takes: the font has to be asked. Computes for 2 ms."""
    _compute(HEIGHT_S)
    return _height(line)


class Page:
    """The invoice of one order, line by line. Holds 8 MB from `with` until its end.

    with Page("order-1") as page:
        page.print("2 x tea", top=0)
    """

    def __init__(self, order: str) -> None:
        self.order = order
        self._lines: list[tuple[str, int]] = []
        self._buffer = b""

    def __enter__(self) -> Page:
        self._buffer = bytes(BUFFER_BYTES)
        return self

    def __exit__(self, *error: object) -> None:
        self._buffer = b""
        _compute(0.0, at_least=0.0)

    def print(self, line: str, top: int) -> None:
        """Put a line onto the page, `top` mm below the first one. Computes for 3 ms. Raises RuntimeError outside `with`."""
        if not self._buffer:
            raise RuntimeError(f"the page of {self.order} is closed; print inside `with Page(...) as page:`")
        _compute(PRINT_S)
        self._lines.append((line, top))

    @property
    def text(self) -> str:
        """The invoice, as the partner takes it."""
        return _text(self.order, self._lines)


def invoice(order: str, lines: Sequence[str]) -> str:
    """What the invoice of an order must be, in no time: for those who check it."""
    top, placed = 0, []
    for line in lines:
        placed.append((line, top))
        top += _height(line)
    return _text(order, placed)


def least_s(lines: int) -> float:
    """Seconds of computing that an invoice of so many lines takes at least: each line measured once and printed once."""
    return lines * (HEIGHT_S + PRINT_S)


def _height(line: str) -> int:
    return ROW_MM * (1 + len(line) // ROW_LETTERS)


def _text(order: str, placed: Sequence[tuple[str, int]]) -> str:
    return "\n".join([f"Invoice of {order}", *(f"{top:5} mm  {line}" for line, top in placed)])


def _compute(seconds: float, at_least: float = SLICE_S) -> None:
    """Compute so long: live at once; simulated when this thread owes `at_least` seconds."""
    owed = getattr(_owed, "seconds", 0.0) + seconds
    if work.simulated():
        if owed > at_least - 1e-9:
            work.charged(owed)
            owed = 0.0
    elif owed > 0:
        holding = ctypes.PyDLL(None)  # unlike CDLL it keeps the interpreter lock in calls, as who waits for a core does
        core = _a_core(holding)
        begun = time.perf_counter()
        holding.usleep(round(owed * 1_000_000))
        owed = max(owed - (time.perf_counter() - begun), -MOST_AHEAD_S)
        if core is not None:
            holding.flock(core.descriptor, fcntl.LOCK_UN)
    _owed.seconds = owed


class Core:
    """One of the cores of a live run, as one thread sees it: a file to lock. Closed with its last user."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __del__(self) -> None:
        os.close(self.descriptor)


def _a_core(holding: ctypes.PyDLL) -> Core | None:
    """Live: wait for one of the cores that all processes of the run share. Returns what to unlock; None outside of a run.

    A core is a lock on a file, so it comes back also from a process that is killed.
    """
    folder = os.environ.get(CORES_AT)
    if folder is None:
        return None
    cores = _cores(folder)
    for core in cores:
        if not holding.flock(core.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return core
    mine = cores[threading.get_native_id() % CORES]
    holding.flock(mine.descriptor, fcntl.LOCK_EX)
    return mine


def _cores(folder: str) -> list[Core]:
    """This thread's own files, for a lock belongs to who opened the file; a forked process must not share its parent's.

    Opened once: each opening lets go of the interpreter lock, and whoever waits for that begins to wait anew.
    """
    opened_by, cores = getattr(_owed, "cores", (0, []))
    if opened_by != os.getpid():
        cores = [Core(f"{folder}/core-{number}") for number in range(CORES)]
        _owed.cores = os.getpid(), cores
    return cores
