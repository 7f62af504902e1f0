"""A small load for the code under repair inside this very process, where a profiler can watch it: no services, no clock.

Real HTTP on loopback to the lab's own store. Only the profilers of the page use it; nothing is graded by it.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from aiohttp import web

from labs.kit import Env, Signals
from labs.lab02_memory import service
from labs.lab02_memory.scenarios import CURRENCIES, LEDGER, NORMAL, PART_BYTES

SETTINGS = {**NORMAL, "store_ms": 0.0, "report_every_s": 60.0}
POPULAR = 6


def load(path: Path) -> ModuleType:
    """The code under repair as a module of this process, from its file: profilers read its lines there."""
    spec = importlib.util.spec_from_file_location("fix", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drive(module: Any, visits: int = 60, parts: int = 2) -> None:
    """Ask a new `Reports` of this module for so many reports, half of them popular, and for parts of the ledger."""
    with own_loop() as loop:
        loop.run_until_complete(_drive(module, visits, parts))


@contextmanager
def own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A new event loop on this thread, also inside a notebook, whose own loop stands still while a cell runs.

    In another thread it would be simpler, but memory_profiler follows the lines of this one only.
    """
    around = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio._set_running_loop(around)


async def _drive(module: Any, visits: int, parts: int) -> None:
    env = Env("store", None, SETTINGS, {}, 0, Signals("store", lambda line: None))
    runner = web.AppRunner(service.store(env), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reports = module.Reports(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await reports.start()
        try:
            for asked in _asked(reports, visits, parts):
                await asked
        finally:
            await reports.stop()
    finally:
        await runner.cleanup()


def _asked(reports: Any, visits: int, parts: int) -> Iterator[Coroutine[Any, Any, bytes]]:
    for number in range(visits):
        name = f"popular-{number % POPULAR}" if number % 2 else f"single-{number}"
        yield reports.report(name, CURRENCIES[0], f"visit-{number}")
    for number in range(parts):
        yield reports.part(LEDGER, number * PART_BYTES, PART_BYTES)
