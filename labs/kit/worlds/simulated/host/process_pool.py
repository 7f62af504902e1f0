"""Processes that work for a simulated host, of a ProcessPoolExecutor or multiprocessing.Process.

Each is a thread with an interpreter lock of its own. So workers compute in parallel, as processes do, on the number of cores
that the lab sets. Calls and results are pickled on their way in and out, as between processes. Module globals are shared;
live they would not be.

A process has its price: whoever starts one forks, and holds the interpreter lock meanwhile; whoever joins one waits until
it has closed down.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import itertools
import multiprocessing.context
import multiprocessing.process
import os
import pickle
import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from labs.kit.worlds.simulated.host import unsupported
from labs.kit.worlds.simulated.host.kernel import Interpreter, Kernel
from labs.kit.worlds.simulated.host.patches import PID

START_NS, JOIN_NS = 10_000_000, 4_000_000
"""The time that starting and joining one process takes. Measured with CPython 3.11 on two cores, in a process as large as a
service (50 MB): making a pool of one and submitting its first call took 10 ms, shutting it down 4 ms; while the machine was
busy, 16 to 21 and 8 to 13. multiprocessing.Process is started in less and joined in more; the sum is the same."""

_Job = tuple["concurrent.futures.Future[Any]", bytes]
BROKEN = "A process in the process pool was terminated abruptly while the future was running or pending."


def install(kernel: Kernel) -> None:
    """Replace concurrent.futures.ProcessPoolExecutor, and what stands below multiprocessing.Process."""

    class ProcessPoolExecutor(concurrent.futures.Executor):
        """The interface of the original class. `mp_context` and `max_tasks_per_child` are accepted and have no effect."""

        def __init__(
            self,
            max_workers: int | None = None,
            mp_context: Any = None,
            initializer: Callable[..., object] | None = None,
            initargs: tuple[Any, ...] = (),
            *,
            max_tasks_per_child: int | None = None,
        ) -> None:
            if max_workers is not None and max_workers <= 0:
                raise ValueError("max_workers must be greater than 0")
            self._size = max_workers or os.cpu_count() or 1
            self._start = (initializer, initargs)
            self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
            self._workers: list[threading.Thread] = []
            self._idle = 0
            self._is_shut = False
            self._is_broken = False

        def __reduce__(self) -> Any:
            raise TypeError("cannot pickle 'ProcessPoolExecutor' object")  # otherwise the message would name this class

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
            if self._is_broken:
                raise BrokenProcessPool(BROKEN)
            if self._is_shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            future: concurrent.futures.Future[Any] = concurrent.futures.Future()
            try:
                job = pickle.dumps((fn, args, kwargs))
            except Exception as error:  # noqa: BLE001 - a call that cannot be pickled fails its future, as live
                future.set_exception(error)
                return future
            self._jobs.put((future, job))
            if self._idle:
                self._idle -= 1
            elif len(self._workers) < self._size:
                worker = threading.Thread(target=self._work, name=f"process-{len(self._workers)}", daemon=True)
                self._workers.append(worker)
                kernel.cpu(START_NS)
                worker.start()
            return future

        def _work(self) -> None:
            kernel.current.interpreter = Interpreter()
            initializer, initargs = self._start
            if initializer is not None:
                try:
                    initializer(*initargs)
                except BaseException as error:  # noqa: BLE001 - a pool breaks by whatever its initializer raises
                    _say(error)
                    self._break()
                    return
            while True:
                job = self._jobs.get()
                if job is None:
                    self._jobs.put(None)  # for the next worker
                    return
                self._do(*job)
                self._idle += 1

        def _break(self) -> None:
            """No job will be done any more; those that wait are told."""
            self._is_broken = True
            while not self._jobs.empty():
                job = self._jobs.get_nowait()
                if job is not None and not job[0].cancelled():
                    job[0].set_exception(BrokenProcessPool(BROKEN))

        @staticmethod
        def _do(future: concurrent.futures.Future[Any], job: bytes) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                fn, args, kwargs = pickle.loads(job)  # noqa: S301 - made above, in this very process
                result = pickle.loads(pickle.dumps(fn(*args, **kwargs)))  # noqa: S301 - likewise
            except BaseException as error:  # noqa: BLE001 - a worker sends every error to its caller
                future.set_exception(error)
            else:
                future.set_result(result)

        def map(
            self, fn: Callable[..., Any], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
        ) -> Iterator[Any]:
            if chunksize < 1:
                raise ValueError("chunksize must be >= 1.")
            return super().map(fn, *iterables, timeout=timeout)

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            self._is_shut = True
            while cancel_futures and not self._jobs.empty():
                job = self._jobs.get_nowait()
                if job is not None:
                    job[0].cancel()
            self._jobs.put(None)
            if wait:
                for worker in self._workers:
                    worker.join()
                    kernel.cpu(JOIN_NS, holds_interpreter=False)
                self._workers.clear()

    futures: Any = concurrent.futures
    futures.ProcessPoolExecutor = futures.process.ProcessPoolExecutor = ProcessPoolExecutor
    _install_process(kernel)


def _say(error: BaseException) -> None:
    """What a process says when it ends by an error, from the call on that it was given."""
    beyond_this_file = error.__traceback__ and error.__traceback__.tb_next
    traceback.print_exception(error.with_traceback(beyond_this_file))


class _WorkerProcess:
    """Stands below one multiprocessing.Process, as its platform's Popen does live: what runs, and how it ended."""

    sentinel = -1  # no descriptor: nothing that a selector could watch
    pids = itertools.count(PID + 1)

    def __init__(self, kernel: Kernel, process: Any) -> None:
        self.pid = next(self.pids)
        self.returncode: int | None = None
        self._interpreter = Interpreter()
        self._kernel, self._name = kernel, process.name
        if type(process).run is not multiprocessing.process.BaseProcess.run:
            raise unsupported.refuse("multiprocessing.Process with a run() of its own")
        try:
            self._call = pickle.dumps((process._target, process._args, process._kwargs))
        except Exception:  # noqa: BLE001 - a process that is forked takes such things along; this one cannot
            raise unsupported.refuse("multiprocessing.Process with a target or arguments that cannot be pickled") from None
        self._is_joined = False
        kernel.cpu(START_NS)
        self._thread = threading.Thread(target=self._run, name=process.name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._kernel.current.interpreter = self._interpreter
        try:
            target, args, kwargs = pickle.loads(self._call)  # noqa: S301 - made above, in this very process
            if target is not None:
                target(*args, **kwargs)
            self.returncode = 0
        except SystemExit as ending:
            self.returncode = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        except BaseException as error:  # noqa: BLE001 - a process ends by whatever is raised in it
            _say(error)
            self.returncode = 1

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        self._thread.join(timeout)
        if self.returncode is not None and not self._is_joined:
            self._is_joined = True
            self._kernel.cpu(JOIN_NS, holds_interpreter=False)
        return self.returncode

    def close(self) -> None:
        """There is no descriptor to close."""


def _install_process(kernel: Kernel) -> None:
    """Every kind of multiprocessing.Process starts such a worker. Its own code above that is the stock one."""
    for name in ("Process", "ForkProcess", "SpawnProcess", "ForkServerProcess"):
        if kind := getattr(multiprocessing.context, name, None):
            kind._Popen = staticmethod(lambda process: _WorkerProcess(kernel, process))
