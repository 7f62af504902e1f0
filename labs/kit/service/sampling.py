"""Readings at a steady pace, for services: what a metrics agent in the process would report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from labs.kit.model.names import ACTIVE_REQUESTS, LOOP_LAG
from labs.kit.service.telemetry import Signals

LAG_EVERY_S = 0.05
SAMPLE_EVERY_S = 0.2


async def report_loop_lag(signals: Signals, every_s: float = LAG_EVERY_S) -> None:
    """Emit "event_loop.lag" for ever: how many seconds too late a sleep of `every_s` came back.

    Whatever holds the loop holds this task too, so a loop that stands still for 0.5 s gives one reading of up to 0.5 s when
    it moves again, and none meanwhile. Run it as a task of the loop that is to be watched.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every_s
        await asyncio.sleep(every_s)
        signals.sample(LOOP_LAG, max(0.0, round(loop.time() - due, 6)))  # below a microsecond is rounding, not lag


async def report(signals: Signals, signal: str, read: Callable[[], float], every_s: float = SAMPLE_EVERY_S) -> None:
    """Emit what `read()` gives for ever, once in `every_s` seconds."""
    while True:
        signals.sample(signal, read())
        await asyncio.sleep(every_s)


class UnderWay:
    """How many are under way at this moment: `with under_way:` counts what is inside of the block."""

    def __init__(self, signals: Signals, signal: str = ACTIVE_REQUESTS, every_s: float = SAMPLE_EVERY_S) -> None:
        self.now = 0
        self._reported = signals, signal, lambda: self.now, every_s

    def __enter__(self) -> None:
        self.now += 1

    def __exit__(self, *raised: object) -> None:
        self.now -= 1

    async def report(self) -> None:
        """Emit the number for ever, as "http.server.active_requests" or what else `signal` is."""
        await report(*self._reported)
