"""ProcessPoolExecutor in a simulated host: each worker is a thread with an interpreter lock of its own.

So workers compute in parallel, as processes do, on the number of cores that the lab sets. Calls and results are pickled on
their way in and out, as between processes. Module globals are shared; live they would not be.
"""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import os
import pickle
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labs.kit.worlds.simulated.host.kernel import Interpreter, Kernel

_Job = tuple["concurrent.futures.Future[Any]", bytes]


def install(kernel: Kernel) -> None:
    """Replace concurrent.futures.ProcessPoolExecutor."""

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

        def __reduce__(self) -> Any:
            raise TypeError("cannot pickle 'ProcessPoolExecutor' object")  # otherwise the message would name this class

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
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
                worker.start()
            return future

        def _work(self) -> None:
            kernel.current.interpreter = Interpreter()
            initializer, initargs = self._start
            if initializer is not None:
                initializer(*initargs)
            while True:
                job = self._jobs.get()
                if job is None:
                    self._jobs.put(None)  # for the next worker
                    return
                self._do(*job)
                self._idle += 1

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

    futures: Any = concurrent.futures
    futures.ProcessPoolExecutor = futures.process.ProcessPoolExecutor = ProcessPoolExecutor
