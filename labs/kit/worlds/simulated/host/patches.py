"""Replaces time, randomness and everything else that a simulated host must not take from the machine.

`install_early` runs before the import of asyncio, aiohttp and any module that keeps a reference to a clock or a lock;
`install_late` runs after these imports, and replaces the parts that need those modules.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
import time
from typing import Any, cast

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host import kernel as kernel_module
from labs.kit.worlds.simulated.host import readiness, socket_module, threads
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.host.unsupported import ABSENT_MODULES
from labs.kit.worlds.simulated.wire import EPOCH_S

PID, PARENT = 1000, 1
"""The process id that every host sees as its own, and that of its parent."""
LONGEST_NS = 1 << 63


def install_early() -> tuple[Kernel, Network]:
    """Make this process a simulated host. This cannot be undone."""
    kernel = kernel_module.active = Kernel()
    _clocks(kernel)
    _dates(kernel)
    threads.install(kernel)
    net = socket_module.install(kernel)
    readiness.install(kernel, net)
    _machine(kernel)
    _randomness()
    seed_randomness("zygote")  # random values drawn during imports are the same in every zygote
    for name in ABSENT_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    return kernel, net


def _machine(kernel: Kernel) -> None:
    """Show the lab's number of cores, never the machine's, and one process id in all hosts."""
    system: Any = os
    system.cpu_count = system.process_cpu_count = lambda: kernel.cores
    if hasattr(os, "sched_getaffinity"):
        system.sched_getaffinity = lambda pid=0: set(range(kernel.cores))
    system.getpid, system.getppid = lambda: PID, lambda: PARENT
    system.times = lambda: os.times_result((kernel.cpu_ns / NS, 0.0, 0.0, 0.0, kernel.now / NS))


class _Clock:
    """The functions of the time module, as bound methods: as an attribute of a class, a plain function would become a method
    of that class: logging.Formatter.converter is time.localtime."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.real = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")}
        clocks = {name: getattr(time, name) for name in dir(time) if name.startswith("CLOCK_")}
        self.by_number = {number: self.monotonic_ns for number in clocks.values()}
        named = {"REALTIME": self.time_ns, "PROCESS_CPUTIME_ID": self.cpu_ns, "THREAD_CPUTIME_ID": self.cpu_ns}
        self.by_number |= {clocks.get(f"CLOCK_{name}", -1): clock for name, clock in named.items()}

    def monotonic_ns(self) -> int:
        self.kernel.spin()
        return self.kernel.now + self.kernel.up_ns

    def monotonic(self) -> float:
        self.kernel.spin()
        return (self.kernel.now + self.kernel.up_ns) / NS

    def time_ns(self) -> int:
        self.kernel.spin()
        return self.kernel.now + EPOCH_S * NS

    def time(self) -> float:
        self.kernel.spin()
        return (self.kernel.now + EPOCH_S * NS) / NS

    def cpu_ns(self) -> int:
        return self.kernel.cpu_ns

    def cpu(self) -> float:
        return self.kernel.cpu_ns / NS

    def clock_gettime_ns(self, number: int) -> int:
        return self.by_number[number]()

    def clock_gettime(self, number: int) -> float:
        return self.by_number[number]() / NS

    def sleep(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        ns = round(seconds * NS)
        if ns >= LONGEST_NS:
            raise OverflowError("timestamp too large to convert to C _PyTime_t")
        self.kernel.sleep(ns)

    def localtime(self, seconds: float | None = None) -> Any:
        return self.real["localtime"](self.time() if seconds is None else seconds)

    def gmtime(self, seconds: float | None = None) -> Any:
        return self.real["gmtime"](self.time() if seconds is None else seconds)

    def ctime(self, seconds: float | None = None) -> Any:
        return self.real["ctime"](self.time() if seconds is None else seconds)

    def asctime(self, at: Any = None) -> Any:
        return self.real["asctime"](self.localtime() if at is None else at)

    def strftime(self, form: str, at: Any = None) -> Any:
        return self.real["strftime"](form, self.localtime() if at is None else at)


def _clocks(kernel: Kernel) -> None:
    clock, module = _Clock(kernel), cast(Any, time)
    module.monotonic = module.perf_counter = clock.monotonic
    module.monotonic_ns = module.perf_counter_ns = clock.monotonic_ns
    module.process_time = module.thread_time = clock.cpu
    module.process_time_ns = module.thread_time_ns = clock.cpu_ns
    for name in ("time", "time_ns", "sleep", "clock_gettime", "clock_gettime_ns", *clock.real):
        setattr(module, name, getattr(clock, name))
    os.environ["TZ"] = "UTC"
    time.tzset()
    threading._time = clock.monotonic  # type: ignore[attr-defined]  # threading and queue took their references at import
    queue.time = clock.monotonic  # type: ignore[attr-defined]


def _dates(kernel: Kernel) -> None:
    import datetime

    real: Any = datetime.datetime
    stands_for_it: Any = _stands_for(real)

    class VirtualDatetime(real, metaclass=stands_for_it):  # type: ignore[misc,metaclass]  # no class to mypy
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(EPOCH_S + kernel.now // 1000 / 1e6, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    VirtualDatetime.__name__ = VirtualDatetime.__qualname__ = "datetime"
    VirtualDatetime.__module__ = "datetime"  # so that a date can be pickled
    datetime.datetime = VirtualDatetime  # type: ignore[misc]


def _stands_for(real: type) -> type:
    """The metaclass of a class that replaces `real`: each instance of `real` counts as an instance of it."""

    class StandIn(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real) if cls.__base__ is real else type.__instancecheck__(cls, value)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, real) if cls.__base__ is real else type.__subclasscheck__(cls, other)

    return StandIn


def install_late(kernel: Kernel) -> None:
    """After the imports: replace parts of asyncio and uuid, and set the meter of declared work."""
    _tasks_hash_by_age()
    import uuid

    from labs.kit.service import work

    work.meter = lambda ns, holds_interpreter: kernel.cpu(ns, holds_interpreter=holds_interpreter, declared=True)

    module: Any = uuid
    module._generate_time_safe = module._UuidCreate = None  # uuid1 would read this machine's clock and address
    module.getnode = lambda: 0x020000000001


def _tasks_hash_by_age() -> None:
    """Hash tasks by age: the hash orders sets of tasks, and by default it is an address, which changes from run to run."""
    import asyncio
    import concurrent.futures
    import itertools

    ages = itertools.count(1)

    def hash_by_age(self: Any) -> int:
        try:
            age: int = self._age
        except AttributeError:  # an age is assigned at its first use: most futures never need one
            self._age = age = next(ages)
        return age

    aio: Any = asyncio
    c_future, c_task = aio.futures.Future, aio.tasks.Task

    stands_for_it: Any = _stands_for(c_future)  # a task is a future too

    class Future(c_future, metaclass=stands_for_it):  # type: ignore[misc,valid-type,metaclass]  # as above
        __hash__ = hash_by_age

    class Task(c_task):  # type: ignore[misc,valid-type]  # as above
        __hash__ = hash_by_age

    for made, module in ((Future, aio.futures), (Task, aio.tasks)):
        made.__qualname__, made.__module__ = made.__name__, "asyncio"
        setattr(aio, made.__name__, made)
        setattr(module, made.__name__, made)
    pool_future: Any = concurrent.futures.Future
    pool_future.__hash__ = hash_by_age


_source = random.Random()  # the only source of randomness in this host


def _randomness() -> None:
    """os.urandom, secrets, the random module and argument-less random.Random() draw from `_source`."""
    plain_seed = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        plain_seed(self, _source.getrandbits(64) if a is None else a, version)

    random.Random.seed = seed  # type: ignore[method-assign]  # on the class: some hold it under other names
    system: Any = os
    system.urandom = random._urandom = _source.randbytes  # type: ignore[attr-defined]  # SystemRandom, and so secrets
    system.getrandom = lambda size, flags=0: _source.randbytes(size)


def seed_randomness(seed: str) -> None:
    """Seed all randomness of this host again."""
    _source.seed(seed)
    random.seed(_source.getrandbits(64))
