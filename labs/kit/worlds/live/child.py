"""Code that all processes of a live run share: the connection to the parent, and the end after the parent's end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from labs.kit.model.names import NS

SERVICE = "labs.kit.worlds.live.service"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Parent:
    """The process that started this one: JSON lines to it on what was descriptor 1, JSON lines from it on 0.

    When descriptor 0 ends, the parent is gone, and this process kills its whole group, which it leads. On Linux the system
    kills the process even if it is blocked, unless `tidies_up` is set: then it has work to do after its parent's end.
    """

    def __init__(self, tidies_up: bool = False) -> None:
        self._out = os.dup(1)
        self._lock = threading.Lock()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)  # output of libraries must not mix with the lines
        os.close(null)
        self._in = os.fdopen(os.dup(0), "rb")
        silent = os.open(os.devnull, os.O_RDONLY)
        os.dup2(silent, 0)
        os.close(silent)
        if not tidies_up:
            die_with_parent()
        os.register_at_fork(after_in_child=self._let_go)
        self.spec: dict[str, Any] = json.loads(self._in.readline() or b"{}")
        if not self.spec:
            os._exit(0)

    def _let_go(self) -> None:
        """In a forked child: close both descriptors, or the parent would not see the end of this process."""
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, self._out)
        os.dup2(null, self._in.fileno())
        os.close(null)
        self._lock = threading.Lock()  # another thread may have held it at the moment of the fork

    def tell(self, **message: Any) -> None:
        """Send one line. Raises nothing if the parent is gone: other code then ends this process."""
        self.tell_raw(json.dumps(message).encode())

    def tell_raw(self, line: bytes) -> None:
        """Send one line that is JSON already."""
        data = memoryview(line + b"\n")
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._out, data) :]
            except OSError:
                return

    def obey(
        self,
        loop: asyncio.AbstractEventLoop,
        order: Callable[[dict[str, Any]], None],
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        """From now on call `order(message)` on the loop for each line; after the last line call `gone()` and exit."""

        def listen() -> None:
            for line in self._in:
                loop.call_soon_threadsafe(order, json.loads(line))
            gone()
            kill_group()

        threading.Thread(target=listen, name="parent", daemon=True).start()


def kill_group() -> None:
    """Kill this process and all processes of its group. Does not return."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def die_with_parent() -> None:
    """Let Linux end this process with its parent, even if all threads are blocked in C code; elsewhere the pipe does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """On Linux, make descendants whose parent has ended children of this process, so that it can end them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def raise_descriptor_limit() -> None:
    """Raise the limit of open files to its maximum: a stall needs more connections than a shell's usual 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some numbers that it reports itself
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536) if most >= 0 else 10_240, most))


class RunClock:
    """The time of the run in integer ns. The runner announces its zero, a time of the system's monotonic clock."""

    def __init__(self) -> None:
        self.start_ns: int | None = None

    def now(self) -> int:
        """The present time; far below 0 until the start is announced."""
        return time.monotonic_ns() - self.start_ns if self.start_ns is not None else -(10**15)

    def loop_time(self, at: int) -> float:
        """The event loop's time for a time of the run."""
        assert self.start_ns is not None
        return (self.start_ns + at) / NS
