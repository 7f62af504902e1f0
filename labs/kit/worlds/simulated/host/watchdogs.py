"""A host's own watchdogs: unlike the judge's, they can name the line of the repair.

They run in the process that they watch, so a repair can disarm them; then the judge's watchdogs end the run, and say less.
"""

from __future__ import annotations

import ctypes
import gc
import heapq
import json
import os
import resource
import signal
import sys
import threading
from types import CoroutineType
from typing import Any, cast

from labs.kit.model.names import FIX_FILE, NS
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.host.kernel import Kernel, exit_process, get_ident
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.wire import LEAD_S

MEMORY = 2 << 30
"""The limit of a host's address space, on Linux; beyond it is a MemoryError. Other systems do not enforce the limit."""
SPARE_MEMORY = 256 << 20
"""The extra address space after the service has ended: enough to report the reason."""
THREAD_STACK = 1 << 20
_PR_SET_PDEATHSIG = 1

_set_timer, _set_handler = signal.setitimer, signal.signal


def stuck(kernel: Kernel, what: str, where: str = "") -> None:
    """Tell the judge that this host makes no progress, and end the run."""
    kernel.send(wire.STUCK, 0, f"{what}; see {where or kernel.where()}".encode())
    kernel.exchange(wire.NEVER)


def awaiting() -> str:
    """The innermost line of the repair at which a coroutine waits; "" if none does."""
    for thing in gc.get_objects():
        if not isinstance(thing, CoroutineType) or thing.cr_await is None or not _in_fix(thing.cr_frame):
            continue
        if not _in_fix(getattr(thing.cr_await, "cr_frame", None)):
            return f"{FIX_FILE}:{cast(Any, thing).cr_frame.f_lineno}"
    return ""


def _in_fix(frame: Any) -> bool:
    return frame is not None and frame.f_code.co_filename == FIX_FILE


def failed(error: str, line: int | None) -> bytes:
    """The payload of a FAILED message: the error, and its line of the repair."""
    return json.dumps({"error": error, "line": line}).encode()


def limit_memory() -> None:
    """Limit this process's memory, so that a leak ends the repair and not the machine."""
    threading.stack_size(THREAD_STACK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY + SPARE_MEMORY))


def die_with_parent() -> None:
    """Let the system end this process when the zygote ends, for any reason. Linux only; elsewhere the closed pipe does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def allow_last_words() -> None:
    """Allow the spare memory, for the last message."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY + SPARE_MEMORY, MEMORY + SPARE_MEMORY))


def expect_ready(kernel: Kernel, net: Network, port: int) -> None:
    """Check just before the load begins whether the service listens."""

    def look() -> None:
        if port not in net.listening:
            here = kernel.where()
            where = here if here.startswith(FIX_FILE) else awaiting() or here
            stuck(kernel, f"it is not ready {LEAD_S} s after its start", where)

    net.on_ready_check = look
    heapq.heappush(kernel.inbox, (LEAD_S * NS - 1, kernel.next_sequence(), wire.READY_CHECK, 0, b""))


def limit_cpu(kernel: Kernel, at_one_instant_s: float, in_all_s: float) -> None:
    """Report an endless loop that charges no virtual time. It counts CPU seconds, so a busy machine does not trip it."""
    last_now, since = -1, 0.0

    def look(signum: int, frame: Any) -> None:
        nonlocal last_now, since
        if kernel.waiting:
            return
        usage = resource.getrusage(resource.RUSAGE_SELF)  # the machine's own; every clock here is virtual
        used = usage.ru_utime + usage.ru_stime
        if kernel.now != last_now:
            last_now, since = kernel.now, used
        if used - since > at_one_instant_s:
            report(f"it computed for {used - since:.0f} s without giving way")
        elif used > in_all_s:
            report(f"it used {used:.0f} s of CPU in one run")

    def report(what: str) -> None:
        # No Kernel.exchange: this handler may interrupt anything. The judge takes one frame, then the process ends.
        text = f"{what}; see {kernel.where()}".encode()
        os.write(kernel.write_fd, wire.frame(wire.NEVER, [(wire.STUCK, max(kernel.now, kernel.floor), 0, text)]))
        exit_process(1)

    _set_handler(signal.SIGPROF, look)
    every = min(1.0, at_one_instant_s / 8)
    _set_timer(signal.ITIMER_PROF, every, every)


def report_exits(kernel: Kernel) -> None:
    """Report the line that calls os._exit, which would end this host without any message."""

    def _exit(status: int) -> None:
        line = kernel.where(get_ident()).rpartition(":")[2]
        kernel.send(wire.FAILED, 0, failed(f"a call of os._exit({status!r})", int(line) if line.isdigit() else None))
        kernel.exchange(wire.NEVER)

    system: Any = os
    system._exit = _exit
