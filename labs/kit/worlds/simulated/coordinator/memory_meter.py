"""The memory use of a simulated host at moments when the host waits: the same to the byte in each repeated run.

(Two exceptions, of some hundred bytes. If code starts and ends threads of its own, a single reading may differ. Readings may
also differ between two folders: the length of the folder's name shifts the addresses of objects, their hashes are their
addresses, and so a set of objects, such as an HTTP client's set of connections, grows its table earlier or later.)

The system's figures of a process do not repeat: pages are copied when they are first written to, and memory areas grow in
steps that depend on addresses, which are random. The memory that the code has allocated and not yet freed does repeat, and
CPython counts it (tracemalloc). So a measured host writes this count into a file that it shares with the judge, each time
just before it waits for more time.

The count is kept in the process that runs the code under repair, which could falsify it, and it does not see shared memory.
So the judge also measures from outside: if the process holds much more than it counts (see `unseen`), the measured value is
used.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.kit.worlds.simulated.wire import ACCOUNT

UNSEEN, UNSEEN_PART = 8_000_000, 0.5
"""The tolerance in bytes, and as a part of the most that was counted: interpreters keep free lists, memory areas have holes,
pages are copied when first written to, and the count itself takes memory. Measured between the count and the figure of the
system: in lab02 and lab08 1.1 MB in right repairs, 3.7 in broken code; in lab09 15.3 beside 18 counted, 17.9 beside 49."""
PEAK_BYTES = 1_000_000
"""A peak is reported in whole megabytes: between two readings, cached names depend on addresses (see `keep_account`)."""
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
        self._usage, self._grown, self._topped = 0, 0, 0

    def start(self, pid: int) -> None:
        """Take the present memory as the zero."""
        self.pid = pid
        self._usage, _ = self._account()
        self._grown, self._topped = _seen(pid), _top(pid)

    def read(self) -> Reading:
        """The present memory and the peak: the host's own count, or the system's figure where that is much larger."""
        usage, peak = (max(counted - self._usage, 0) for counted in self._account())
        seen, top = _seen(self.pid) - self._grown, _top(self.pid) - self._topped
        told = max(usage, peak)
        most = top if top > told + unseen(told) else round(told / PEAK_BYTES) * PEAK_BYTES
        if seen > usage + unseen(told):
            return Reading(seen, max(seen, most))
        return Reading(usage, most)

    def close(self) -> None:
        """Close the shared file; it has no name, so nothing is left of it."""
        self.shared.close()

    def _account(self) -> tuple[int, int]:
        data = os.pread(self.shared.fileno(), ACCOUNT.size, 0)
        usage, peak = ACCOUNT.unpack(data) if len(data) == ACCOUNT.size else (0, 0)
        return usage, peak


def unseen(counted: int) -> float:
    """So many bytes may a process hold beside what it counts, if it has counted this much at its peak."""
    return UNSEEN + UNSEEN_PART * counted


def _seen(pid: int) -> int:
    """The memory of its own that a process has in use, with shared memory that it mapped and what was swapped out."""
    return _status(pid, "RssAnon:", "RssShmem:", "VmSwap:")


def _top(pid: int) -> int:
    """The most memory that a process ever had in use."""
    return _status(pid, "VmHWM:")


def _status(pid: int, *names: str) -> int:
    """The sum of some fields of /proc/PID/status (proc(5)), in bytes; 0 if unknown."""
    if sys.platform != "linux":
        return 0
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # the process is gone; the run ends with that reason
        return 0
    return KIB * sum(int(words[1]) for line in lines if (words := line.split())[:1] and words[0] in names)
