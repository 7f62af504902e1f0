"""What a simulated host holds in memory, at moments when it stands still: the same to the byte in each repeat.

(Two exceptions, of some hundred bytes. Where code starts and ends threads of its own, a single reading may differ. And from
one folder to another: the length of its name decides where objects lie, their addresses are their hashes, and a set of
objects, as an HTTP client keeps of its connections, grows its table earlier or later by where they fall in it.)

What the system can tell of a process does not repeat: pages are copied when they are first written to, areas grow in steps
that depend on addresses, and those are drawn anew each time. What the code has asked for and not yet freed does repeat, and
CPython keeps account of it (tracemalloc). So a measured host writes that account into a file that it shares with the judge,
each time just before it waits for more.

The account is kept in the process that runs the code under repair, which could falsify it. So the judge looks from outside
as well: where the process has grown by much more than it says, what is seen counts (see `Meter`).
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
"""By so many bytes, and by half of what it says, a host may have grown more than it says: interpreters keep free lists,
areas have holes, and tracemalloc's own tables take room."""
PEAK_BYTES = 1_000_000
"""A peak is told in whole megabytes: between two readings some names come and go by their addresses (see `keep_account`)."""
STACK = 1 << 20
"""Each thread has a stack, whose address space counts as memory from outside: see `watchdogs.THREAD_STACK`."""
KIB = 1024


@dataclass(frozen=True)
class Reading:
    """Bytes that a host holds, and the most it ever held, both on top of what it held when the run began."""

    usage: int
    peak: int


class Meter:
    """In the judge: reads the memory of one host, by its account and by what is seen of its process from outside."""

    def __init__(self) -> None:
        self.shared: Any = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the run lasts; see close()
        self.pid = 0
        self._usage, self._grown = 0, 0

    def start(self, pid: int) -> None:
        """Count from now on."""
        self.pid = pid
        self._usage, _ = self._account()
        self._grown = _seen(pid)

    def read(self) -> Reading:
        """What the host holds now. The most it held is what it says, or what is seen if that counts."""
        usage, peak = (max(told - self._usage, 0) for told in self._account())
        seen = _seen(self.pid) - self._grown
        if seen > usage + usage // 2 + UNSEEN:
            return Reading(seen, max(seen, peak))
        return Reading(usage, round(max(usage, peak) / PEAK_BYTES) * PEAK_BYTES)

    def close(self) -> None:
        """Let go of the shared file; it has no name, so nothing is left of it."""
        self.shared.close()

    def _account(self) -> tuple[int, int]:
        data = os.pread(self.shared.fileno(), ACCOUNT.size, 0)
        usage, peak = ACCOUNT.unpack(data) if len(data) == ACCOUNT.size else (0, 0)
        return usage, peak


def _seen(pid: int) -> int:
    """Private memory that a process has asked the system for, without its threads' stacks; 0 where that cannot be told."""
    if sys.platform != "linux":
        return 0
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # it is gone; the run ends for that, and says so
        return 0
    found = {words[0]: int(words[1]) for line in lines if (words := line.split())[:1] in (["VmData:"], ["Threads:"])}
    return found.get("VmData:", 0) * KIB - found.get("Threads:", 0) * STACK
