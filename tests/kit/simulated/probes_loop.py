"""Probes of asyncio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
import time
from typing import Any

from labs.kit.service.env import Env
from tests.kit.simulated.probes import probe


@probe("asyncio.sleep", 0.3, returns=0.3)
async def _sleep(env: Env) -> Any:
    begun = time.time()
    await asyncio.sleep(0.1)
    await asyncio.gather(*(asyncio.sleep(0.2) for _ in range(100)))
    for _ in range(100):
        await asyncio.sleep(0)
    return round(time.time() - begun, 6)


@probe("asyncio.TaskGroup", 0.1, returns=list(range(20)))
async def _task_group(env: Env) -> Any:
    cancelled = []

    async def waits(number: int) -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    async def fails() -> None:
        await asyncio.sleep(0.1)
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(waits(number))
            group.create_task(fails())
    except* ValueError:
        pass
    return cancelled


@probe("asyncio.timeout, wait_for", 0.5, returns=["timeout", "wait_for"])
async def _timeouts(env: Env) -> Any:
    ended = []
    try:
        async with asyncio.timeout(0.2):
            await asyncio.sleep(5)
    except TimeoutError:
        ended.append("timeout")
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.3)
    except TimeoutError:
        ended.append("wait_for")
    return ended


@probe("asyncio.gather, wait, as_completed", 1.0, returns=[[0, 1, 2], [2, 1, 0], list(range(30)), True])
async def _many(env: Env) -> Any:
    async def after(seconds: float, value: int) -> int:
        await asyncio.sleep(seconds)
        return value

    gathered = await asyncio.gather(*(after(0.3 - 0.1 * i, i) for i in range(3)))
    completed = [await task for task in asyncio.as_completed([after(0.3 - 0.1 * i, i) for i in range(3)])]
    tasks = [asyncio.ensure_future(after(0.4, i)) for i in range(30)]
    done, _ = await asyncio.wait(tasks)
    return [gathered, completed, [task.result() for task in done], isinstance(tasks[0], asyncio.Future)]


@probe("asyncio.Queue, Lock, Event, Condition, Semaphore", 0.9, returns=[6, "event", "condition"])
async def _primitives(env: Env) -> Any:
    bound, lock, event, condition = asyncio.Semaphore(2), asyncio.Lock(), asyncio.Event(), asyncio.Condition()
    queue: asyncio.Queue[int] = asyncio.Queue(1)
    said = []

    async def work(number: int) -> None:
        async with bound:
            await asyncio.sleep(0.1)
        await queue.put(number)

    async def waits() -> None:
        await event.wait()
        said.append("event")
        async with condition:
            await condition.wait()
        said.append("condition")

    async def holds() -> None:
        async with lock:
            await asyncio.sleep(0.2)

    waiting = asyncio.ensure_future(waits())
    working = [asyncio.ensure_future(work(i)) for i in range(6)]
    got = len([await queue.get() for _ in range(6)])  # 6 x 100 ms, two at a time: 0.3 s
    await asyncio.gather(holds(), holds())  # 0.4 s
    event.set()
    await asyncio.sleep(0.2)
    async with condition:
        condition.notify_all()
    await asyncio.gather(waiting, *working)
    return [got, *said]


@probe("asyncio.to_thread", 1.4)
async def _default_pool(env: Env) -> Any:
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.2) for _ in range(40)))  # 6 threads on 2 cores: 7 rounds


@probe("loop.run_in_executor", 0.2028)  # forty threads are started
async def _sized_pool(env: Env) -> Any:
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, time.sleep, 0.2) for _ in range(40)))


@probe("loop.call_soon_threadsafe, run_coroutine_threadsafe", 0.2, returns=[3, 4])
async def _from_threads(env: Env) -> Any:
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def soon() -> None:
        time.sleep(0.1)
        loop.call_soon_threadsafe(future.set_result, 3)

    async def later() -> int:
        await asyncio.sleep(0.1)
        return 4

    threading.Thread(target=soon).start()
    return [await future, await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(later(), loop).result())]


@probe("asyncio.run in a thread", 0.1, returns=7)
async def _second_loop(env: Env) -> Any:
    async def inner() -> int:
        await asyncio.sleep(0.1)
        return 7

    return await asyncio.to_thread(lambda: asyncio.run(inner()))


@probe("asyncio debug mode", 0.2, returns=["took 0.150 seconds"])
async def _debug_mode(env: Env) -> Any:
    seen: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage()[-18:])

    async def blocks(seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251 - the very thing that debug mode reports

    loop, logger, handler = asyncio.get_running_loop(), logging.getLogger("asyncio"), Keep()
    logger.addHandler(handler)
    loop.set_debug(True)
    await asyncio.create_task(blocks(0.05))
    await asyncio.create_task(blocks(0.15))
    loop.set_debug(False)
    logger.removeHandler(handler)
    return seen


@probe("asyncio.start_server, open_connection", 0.0015, 0.004, returns=["HELLO\n", "hello\n"])
async def _streams(env: Env) -> Any:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def talk(host: str, port: int) -> str:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"hello\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer.decode()

    server = await asyncio.start_server(echo, "127.0.0.1", 7777)
    here = await talk("127.0.0.1", 7777)
    server.close()
    await server.wait_closed()
    return [await talk("peer", 7000), here]
