"""One service of a live run, in a process of its own.

    python -m labs.kit.worlds.live.service

Only this process loads the code under repair. It binds a free port of loopback, reports the port, and serves until it is
told to stop or its parent is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import resource
import signal
import sys
import tempfile
import time
from random import Random
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.typedefs import Handler

from labs.kit.model.faults import ServiceFault, from_plain
from labs.kit.model.names import FIX_FILE, NS
from labs.kit.service.env import Env
from labs.kit.service.fix_module import last_words, load_module
from labs.kit.service.output import limited, quiet_faulthandler, stream
from labs.kit.service.telemetry import Signals
from labs.kit.worlds.live.child import Parent, kill_group
from labs.kit.worlds.sandbox import cage

MOST_SIGNALS, MOST_SIGNAL_BYTES = 200_000, 64 << 20
STOPS_WITHIN_S = 2.0
BEFORE_START_S = 3600.0
"""The start of the run counts as this far away until it is announced."""


class Injected:
    """The faults in this service, as one middleware that acts from the start of the run."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.faults = [from_plain(plain) for plain in spec["faults"]]
        self.name = f"{spec['seed']} {spec['name']}"
        self.seeds = [f"{self.name} {plain}" for plain in spec["faults"]]
        self.middlewares: list[Any] = []

    def change(self, faults: list[dict[str, Any]], at: float) -> None:
        """Replace the service's faults. `at` is the start of the run."""
        self.faults = [from_plain(plain) for plain in faults]
        self.seeds = [f"{self.name} {plain}" for plain in faults]
        self.middlewares.clear()
        self.start(at)

    def start(self, at: float) -> None:
        """The run starts at `at` on the event loop's clock."""
        for fault, seed in zip(self.faults, self.seeds, strict=True):
            assert isinstance(fault, ServiceFault)
            self.middlewares.append(fault.middleware(Random(seed), at))

    def as_middleware(self) -> Any:
        """The middleware. It is a function because aiohttp sets an attribute on it, which a method cannot have."""

        @web.middleware
        async def injected(request: web.Request, handler: Handler) -> web.StreamResponse:
            for middleware in self.middlewares:
                handler = _bound(middleware, handler)
            return await handler(request)

        return injected


def _bound(middleware: Any, handler: Handler) -> Handler:
    async def through(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await middleware(request, handler)
        return answer

    return through


def show_cores(cores: int) -> None:
    """Let this process see the lab's number of cores: default pools depend on it."""
    os.cpu_count = lambda: cores
    if hasattr(os, "sched_getaffinity"):
        os.sched_getaffinity = lambda pid: set(range(cores))


def enter_cage(parent: Parent, spec: dict[str, Any]) -> None:
    """Give up all that the repair may not have. If the system refuses, tell the runner, and wait for the end."""
    importlib.import_module(spec["app"].partition(":")[0])  # the lab's package reads files that the repair may not read
    tempfile.tempdir = "."
    try:
        cage.enter(cage.Rules(**spec["cage"]))
    except cage.NoCage as error:
        parent.tell(no_cage=str(error))
        while True:
            signal.pause()


async def serve(parent: Parent, spec: dict[str, Any], signals: Signals) -> None:
    """Build the app, and serve it until told to stop."""
    if spec.get("cage"):
        enter_cage(parent, spec)
    fix = load_module(spec["fix"]) if spec["fix"] is not None else None
    env = Env(spec["name"], fix, spec["settings"], spec["urls"], spec["seed"], signals, spec["secret"])
    module, function = spec["app"].split(":")
    app: web.Application = getattr(importlib.import_module(module), function)(env)
    injected = Injected(spec)
    if injected.faults or spec.get("steered"):
        app.middlewares.append(injected.as_middleware())
    runner = web.AppRunner(app, access_log=None, handler_cancellation=spec["handler_cancellation"])
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    stop = asyncio.Event()

    def order(message: dict[str, Any]) -> None:
        if "start" in message:
            signals.start((message["start"] - time.monotonic_ns()) / NS)
            injected.start(message["start"] / NS)
        elif "faults" in message:
            injected.change(message["faults"], message["began"] / NS)
        else:
            stop.set()

    parent.obey(asyncio.get_running_loop(), order)
    parent.tell(ready=runner.addresses[0][1])
    await stop.wait()
    with contextlib.suppress(TimeoutError):  # the clean-up hangs: the runner has waited long enough, too
        await asyncio.wait_for(runner.cleanup(), STOPS_WITHIN_S)


def main() -> NoReturn:
    """Serve one service to its end; never returns, so that no thread of the repair can hold the process back."""
    parent = Parent()
    spec = parent.spec
    show_cores(spec["cores"])
    if spec["open_files"]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (spec["open_files"], spec["open_files"]))
    signals = Signals(spec["name"], limited(parent.tell_raw, MOST_SIGNALS, MOST_SIGNAL_BYTES))
    # A process that is started again during the run knows the run's clock from its start.
    signals.start((spec["start"] - time.monotonic_ns()) / NS if "start" in spec else BEFORE_START_S)
    sys.stdout, sys.stderr = stream(signals, "stdout"), stream(signals, "stderr")
    quiet_faulthandler()
    try:
        asyncio.run(serve(parent, spec, signals))
    except BaseException as error:  # noqa: BLE001 - the run is told whatever the repair raises
        text, line = last_words(error)
        parent.tell(failed=text, line=line, file=FIX_FILE)
    parent.tell(ended=True)
    kill_group()
    raise AssertionError("unreachable")


if __name__ == "__main__":
    main()
