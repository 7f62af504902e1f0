"""What psutil tells in a simulated host: of the virtual process, the same on every machine; the rest is refused by name.

psutil itself is the stock one. Below it, its class for this platform is replaced by ProcessFacts, which knows what the
kernel of this host keeps: its process id, its time, its threads and sockets, and the memory account where there is one.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host import unsupported
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.host.patches import PARENT, PID
from labs.kit.worlds.simulated.wire import EPOCH_S

PLAIN_BYTES = 64_000_000
"""The memory of a service that has only begun; all that is known where no account of it is kept."""
STEP_BYTES = 1_000_000
"""Memory is told in whole megabytes: to the byte, some names come and go by their addresses (see memory_account.py)."""
MACHINE_BYTES = 2 << 30
"""As much as a host may take, see `watchdogs.MEMORY`: the memory of its machine."""
STANDARD_STREAMS = 3


class Memory(NamedTuple):
    """What psutil's memory_info() and memory_full_info() have on every platform, in bytes."""

    rss: int
    vms: int
    uss: int


class CpuTimes(NamedTuple):
    """The answer to cpu_times(), in seconds of virtual time."""

    user: float
    system: float = 0.0
    children_user: float = 0.0
    children_system: float = 0.0


class MachineMemory(NamedTuple):
    """What psutil.virtual_memory() has on every platform: bytes, and the share used in percent."""

    total: int
    available: int
    percent: float
    used: int
    free: int


def rss() -> int:
    """Bytes that this process holds, in whole megabytes."""
    taken = tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else 0
    return PLAIN_BYTES + taken // STEP_BYTES * STEP_BYTES


def virtual_memory() -> MachineMemory:
    """The machine of this host holds nothing but this host."""
    used = rss()
    free = MACHINE_BYTES - used
    return MachineMemory(MACHINE_BYTES, free, round(100 * used / MACHINE_BYTES, 1), used, free)


def facts_of(kernel: Kernel, net: Network, no_such_process: type[Exception]) -> type:
    """The class that stands below psutil.Process."""

    class ProcessFacts:
        """One process, of which there is one. What it has no method for is refused."""

        def __init__(self, pid: int) -> None:
            if pid != PID:
                raise no_such_process(pid)

        def __getattr__(self, name: str) -> Callable[..., Any]:
            if name.startswith("_"):
                raise AttributeError(name)
            return unsupported.refused(f"psutil.Process.{name.removesuffix('_get')}")

        def oneshot_enter(self) -> None:
            """Nothing here is worth keeping."""

        oneshot_exit = oneshot_enter

        def create_time(self, monotonic: bool = False) -> float:
            return EPOCH_S + kernel.born / NS

        def name(self) -> str:
            return "python"

        def cmdline(self) -> list[str]:
            return ["python"]

        def ppid(self) -> int:
            return PARENT

        def status(self) -> str:
            return "running"

        def cpu_times(self) -> CpuTimes:
            return CpuTimes(kernel.cpu_ns / NS)

        def cpu_affinity_get(self) -> list[int]:
            return list(range(kernel.cores))

        def memory_info(self) -> Memory:
            return Memory(rss(), rss(), rss())

        memory_full_info = memory_info

        def num_threads(self) -> int:
            return sum(thread.interpreter is kernel.main for thread in kernel.threads.values())

        def num_fds(self) -> int:
            return STANDARD_STREAMS + len(net.by_descriptor)

        def open_files(self) -> list[Any]:
            return []

    return ProcessFacts


def install(kernel: Kernel, net: Network) -> None:
    """Have psutil tell of this host. Nothing to do where it is not installed."""
    try:
        import psutil
    except ImportError:
        return
    module: Any = psutil
    told = {
        "cpu_count": lambda logical=True: os.cpu_count(),
        "virtual_memory": virtual_memory,
        "pid_exists": lambda pid: pid == PID,
    }
    for name in psutil.__all__:
        if callable(value := getattr(psutil, name)) and not isinstance(value, type):
            setattr(module, name, told.get(name) or unsupported.refused(f"psutil.{name}"))
    module._psplatform.Process = facts_of(kernel, net, psutil.NoSuchProcess)
    module._ppid_map = lambda: {PID: PARENT}
    module._TOTAL_PHYMEM = MACHINE_BYTES
