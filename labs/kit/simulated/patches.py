"""Time, randomness and the rest of what a simulated host must not take from the machine.

`install_early` runs before asyncio, aiohttp or anything else that keeps a reference to a clock or a lock is imported;
`install_late` after, for what needs those modules.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
import time
from typing import Any

from labs.kit.simulated import kernel as kernel_module
from labs.kit.simulated import locks, selecting, sockets
from labs.kit.simulated.kernel import Kernel
from labs.kit.simulated.wire import EPOCH_S, MONOTONIC_S, NS


def install_early() -> tuple[Kernel, sockets.Network]:
    """Make this process a simulated host. There is no way back."""
    kernel = kernel_module.active = Kernel()
    _clocks(kernel)
    locks.install(kernel)
    net = sockets.install(kernel)
    selecting.install(kernel, net)
    os.cpu_count = lambda: kernel.cores  # the lab's cores, never the machine's
    if hasattr(os, "sched_getaffinity"):
        os.sched_getaffinity = lambda pid=0: set(range(kernel.cores))
    for name in ("uvloop", "aiodns"):  # they bring their own sockets; aiohttp does without when they are not there
        sys.modules[name] = None  # type: ignore[assignment]
    return kernel, net


def _clocks(kernel: Kernel) -> None:
    def monotonic_ns() -> int:
        kernel.spin()
        return kernel.now + MONOTONIC_S * NS

    def time_ns() -> int:
        kernel.spin()
        return kernel.now + EPOCH_S * NS

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        kernel.sleep(round(seconds * NS))

    def monotonic() -> float:
        return monotonic_ns() / NS

    def wall() -> float:
        return time_ns() / NS

    def cpu_seconds() -> float:
        return kernel.cpu_ns / NS

    module: Any = time
    module.monotonic = module.perf_counter = monotonic
    module.monotonic_ns = module.perf_counter_ns = monotonic_ns
    module.time, module.time_ns = wall, time_ns
    module.process_time = module.thread_time = cpu_seconds
    module.process_time_ns = module.thread_time_ns = lambda: kernel.cpu_ns
    module.sleep = sleep
    for name in ("localtime", "gmtime", "ctime"):
        _default_to_now(module, name, wall)
    real_strftime = time.strftime
    module.strftime = lambda form, at=None: real_strftime(form, time.localtime() if at is None else at)
    os.environ["TZ"] = "UTC"
    time.tzset()
    threading._time = monotonic  # type: ignore[attr-defined]  # threading and queue took their references at import
    queue.time = monotonic  # type: ignore[attr-defined]


def _default_to_now(module: Any, name: str, now: Any) -> None:
    real = getattr(module, name)
    setattr(module, name, lambda seconds=None: real(now() if seconds is None else seconds))


def install_late(kernel: Kernel) -> None:
    """After the imports: what stands on asyncio, datetime and uuid."""
    _tasks_hash_by_age()
    _dates(kernel)
    import uuid

    module: Any = uuid
    module._generate_time_safe = module._UuidCreate = None  # uuid1 would read this machine's clock and address
    module.getnode = lambda: 0x020000000001


def _tasks_hash_by_age() -> None:
    """Sets of tasks are iterated by hash. By default that is an address, which changes from run to run."""
    import asyncio
    import concurrent.futures
    import itertools

    ages = itertools.count(1)

    class Task(asyncio.tasks._CTask):  # type: ignore[name-defined,misc]  # the C task; asyncio.Task before this line
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._age = next(ages)
            super().__init__(*args, **kwargs)

        def __hash__(self) -> int:
            return self._age

    class Future(asyncio.Future):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._age = next(ages)
            super().__init__(*args, **kwargs)

        def __hash__(self) -> int:
            return self._age

    aio: Any = asyncio
    aio.Task = aio.tasks.Task = Task
    aio.Future = aio.futures.Future = Future
    pool_future: Any = concurrent.futures.Future
    plain_init = pool_future.__init__

    def init(self: Any) -> None:
        plain_init(self)
        self._age = next(ages)

    pool_future.__init__ = init
    pool_future.__hash__ = lambda self: self._age


def _dates(kernel: Kernel) -> None:
    import datetime

    real = datetime.datetime

    class Meta(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, real)

    class VirtualDatetime(real, metaclass=Meta):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.fromtimestamp(EPOCH_S + kernel.now // 1000 / 1e6, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real.fromtimestamp(EPOCH_S + kernel.now // 1000 / 1e6, datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    VirtualDatetime.__name__ = VirtualDatetime.__qualname__ = "datetime"
    datetime.datetime = VirtualDatetime  # type: ignore[misc]


def seed_randomness(seed: str) -> None:
    """All randomness of this host from one seed: os.urandom, the random module, argument-less random.Random()."""
    source = random.Random(seed)
    plain_seed = random.Random.seed

    def seed_from_source(self: random.Random, a: Any = None, version: int = 2) -> None:
        plain_seed(self, source.getrandbits(64) if a is None else a, version)

    class SeededRandom(random.Random):
        seed = seed_from_source

    SeededRandom.__name__ = SeededRandom.__qualname__ = "Random"
    os.urandom = source.randbytes
    random.seed(source.getrandbits(64))
    random.Random = SeededRandom  # type: ignore[misc]
