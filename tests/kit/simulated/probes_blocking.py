"""Probes of blocking calls, threads and CPU."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import time
from typing import Any

import aiohttp

from labs.kit.service.env import Env
from labs.kit.service.work import cpu
from labs.kit.worlds.simulated.host import cpu_ticks
from labs.kit.worlds.simulated.host import kernel as kernel_module
from tests.kit.simulated.probes import probe

SHARED = threading.local()


@probe("time.sleep on the event loop", 0.49, 0.493, returns=True)
async def _blocked_loop(env: Env) -> Any:
    async def call(session: aiohttp.ClientSession) -> float:
        begun = time.monotonic()
        async with session.get(env.urls["peer"] + "/?s=0.01") as response:
            await response.read()
        return time.monotonic() - begun

    async with aiohttp.ClientSession() as session:
        await call(session)
        quick = asyncio.ensure_future(call(session))
        await asyncio.sleep(0)
        time.sleep(0.48)  # noqa: ASYNC251 - that it blocks this host is what is tested
        return await quick >= 0.48


@probe("plain Python in the repair", 0.01, 0.0135)
async def _plain_python(env: Env) -> Any:
    kernel = kernel_module.active
    assert kernel is not None
    names: dict[str, Any] = {cpu_ticks.TICK: cpu_ticks.counter(kernel, 10**9, lambda: None)}
    exec(cpu_ticks.compile_with_ticks("def count(n):\n  for i in range(n):\n    n += i\n", "x"), names)
    names["count"](200_000)  # one statement a turn, 60 ns each: 12 ms
    return None


@probe("labs.kit.service.work.cpu", 0.6, 0.602, returns=True)
async def _compute(env: Env) -> Any:
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(asyncio.to_thread(cpu, 0.1) for _ in range(4)))  # one interpreter lock: 0.4 s
    cpu(0.1)
    begun = loop.time()
    busy = asyncio.ensure_future(asyncio.to_thread(cpu, 0.1))
    worst = 0.0
    while not busy.done():
        before = loop.time()
        await asyncio.sleep(0.001)
        worst = max(worst, loop.time() - before)
    # The loop lets the interpreter lock go twice a turn, when it asks for events, and waits 5 ms to have it back.
    return 0.004 < worst < 0.011 and 0.1 <= loop.time() - begun < 0.102


@probe("busy waiting on the clock", 0.1, 0.1001)
async def _busy_wait(env: Env) -> Any:
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        pass
    flag: list[bool] = []
    threading.Timer(0.05, flag.append, [True]).start()
    while not flag:
        time.time()


@probe("threading.Thread, Timer, local", 0.5, returns=["timer", "a", "b", True, False, "MainThread", False])
async def _threads(env: Env) -> Any:
    said: list[Any] = []
    SHARED.name = "loop"

    def work(name: str, seconds: float) -> None:
        SHARED.name = name
        time.sleep(seconds)
        said.append(SHARED.name)

    def all_of_it() -> None:
        timer = threading.Timer(0.1, said.append, ["timer"])
        both = [threading.Thread(target=work, args=("a", 0.2)), threading.Thread(target=work, args=("b", 0.4))]
        for thread in (timer, *both):
            thread.start()
        both[1].join(0.3)
        alive = both[1].is_alive()
        both[1].join()
        said.extend([alive, both[1].is_alive()])
        time.sleep(0.1)

    await asyncio.to_thread(all_of_it)
    return [*said, threading.current_thread().name, SHARED.name != "loop"]


@probe("threading.Lock, RLock, Condition, Event, Semaphore, Barrier", 0.8, returns=["a", "b", False, "c", "c", "d", "d"])
async def _locks(env: Env) -> Any:
    lock, again, event, bound = threading.Lock(), threading.RLock(), threading.Event(), threading.Semaphore(1)
    condition, barrier = threading.Condition(), threading.Barrier(2)
    said: list[Any] = []

    def first() -> None:
        with lock:
            time.sleep(0.1)
            said.append("a")
        event.wait()
        with condition:
            condition.wait(5)
        said.append("c")
        with again, again, bound:
            time.sleep(0.1)
        barrier.wait()
        said.append("d")

    def second() -> None:
        time.sleep(0.05)
        with lock:
            said.append("b")
        time.sleep(0.2)
        with bound:
            said.append(bound.acquire(timeout=0.1))
        event.set()
        time.sleep(0.1)
        with condition:
            condition.notify()
        said.append("c")
        time.sleep(0.3)
        barrier.wait()
        said.append("d")

    await asyncio.gather(asyncio.to_thread(first), asyncio.to_thread(second))
    return said


@probe("queue.Queue, LifoQueue, PriorityQueue, SimpleQueue", 0.7, returns=[[1, 2, "empty"], 2, 1, 5])
async def _queues(env: Env) -> Any:
    bounded: queue.Queue[int] = queue.Queue(1)
    last: queue.LifoQueue[int] = queue.LifoQueue()
    least: queue.PriorityQueue[int] = queue.PriorityQueue()
    simple: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (1, 2):
        last.put(number)
        least.put(3 - number)

    def put() -> None:
        bounded.put(1)
        bounded.put(2)  # waits until 1 is taken
        time.sleep(0.2)
        simple.put(5)

    def take() -> list[Any]:
        time.sleep(0.2)
        got: list[Any] = [bounded.get(), bounded.get()]
        try:
            bounded.get(timeout=0.5)
        except queue.Empty:
            got.append("empty")
        return got

    taken, _ = await asyncio.gather(asyncio.to_thread(take), asyncio.to_thread(put))
    return [taken, last.get(), least.get(), simple.get()]


@probe("ThreadPoolExecutor", 0.7, returns=[0, 1, 4, 9])
async def _thread_pool(env: Env) -> Any:
    def square(number: int) -> int:
        time.sleep(0.1)
        return number * number

    def work() -> list[int]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            squares = list(pool.map(square, range(4)))  # 0.2 s
            waiting = [pool.submit(cpu, 0.1) for _ in range(4)]  # one interpreter lock: 0.4 s
            concurrent.futures.wait(waiting)
            for future in concurrent.futures.as_completed([pool.submit(time.sleep, 0.1)]):
                future.result()
        return squares

    return await asyncio.to_thread(work)


def compute_square(number: int) -> int:
    """Run by a process pool."""
    cpu(0.1)
    return number * number


def complain(number: int) -> int:
    """Run by a process pool."""
    raise KeyError(number)


@probe(
    "ProcessPoolExecutor",
    0.251,  # two more starts, and four joins
    returns=[[0, 1, 4, 9], "KeyError", "PicklingError or AttributeError"],
)
async def _process_pool(env: Env) -> Any:
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        squares = await asyncio.gather(*(loop.run_in_executor(pool, compute_square, i) for i in range(4)))  # 2 cores
        error = await asyncio.gather(loop.run_in_executor(pool, complain, 1), return_exceptions=True)
        unpicklable = await asyncio.gather(loop.run_in_executor(pool, lambda: 1), return_exceptions=True)
    name = type(unpicklable[0]).__name__
    expected = "PicklingError or AttributeError"
    return [squares, type(error[0]).__name__, expected if name in expected else name]
