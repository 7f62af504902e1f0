"""Measures a live service from outside its process."""

from __future__ import annotations

from pathlib import Path

import psutil

from labs.kit.model.names import CPU, MEMORY, MEMORY_PEAK


def readings(at: float, name: str, meter: psutil.Process) -> list[tuple[float, str, str, float]]:
    """The readings of a service and its children together, as (time, signal, host, value)."""
    try:
        held = float(sum(p.memory_info().rss for p in (meter, *meter.children(recursive=True))))
        if not held:  # the process was killed, and nobody has waited for it yet
            return []
        return [
            (at, MEMORY, name, held),
            *((at, MEMORY_PEAK, name, most) for most in highest(meter.pid)),
            (at, "process.unix.file_descriptor.count", name, float(meter.num_fds())),
            (at, "process.thread.count", name, float(meter.num_threads())),
            (at, CPU, name, meter.cpu_percent() / 100),
        ]
    except psutil.Error:  # the process has just ended: the runner learns the reason from the process itself
        return []


def highest(pid: int) -> list[float]:
    """The peak of a process's memory, in bytes, in a list; empty if the system does not report it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # not Linux, or the process has just ended
        return []
    return [1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
