"""Periodic readings for services, as a metrics agent in the process would report them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from labs.kit.model.names import ACTIVE_REQUESTS, LOOP_LAG
from labs.kit.service.telemetry import Signals

LAG_EVERY_S = 0.05
SAMPLE_EVERY_S = 0.2


async def report_loop_lag(signals: Signals, every_s: float = LAG_EVERY_S) -> None:
    """Emit "event_loop.lag" until cancelled: the number of seconds by which a sleep of `every_s` returned too late.

    A blocked event loop blocks this task too: a loop that is blocked for 0.5 s gives one reading of up to 0.5 s afterwards,
    and none meanwhile. Run this coroutine as a task of the loop that is to be watched.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every_s
        await asyncio.sleep(every_s)
        signals.sample(LOOP_LAG, max(0.0, round(loop.time() - due, 6)))  # below a microsecond is rounding, not lag


async def report(signals: Signals, signal: str, read: Callable[[], float], every_s: float = SAMPLE_EVERY_S) -> None:
    """Emit the value of `read()` every `every_s` seconds, until cancelled."""
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
