"""The locks and threads of a simulated host; the unmodified `threading`, `queue` and executors use them."""

from __future__ import annotations

import _thread
import functools
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host.kernel import Kernel, SimThread, start_real_thread
from labs.kit.worlds.simulated.wire import NEVER

START_NS = 70_000
"""The time that starting a thread takes, measured as the price of a process was (see process_pool.py): 0.07 ms, and 0.10
while the machine was busy. Joining one that has ended took less than 0.01 ms, and is free."""


def install(kernel: Kernel) -> None:
    """Replace locks and thread starts. Must run before anything that creates a lock is imported."""

    class SimLock:
        """A lock whose waiters sleep in virtual time. A release passes it directly to the first waiter."""

        __slots__ = ("__weakref__", "_locked", "_waiters")

        def __init__(self) -> None:
            self._locked = False
            self._waiters: deque[SimThread] | None = None

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            if not blocking and timeout != -1:
                raise ValueError("can't specify a timeout for a non-blocking call")
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
            return True  # handed over at the moment of the timeout

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
        kernel.cpu(START_NS)
        return kernel.start_thread(function, args, kwargs or {})

    threads: Any = threading
    low: Any = _thread
    low.allocate_lock = low.allocate = SimLock
    low.start_new_thread = low.start_new = start_new_thread
    low.get_ident = low.get_native_id = lambda: kernel.current.number
    threads.Lock = threads._allocate_lock = SimLock
    threads._CRLock = None  # RLock then is the Python one, over our Lock
    low.RLock = functools.RLock = threads._PyRLock  # type: ignore[attr-defined]  # cached_property holds one over calls
    threads._start_new_thread = start_new_thread
    threads.get_ident = threads.get_native_id = low.get_ident
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined,misc]  # the C one has a lock of its own
    _know_the_main_thread(threads)
    if hasattr(threads, "_start_joinable_thread"):
        _join_by_handle(kernel)
    else:
        _join_by_event()


def _know_the_main_thread(threads: Any) -> None:
    """Register the main thread under a fixed ident: threading has its real one, which changes from run to run."""
    main = threads.main_thread()
    del threads._active[main._ident]
    main._set_ident()
    main._set_native_id()
    threads._active[main._ident] = main


def _join_by_event() -> None:
    """Python 3.11 and 3.12: Thread.join waits for a lock that the interpreter releases; wait for an Event instead."""
    thread: Any = threading.Thread
    bootstrap = thread._bootstrap

    def signalling_bootstrap(self: Any) -> None:
        done = self.__dict__.setdefault("_done", threading.Event())
        try:
            bootstrap(self)
        finally:
            done.set()

    def join(self: Any, timeout: float | None = None) -> None:
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        if not self._started.is_set():
            raise RuntimeError("cannot join thread before it is started")
        if self is threading.current_thread():
            raise RuntimeError("cannot join current thread")
        self.__dict__.setdefault("_done", threading.Event()).wait(timeout if timeout is None else max(timeout, 0))

    def is_alive(self: Any) -> bool:
        if not self._initialized:
            raise RuntimeError("Thread.__init__() not called")
        done = self.__dict__.get("_done")
        return bool(self._started.is_set() and not (done is not None and done.is_set()))

    thread._bootstrap, thread.join, thread.is_alive = signalling_bootstrap, join, is_alive


def _join_by_handle(kernel: Kernel) -> None:
    """Python 3.13 and later: Thread starts through a handle, and joins it; replace the handle."""
    threads: Any = threading

    class Handle:
        """Stands for one simulated thread, as _thread._ThreadHandle for a real one."""

        def __init__(self, ident: int = 0) -> None:
            self.ident = ident
            self.done = threading.Event()

        def join(self, timeout: float | None = None) -> None:
            self.done.wait(timeout)

        def is_done(self) -> bool:
            return self.done.is_set()

        def _set_done(self) -> None:
            self.done.set()

    def start_joinable_thread(function: Callable[[], Any], handle: Any = None, daemon: bool = True) -> Any:
        handle = handle or Handle()

        def run() -> None:
            try:
                function()
            finally:
                handle.done.set()

        if kernel.live:
            kernel.cpu(START_NS)
            handle.ident = kernel.start_thread(run, (), {})
        else:
            handle.ident = start_real_thread(run, ())
        return handle

    threads._ThreadHandle = threads._make_thread_handle = Handle
    threads.main_thread()._handle = Handle(threads.main_thread().ident)
    threads._start_joinable_thread = start_joinable_thread
