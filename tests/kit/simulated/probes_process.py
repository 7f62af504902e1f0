"""Probes of the process itself: its numbers, its signals, its worker processes, and modules that are not there."""

from __future__ import annotations

import asyncio
import concurrent.futures
import faulthandler
import io
import multiprocessing
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from labs.kit.service.env import Env
from labs.kit.service.stopping import HANDLED_WITHIN_S, send_sigterm
from labs.kit.service.work import cpu
from labs.kit.worlds.simulated.host.process_facts import MACHINE_BYTES, PLAIN_BYTES
from tests.kit.simulated.probes import probe

ASKED_OF_ALL = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1]


# Of CPU time, two workers take 0.3 s, their starts and joins 28 ms, three threads 0.21 ms.
USED = [1000, "python", PLAIN_BYTES, [], 0.0, 0.0, 188.2, 0.32821, 2, 1, [True, False], []]


@probe("psutil.Process", 0.428, returns=USED)
async def _process(env: Env) -> Any:
    me = psutil.Process()
    first = me.cpu_percent()
    descriptors = me.num_fds()
    await asyncio.to_thread(time.sleep, 0.1)
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        me.cpu_percent()
        await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(pool, cpu, 0.15) for _ in range(2)))
        busy = me.cpu_percent()
        threads = me.num_threads()  # the main one and that of the default pool; workers are processes of their own
    await asyncio.sleep(0.15)
    with socket.socket():
        opened = me.num_fds() - descriptors
    return [
        me.pid, me.name(), me.memory_info().rss, me.open_files(), me.create_time() - round(time.time()) + 1, first, busy,
        me.cpu_times().user, threads, opened, [psutil.pid_exists(os.getpid()), psutil.pid_exists(1)], me.children(),
    ]  # fmt: skip


@probe("psutil.cpu_count, virtual_memory", 0.0, returns=[2, 2, MACHINE_BYTES, MACHINE_BYTES])
async def _machine(env: Env) -> Any:
    memory = psutil.virtual_memory()
    return [psutil.cpu_count(), psutil.cpu_count(logical=False), memory.total, memory.used + memory.available]


@probe("faulthandler", 0.0, returns=[True, True, False, "UnsupportedOperation", "UnsupportedOperation"])
async def _faults(env: Env) -> Any:
    faulthandler.enable()
    faulthandler.dump_traceback_later(1e-3, exit=True)
    faulthandler.register(signal.SIGUSR1)
    faulthandler.dump_traceback()
    faulthandler.cancel_dump_traceback_later()
    said: list[Any] = [faulthandler.is_enabled(), faulthandler.disable(), faulthandler.is_enabled()]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.fileno()
        except io.UnsupportedOperation as error:
            said.append(type(error).__name__)
    return said


@probe("signal.signal, getsignal, set_wakeup_fd", HANDLED_WITHIN_S, returns=[True, 15, True, [15], "ValueError", True])
async def _kept(env: Env) -> Any:
    def handler(number: int, frame: Any) -> None:
        called.append(number)

    def elsewhere() -> str:
        try:
            signal.signal(signal.SIGTERM, handler)
        except ValueError as error:
            return type(error).__name__
        return ""

    called: list[int] = []
    before = [signal.getsignal(number) for number in ASKED_OF_ALL]
    replaced = [signal.signal(number, handler) for number in ASKED_OF_ALL]
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    signal.set_wakeup_fd(near.fileno())
    await send_sigterm()
    woken = far.recv(10)[0]
    unset = signal.set_wakeup_fd(-1) == near.fileno()
    given_back = [signal.signal(number, old) is handler for number, old in zip(ASKED_OF_ALL, before, strict=True)]
    await send_sigterm()  # nobody is there to hear it, and nothing ends
    return [replaced == before, woken, unset, called, await asyncio.to_thread(elsewhere), all(given_back)]


@probe("loop.add_signal_handler", HANDLED_WITHIN_S, returns=[["SIGTERM"], True, False, True])
async def _loop_handlers(env: Env) -> Any:
    loop, called = asyncio.get_running_loop(), list[str]()
    for number in ASKED_OF_ALL:
        loop.add_signal_handler(number, called.append, number.name)
    await send_sigterm()
    removed = [loop.remove_signal_handler(number) for number in ASKED_OF_ALL]
    again = loop.remove_signal_handler(signal.SIGTERM)
    as_before = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    return [called, all(removed), again, as_before and signal.getsignal(signal.SIGINT) is signal.default_int_handler]


def compute(seconds: float, ends_by: str) -> None:
    """The work of a worker process."""
    cpu(seconds)
    if ends_by == "exit":
        sys.exit(3)
    if ends_by:
        raise KeyError(ends_by)


# The third and fourth compute once the first two have ended; two starts and a join are not hidden behind others' computing.
@probe("multiprocessing.Process", 0.243, returns=[[True] * 4, [None] * 4, [False] * 4, [0, 0, 3, 1], 1001, "Process-1"])
async def _workers(env: Env) -> Any:
    workers = [multiprocessing.Process(target=compute, args=(0.1, how)) for how in ("", "", "exit", "error")]
    for worker in workers:
        worker.start()
    begun = [worker.is_alive() for worker in workers], [worker.exitcode for worker in workers]
    for worker in workers:
        await asyncio.to_thread(worker.join)
    ended = [worker.is_alive() for worker in workers], [worker.exitcode for worker in workers]
    return [*begun, *ended, workers[0].pid, workers[0].name]


@probe("uvloop, aiodns", 0.0, returns=[False, False, True, True])
async def _absent(env: Env) -> Any:
    found = []
    for name in ("uvloop", "aiodns"):
        try:
            __import__(name)
        except ImportError:
            found.append(False)
    try:
        multiprocessing.RLock()  # as tqdm tries when it is first used
    except (ImportError, OSError):
        found.append(True)
    return [*found, threading.current_thread() is threading.main_thread()]


@probe("sqlite3: PRAGMA", 0.0, 0.02, returns=["wal", 1, 1, 250, 2, 0, 1000, []])
async def _pragmas(env: Env) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder, "jobs.sqlite"))
        said: list[Any] = [database.execute("pragma journal_mode = wal").fetchone()[0]]
        for pragma in ("synchronous = 1", "foreign_keys = 1", "busy_timeout = 250", "temp_store = 2", "mmap_size = 0"):
            name = pragma.partition(" ")[0]
            database.execute(f"pragma {pragma}")
            said.append(database.execute(f"pragma {name}").fetchone()[0])
        said.append(database.execute("pragma analysis_limit = 1000").fetchone()[0])
        said.append(database.execute("pragma optimize").fetchall())
        database.close()
    return said
