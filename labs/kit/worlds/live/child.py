"""What all processes of a live run share: a line to the parent, and an end when the parent is gone."""

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
    kills it even if it cannot look, unless `tidies_up`: then it has work to do after its parent's end.
    """

    def __init__(self, tidies_up: bool = False) -> None:
        self._out = os.dup(1)
        self._lock = threading.Lock()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)  # what a library prints must not end up between the lines
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
        """In a forked child of this process: hold neither line, or the parent would not see this process end."""
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, self._out)
        os.dup2(null, self._in.fileno())
        os.close(null)
        self._lock = threading.Lock()  # another thread may have held it at the moment of the fork

    def tell(self, **message: Any) -> None:
        """Send one line. A parent that is gone ends this process elsewhere, so nothing is raised here."""
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
        """From now on call `order(message)` on the loop for each line; after the last, `gone()`, and end this process."""

        def listen() -> None:
            for line in self._in:
                loop.call_soon_threadsafe(order, json.loads(line))
            gone()
            kill_group()

        threading.Thread(target=listen, name="parent", daemon=True).start()


def kill_group() -> None:
    """End this process and all that it started and that stayed in its group. Does not return."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def die_with_parent() -> None:
    """Linux ends this process with its parent, even where its own threads are stuck in C code; elsewhere the pipe does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """On Linux, processes whose parent ended become children of this one, so that it can end them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def raise_descriptor_limit() -> None:
    """Let this process have as many open connections as it may: a shell's usual 1,024 is fewer than a stall piles up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some numbers that it has just named
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536) if most >= 0 else 10_240, most))


class RunClock:
    """Time of the run in integer ns: 0 at the start that the runner announces, a moment of the system's monotonic clock."""

    def __init__(self) -> None:
        self.start_ns: int | None = None

    def now(self) -> int:
        """Now; far below 0 while no start is announced."""
        return time.monotonic_ns() - self.start_ns if self.start_ns is not None else -(10**15)

    def loop_time(self, at: int) -> float:
        """A time of the run as the event loop counts time."""
        assert self.start_ns is not None
        return (self.start_ns + at) / NS
