"""A simulated host: the zygote, which imports everything once, and the services, which are its forks.

    python -m labs.kit.worlds.simulated.host.main DESCRIPTOR

The descriptor is a Unix socket to the judge. For each service the judge sends two pipe ends and a description; the
zygote forks and answers with a process id. A fork of one zygote is cheap (no imports) and always the same (same
addresses, same state of the garbage collector). When the judge is gone, the zygote ends its hosts and itself.
"""

from __future__ import annotations

from labs.kit.worlds.simulated.host.patches import install_early, install_late, seed_randomness

kernel, net = install_early()

import asyncio  # noqa: E402 - all later imports must see the replaced modules
import contextlib  # noqa: E402
import errno  # noqa: E402
import gc  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Callable  # noqa: E402
from random import Random  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from aiohttp import web  # noqa: E402

from labs.kit.model.faults import ServiceFault, from_plain  # noqa: E402
from labs.kit.model.names import FIX_FILE, NS  # noqa: E402
from labs.kit.service import fix_module, output  # noqa: E402
from labs.kit.service.env import Env  # noqa: E402
from labs.kit.service.telemetry import Signals  # noqa: E402
from labs.kit.worlds.sandbox import cage  # noqa: E402
from labs.kit.worlds.simulated import wire  # noqa: E402
from labs.kit.worlds.simulated.host import (  # noqa: E402
    cpu_ticks,
    left_over,
    memory_account,
    process_facts,
    process_pool,
    process_signals,
    sqlite,
    unsupported,
    watchdogs,
)
from labs.kit.worlds.simulated.host.sockets import RealSocket  # noqa: E402

SHUTDOWN_S = 1.0
"""How long a service that is told to stop waits for the requests that it still answers."""
PRELOADED = (
    "aiohttp", "labs.kit.service.work", "multiprocessing", "concurrent.futures.thread", "concurrent.futures.process",
    "requests", "urllib.request", "tenacity", "ssl", "sqlite3", "psutil",
)  # fmt: skip
"""Imported by the zygote if they are installed, so that no host spends time on their import."""


def load_fix(source: str, computing_s: float, salt: int) -> ModuleType:
    """The code under repair as a module called `fix`, with ticks that charge its plain Python.

    All hosts are forks of one process, whose texts have one hash. On machines each process has its own: what the repair asks
    hash() for depends on `salt`.
    """
    module = ModuleType("fix")
    module.__file__ = FIX_FILE
    module.__dict__["hash"] = lambda item, /: hash(item) if isinstance(item, int | float) else hash((salt, item))
    endless = f"it computed for {computing_s:g} s without letting the event loop turn"
    most_ns = round(computing_s * NS)
    module.__dict__[cpu_ticks.TICK] = cpu_ticks.counter(kernel, most_ns, lambda: watchdogs.stuck(kernel, endless))
    sys.modules["fix"] = module
    fix_module.show_lines(source)
    exec(cpu_ticks.compile_with_ticks(source, FIX_FILE), module.__dict__)  # noqa: S102 - this process is the sandboxed one
    return module


def last_words(error: BaseException) -> tuple[bytes, bytes]:
    """The message that tells the judge why this service ended: a refused call, or an exception and its line."""
    cause: BaseException | None = error
    while cause is not None:
        if call := unsupported.call_of(cause):
            return wire.UNSUPPORTED, call.encode()
        cause = cause.__cause__ or cause.__context__
    text, line = fix_module.last_words(error)
    return wire.FAILED, watchdogs.failed(text, line)


def lead_s(spec: dict[str, Any]) -> float:
    """Seconds from the start of this host to the start of the run; negative in a restarted host."""
    return wire.LEAD_S - float(spec.get("born_ns", 0)) / NS


