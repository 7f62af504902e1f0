"""Probes of what is refused: each makes the call, and would go on if it were allowed to."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import select
import signal
import socket
import ssl
import subprocess
from typing import Any

import psutil

from labs.kit.service.env import Env
from tests.kit.simulated.probes import probe


@probe("subprocess.Popen")
async def _popen(env: Env) -> Any:
    subprocess.run(["true"])  # noqa: ASYNC221 - that it is refused is what is tested


@probe("asyncio.create_subprocess_exec")
async def _subprocess_exec(env: Env) -> Any:
    await asyncio.create_subprocess_exec("true")


@probe("os.fork")
async def _fork(env: Env) -> Any:
    os.fork()


@probe("multiprocessing.Queue")
async def _queue(env: Env) -> Any:
    multiprocessing.Queue()


@probe("multiprocessing.Process.terminate")
async def _terminate(env: Env) -> Any:
    worker = multiprocessing.Process(target=os.getcwd)
    worker.start()
    worker.terminate()


@probe("signal.signal(SIGALRM)")
async def _handler(env: Env) -> Any:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@probe("psutil.disk_usage")
async def _disk(env: Env) -> Any:
    psutil.disk_usage("/")


@probe("os.kill")
async def _kill(env: Env) -> Any:
    os.kill(os.getppid(), 0)


@probe("socket.socket(SOCK_DGRAM)")
async def _datagrams(env: Env) -> Any:
    await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))


@probe("socket.socket(AF_UNIX)")
async def _unix(env: Env) -> Any:
    with contextlib.suppress(OSError):  # the repair has a way round, and the judge is told all the same
        socket.socket(socket.AF_UNIX)


@probe("socket.socket(fileno=...)")
async def _adopted(env: Env) -> Any:
    socket.socket(fileno=0)


@probe("_socket.socket")
async def _c_module(env: Env) -> Any:
    import _socket

    _socket.socket()


@probe("TLS on a blocking socket")
async def _tls(env: Env) -> Any:
    with socket.create_connection(("peer", 8080)) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="peer")


@probe("loop.connect_read_pipe")
async def _pipe(env: Env) -> Any:
    read_end, _ = os.pipe()
    await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, os.fdopen(read_end, "rb"))


@probe("a selector over a descriptor that is not a socket")
async def _descriptor(env: Env) -> Any:
    read_end, _ = os.pipe()
    select.select([read_end], [], [], 0)
