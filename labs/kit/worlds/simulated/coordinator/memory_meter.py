"""The memory use of a simulated host at moments when the host waits: the same to the byte in each repeated run.

(Two exceptions, of some hundred bytes. If code starts and ends threads of its own, a single reading may differ. Readings may
also differ between two folders: the length of the folder's name shifts the addresses of objects, their hashes are their
addresses, and so a set of objects, such as an HTTP client's set of connections, grows its table earlier or later.)

The system's figures of a process do not repeat: pages are copied when they are first written to, and memory areas grow in
steps that depend on addresses, which are random. The memory that the code has allocated and not yet freed does repeat, and
CPython counts it (tracemalloc). So a measured host writes this count into a file that it shares with the judge, each time
just before it waits for more time.

The count is kept in the process that runs the code under repair, which could falsify it. So the judge also measures from
outside: if the process has grown by much more than its count, the measured value is used (see `Meter`).
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.kit.worlds.simulated.wire import ACCOUNT

UNSEEN = 16_000_000
"""The tolerance in bytes, on top of half the host's count: interpreters keep free lists, memory areas have holes, and
tracemalloc's own tables need memory."""
PEAK_BYTES = 1_000_000
"""A peak is reported in whole megabytes: between two readings, cached names depend on addresses (see `keep_account`)."""
STACK = 1 << 20
"""A thread's stack, whose address space counts as memory in the measurement from outside: see `watchdogs.THREAD_STACK`."""
KIB = 1024


@dataclass(frozen=True)
class Reading:
    """The memory of a host now and at its peak, in bytes, both above its memory at the start of the run."""

    usage: int
    peak: int


class Meter:
    """In the judge: reads the memory of one host, from its own count and from its process as seen from outside."""

    def __init__(self) -> None:
        self.shared: Any = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the run lasts; see close()
        self.pid = 0
        self._usage, self._grown = 0, 0

    def start(self, pid: int) -> None:
        """Take the present memory as the zero."""
        self.pid = pid
        self._usage, _ = self._account()
        self._grown = _seen(pid)

    def read(self) -> Reading:
        """The present memory. The peak is the host's own, or the one seen from outside if that one is used."""
        usage, peak = (max(told - self._usage, 0) for told in self._account())
        seen = _seen(self.pid) - self._grown
        if seen > usage + usage // 2 + UNSEEN:
            return Reading(seen, max(seen, peak))
        return Reading(usage, round(max(usage, peak) / PEAK_BYTES) * PEAK_BYTES)

    def close(self) -> None:
        """Close the shared file; it has no name, so nothing is left of it."""
        self.shared.close()

    def _account(self) -> tuple[int, int]:
        data = os.pread(self.shared.fileno(), ACCOUNT.size, 0)
        usage, peak = ACCOUNT.unpack(data) if len(data) == ACCOUNT.size else (0, 0)
        return usage, peak


def _seen(pid: int) -> int:
    """The private memory that a process has requested from the system, without its threads' stacks; 0 if unknown."""
    if sys.platform != "linux":
        return 0
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # the process is gone; the run ends with that reason
        return 0
    found = {words[0]: int(words[1]) for line in lines if (words := line.split())[:1] in (["VmData:"], ["Threads:"])}
    return found.get("VmData:", 0) * KIB - found.get("Threads:", 0) * STACK
