"""What can be seen of a live service from outside, without a word of its own."""

from __future__ import annotations

from pathlib import Path

import psutil

from labs.kit.model.names import CPU, MEMORY, MEMORY_PEAK


def readings(at: float, name: str, meter: psutil.Process) -> list[tuple[float, str, str, float]]:
    """What can be seen of a service from outside, it and its own children taken together: (time, signal, host, value)."""
    try:
        held = float(sum(p.memory_info().rss for p in (meter, *meter.children(recursive=True))))
        if not held:  # it was killed, and nobody has asked after it yet
            return []
        return [
            (at, MEMORY, name, held),
            *((at, MEMORY_PEAK, name, most) for most in highest(meter.pid)),
            (at, "process.unix.file_descriptor.count", name, float(meter.num_fds())),
            (at, "process.thread.count", name, float(meter.num_threads())),
            (at, CPU, name, meter.cpu_percent() / 100),
        ]
    except psutil.Error:  # it has just ended: the runner learns why from the process itself
        return []


def highest(pid: int) -> list[float]:
    """The most memory that a process was ever seen to hold, in bytes; empty where the system does not tell that."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # no Linux, or it has just ended
        return []
    return [1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