async def serve(spec: dict[str, Any], signals: Signals) -> None:
    """Build the service's app and serve it until the run ends."""
    salt = Random(f"hash {spec['seed']} {spec['name']} {spec.get('life', 0)}").getrandbits(64)
    fix = load_fix(spec["fix"], spec["computing_s"], salt) if spec["fix"] is not None else None
    env = Env(spec["name"], fix, spec["settings"], spec["urls"], spec["seed"], signals, spec["secret"])
    module, function = spec["app"].split(":")
    app: web.Application = getattr(importlib.import_module(module), function)(env)
    start = asyncio.get_running_loop().time() + lead_s(spec)
    for fault in spec["faults"]:
        made = from_plain(fault)
        assert isinstance(made, ServiceFault)
        app.middlewares.append(made.middleware(Random(f"{spec['seed']} {spec['name']} {fault}"), start))
    cancels = spec["handler_cancellation"]
    runner = web.AppRunner(app, access_log=None, handler_cancellation=cancels, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", spec["port"], backlog=1024).start()  # noqa: S104 - simulated
    await left_over.told_to_stop()
    await left_over.stop(runner.cleanup, kernel)


def run_service(spec: dict[str, Any], read_fd: int, write_fd: int, shared: int | None = None) -> NoReturn:
    """Turn this fork into the service that `spec` describes, until the run ends. `shared`: see `Zygote.start`."""
    watchdogs.die_with_parent()
    watchdogs.limit_memory()
    kernel.configure(read_fd, write_fd, spec["lookahead_ns"], spec["cores"])
    life, kernel.born = spec.get("life", 0), spec.get("born_ns", 0)
    kernel.now = kernel.born
    kernel.up_ns = spec["up_s"] * NS
    if spec.get("folder"):
        os.chdir(spec["folder"])
    net.address, net.names = spec["address"], {name.lower(): address for name, address in spec["names"].items()}
    # A restarted host must not draw the same random values again: its ids would no longer be unique.
    seed_randomness(f"{spec['seed']} {spec['name']}" + f" {life}" * bool(life))
    signals = Signals(spec["name"], output.limited(lambda line: kernel.send(wire.SIGNAL, 0, line), *spec["most_signals"]))
    signals.start(lead_s(spec))
    for name in ("stdout", "stderr"):
        stream = output.stream(signals, name)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    output.quiet_faulthandler()
    if SQLITE is None:
        signals.log.warning("sqlite costs are coarse", reason="this Python hides the names of its SQLite library")
    watchdogs.report_exits(kernel)
    if shared is None:  # it checks by real CPU time, and its checks need memory; the judge's own watchdog stays
        watchdogs.limit_cpu(kernel, *spec["cpu_limits_s"])
    unsupported.install(lambda call: kernel.send(wire.UNSUPPORTED, 0, call.encode()))
    left_over.here.begin(spec["app"])  # here, so that what it takes moves no later turn of the garbage collector
    gc.collect()
    gc.freeze()
    if spec.get("cage"):
        enter_cage(spec["cage"])
    if shared is not None:
        kernel.before_waiting = memory_account.keep_account(shared, spec["step_ns"])
    kernel.live = True
    kernel.exchange(kernel.now)
    if not life:  # a restarted host has no deadline: its callers are refused meanwhile
        watchdogs.expect_ready(kernel, net, spec["port"])
    try:
        left_over.serving = asyncio.new_event_loop()
        left_over.serving.run_until_complete(serve(spec, signals))
    except BaseException as error:  # noqa: BLE001 - the judge is told whatever the repair raises
        watchdogs.allow_last_words()
        kind, text = last_words(error)
        kernel.send(kind, 0, text)
    kernel.live = False
    while True:
        kernel.exchange(wire.NEVER)


def enter_cage(rules: dict[str, Any]) -> None:
    """Give up all that the repair may not have. If the system refuses, tell the judge instead of the first turn."""
    tempfile.tempdir = "."
    try:
        cage.enter(cage.Rules(**rules))
    except cage.NoCage as error:
        kernel.now = 0  # the judge has granted no time yet, also not to a restarted host
        kernel.send(wire.NO_CAGE, 0, str(error).encode())
        while True:
            kernel.exchange(wire.NEVER)


def zygote(control: int) -> None:
    """Fork a host for each order that arrives on the control socket."""
    global SQLITE
    link = RealSocket(fileno=control)
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    install_late(kernel)
    SQLITE = sqlite.find_library()
    sqlite.install(kernel, SQLITE)
    process_pool.install(kernel)
    process_signals.install(net)
    process_facts.install(kernel, net)
    left_over.install(kernel, net)
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    folders: set[str] = set()
    link.send(b"!")
    try:
        while order := read_order(link):
            spec, descriptors = order
            if "end" in spec:
                link.sendall(b"%d\n" % end_child(spec["end"], children))
                continue
            if "open" in spec:
                tell_open(link, spec["open"])
                continue
            if "forget" in spec:
                shutil.rmtree(spec["forget"], ignore_errors=True)
                link.sendall(b"0\n")
                continue
            if spec.get("folder"):
                folders.add(spec["folder"])
                os.makedirs(spec["folder"], mode=0o700, exist_ok=True)  # in a sandbox, the judge could not make it
            if (place := spec.get("import_from")) and place not in sys.path:  # a lab from elsewhere; last, to hide nothing
                sys.path.append(place)
            with contextlib.suppress(Exception):  # if the import fails, the host reports the reason
                # Imported here once: in each host it took 0.4 s.
                importlib.import_module(spec["app"].partition(":")[0])
            child = os.fork()
            if child == 0:
                os.close(link.detach())
                run_service(read_spec(descriptors[0]), *descriptors)
            children.add(child)
            for descriptor in descriptors:
                os.close(descriptor)
            answer(link, child)
    finally:
        for child in list(children):
            end_child(child, children)
        for folder in folders:  # the judge would remove it, but may have been killed
            shutil.rmtree(folder, ignore_errors=True)


def read_order(link: Any) -> tuple[dict[str, Any], list[int]] | None:
    """One order: four bytes of length, with descriptors attached, then JSON. None when the judge is gone."""
    head, descriptors, _, _ = socket.recv_fds(link, 4, 3)
    body = read_body(head, link.recv)
    return None if body is None else (json.loads(body), list(descriptors))


def read_spec(read_fd: int) -> dict[str, Any]:
    """What the service of this fork is, from its own pipe: the next fork would find it in the memory of their parent."""
    body = read_body(os.read(read_fd, 4), lambda size: os.read(read_fd, size))
    if body is None:
        os._exit(1)  # the judge is gone
    spec: dict[str, Any] = json.loads(body)
    return spec


def read_body(head: bytes, read: Callable[[int], bytes]) -> bytes | None:
    """So many bytes as the four of `head` say. None if there are fewer."""
    if len(head) < 4:
        return None
    size, body = int.from_bytes(head, "little"), b""
    while len(body) < size:
        piece = read(size - len(body))
        if not piece:
            return None
        body += piece
    return body


def answer(link: Any, child: int) -> None:
    """Tell the judge a host's process id, with a handle if it can: in its own namespace the id may be another."""
    if not hasattr(os, "pidfd_open"):
        link.sendall(b"%d\n" % child)
        return
    handle = os.pidfd_open(child)
    try:
        socket.send_fds(link, [b"%d\n" % child], [handle])
    finally:
        os.close(handle)


def tell_open(link: Any, path: str) -> None:
    """Open a file for the judge, which cannot see the folder: the answer is 0 with its descriptor, or an error's number."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link.sendall(b"%d\n" % (error.errno or errno.EIO))
        return
    try:
        socket.send_fds(link, [b"0\n"], [descriptor])
    finally:
        os.close(descriptor)


def end_child(child: int, children: set[int]) -> int:
    """Kill a host if it still runs, and wait for it. Returns its exit code (negative: the signal that ended it)."""
    if child not in children:
        return 0
    children.discard(child)
    done, status = os.waitpid(child, os.WNOHANG)
    if not done:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


SQLITE: sqlite.Library | None = None
"""The SQLite library that this Python is linked with; None if its functions are hidden."""

if __name__ == "__main__":
    zygote(int(sys.argv[1]))
