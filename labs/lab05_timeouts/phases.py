"""In which phase does a call wait? aiohttp's TraceConfig says when each one ends: the profiler of this lab."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp

from labs.kit import Env

PLACE, CONNECT, HEAD, BODY = "place in the pool", "connection", "head of the answer", "rest of the answer"
PHASES = (PLACE, CONNECT, HEAD, BODY)
EVERY_S = 0.5
WAITING = "waiting calls"

serving: ContextVar[list[SimpleNamespace]] = ContextVar("serving")
"""The calls that were begun for the request that is being served."""


class Phases:
    """Which calls wait now, and for what. `tracing` goes to ClientSession(trace_configs=...)."""

    def __init__(self) -> None:
        self.open: dict[int, SimpleNamespace] = {}
        self.spent: Counter[str] = Counter()
        self._number = 0
        self.tracing = aiohttp.TraceConfig()
        self.tracing.on_request_start.append(self._begins)
        self.tracing.on_connection_queued_start.append(self._enters(PLACE))
        self.tracing.on_connection_queued_end.append(self._enters(CONNECT))
        self.tracing.on_connection_create_start.append(self._enters(CONNECT))
        self.tracing.on_connection_create_end.append(self._enters(HEAD))
        self.tracing.on_connection_reuseconn.append(self._enters(HEAD))
        self.tracing.on_request_end.append(self._enters(BODY))
        self.tracing.on_response_chunk_received.append(self._leaves)
        self.tracing.on_request_exception.append(self._leaves)

    async def _begins(self, session: Any, call: SimpleNamespace, params: Any) -> None:
        self._number += 1
        call.number, call.to = self._number, params.url.path
        call.phase, call.since = PLACE, time.monotonic()
        self.open[call.number] = call
        serving.get([]).append(call)

    def _enters(self, phase: str) -> Any:
        async def entered(session: Any, call: SimpleNamespace, params: Any) -> None:
            self._count(call)
            call.phase = phase

        return entered

    async def _leaves(self, session: Any, call: SimpleNamespace, params: Any) -> None:
        self.end(call)

    def end(self, call: SimpleNamespace) -> None:
        """The call waits for nothing any more."""
        if self.open.pop(call.number, None):
            self._count(call)

    def _count(self, call: SimpleNamespace) -> None:
        now = time.monotonic()
        self.spent[f"{call.to} {call.phase}"] += round(1_000_000 * (now - call.since))
        call.since = now

    def waiting(self) -> Counter[str]:
        """How many calls wait in each phase: {"/find place in the pool": 12}."""
        return Counter(f"{call.to} {call.phase}" for call in self.open.values())


async def report_phases(env: Env, phases: Phases) -> None:
    """Log for ever, twice a second, how many calls wait for what, and the seconds that calls have waited so far."""
    while True:
        await asyncio.sleep(EVERY_S)
        for call in phases.open.values():
            phases._count(call)
        spent = {name: us / 1_000_000 for name, us in phases.spent.items()}
        env.signals.log.info(WAITING, now=dict(phases.waiting()), spent=spent)
