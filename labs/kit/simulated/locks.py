"""Locks and threads of the simulated host: stock `threading`, `queue` and executors stand on these."""

from __future__ import annotations

import _thread
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from labs.kit.simulated.kernel import Kernel, SimThread, start_real_thread
from labs.kit.simulated.wire import NEVER, NS


def install(kernel: Kernel) -> None:
    """Replace locks and thread starts. Must run before anything that creates a lock is imported."""

    class SimLock:
        """A lock whose waiters sleep in virtual time; released by direct hand-off, first come first served."""

        __slots__ = ("__weakref__", "_locked", "_waiters")

        def __init__(self) -> None:
            self._locked = False
            self._waiters: deque[SimThread] | None = None

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            if not self._locked:
                self._locked = True
                return True
            if not blocking or timeout == 0:
                return False
            if timeout < 0 and timeout != -1:
                raise ValueError("timeout value must be a non-negative number")
            if self._waiters is None:
                self._waiters = deque()
            me = kernel.current
            self._waiters.append(me)
            if kernel.park(NEVER if timeout == -1 else kernel.now + round(timeout * NS)):
                return True  # handed over: it stayed locked
            if me in self._waiters:
                self._waiters.remove(me)
                return False
            return True  # handed over at the very moment the time ran out

        def release(self) -> None:
            if not self._locked:
                raise RuntimeError("release unlocked lock")
            if self._waiters:
                kernel.wake(self._waiters.popleft())
            else:
                self._locked = False

        def locked(self) -> bool:
            return self._locked

        __enter__ = acquire

        def __exit__(self, *exc: object) -> None:
            self.release()

        acquire_lock, release_lock, locked_lock = acquire, release, locked

        def _at_fork_reinit(self) -> None:
            self._locked, self._waiters = False, None

    def start_new_thread(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> int:
        if not kernel.live:
            return start_real_thread(function, args, kwargs or {})
        return kernel.start_thread(function, args, kwargs or {})

    _thread.allocate_lock = _thread.allocate = SimLock  # type: ignore[assignment]  # the point of this module
    _thread.start_new_thread = start_new_thread  # type: ignore[assignment]
    threading.Lock = threading._allocate_lock = SimLock  # type: ignore[attr-defined,misc,assignment]
    threading._CRLock = None  # type: ignore[attr-defined]  # RLock then is the Python one, over our Lock
    threading._start_new_thread = start_new_thread  # type: ignore[attr-defined]
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined,misc]  # the C one has a lock of its own
    _join_in_virtual_time()


def _join_in_virtual_time() -> None:
    """Thread.join waits for a lock that the interpreter itself releases; give it one that we can see."""
    bootstrap = threading.Thread._bootstrap  # type: ignore[attr-defined]

    def signalling_bootstrap(self: threading.Thread) -> None:
        done = self.__dict__.setdefault("_done", threading.Event())
        try:
            bootstrap(self)
        finally:
            done.set()

    def join(self: threading.Thread, timeout: float | None = None) -> None:
        if not self._started.is_set():  # type: ignore[attr-defined]
            raise RuntimeError("cannot join thread before it is started")
        if self is threading.current_thread():
            raise RuntimeError("cannot join current thread")
        self.__dict__.setdefault("_done", threading.Event()).wait(timeout)

    threading.Thread._bootstrap = signalling_bootstrap  # type: ignore[attr-defined]
    threading.Thread.join = join  # type: ignore[method-assign]
