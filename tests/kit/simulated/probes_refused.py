"""Probes of what is refused: each makes the call, and would go on if it were allowed to."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import select
import signal
import socket
import ssl
import subprocess
from typing import Any

from labs.kit.service import Env
from tests.kit.simulated.probes import probe


@probe("subprocess.Popen")
async def popen(env: Env) -> Any:
    subprocess.run(["true"])


@probe("asyncio.create_subprocess_exec")
async def subprocess_exec(env: Env) -> Any:
    await asyncio.create_subprocess_exec("true")


@probe("os.fork")
async def fork(env: Env) -> Any:
    os.fork()


@probe("multiprocessing.Process")
async def process(env: Env) -> Any:
    multiprocessing.Process(target=print).start()


@probe("signal.signal")
async def handler(env: Env) -> Any:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@probe("loop.add_signal_handler")
async def loop_handler(env: Env) -> Any:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print)


@probe("os.kill")
async def kill(env: Env) -> Any:
    os.kill(os.getppid(), 0)


@probe("socket.socket(SOCK_DGRAM)")
async def datagrams(env: Env) -> Any:
    await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))


@probe("socket.socket(AF_UNIX)")
async def unix(env: Env) -> Any:
    try:
        socket.socket(socket.AF_UNIX)
    except OSError:
        pass  # the repair has a way round, and the judge is told all the same


@probe("socket.socket(fileno=...)")
async def adopted(env: Env) -> Any:
    socket.socket(fileno=0)


@probe("_socket.socket")
async def c_module(env: Env) -> Any:
    import _socket

    _socket.socket()


@probe("TLS on a blocking socket")
async def tls(env: Env) -> Any:
    with socket.create_connection(("peer", 8080)) as plain:
        ssl.create_default_context().wrap_socket(plain, server_hostname="peer")


@probe("loop.connect_read_pipe")
async def pipe(env: Env) -> Any:
    read_end, _ = os.pipe()
    await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, os.fdopen(read_end, "rb"))


@probe("a selector over a descriptor that is not a socket")
async def descriptor(env: Env) -> Any:
    read_end, _ = os.pipe()
    select.select([read_end], [], [], 0)
