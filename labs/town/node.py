"""What all services of the town have in common: policies that change, calls of others, telemetry, places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Any

import aiohttp
from aiohttp import web
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from labs.kit import Env, admin, application, names, sampling
from labs.town import policies

SAMPLE_S = 0.5
CANNOT = (aiohttp.ClientError, TimeoutError, ValueError, LookupError)
"""What a call to another service may end with."""
W3C = TraceContextTextMapPropagator()
caller: ContextVar[dict[str, str]] = ContextVar("caller")
"""The request that is being served: the headers that a call for it carries."""

Handler = Callable[[web.Request], Awaitable[Mapping[str, Any]]]


class Refused(Exception):
    """The service does not do what it was asked; `status` is the answer's."""

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.status = status


class Places:
    """So many at once: `async with places:` takes a place, or waits for one. `waiting` counts who waits."""

    def __init__(self, most: Callable[[], float]) -> None:
        self._most = most
        self.waiting = self._taken = 0
        self._free = asyncio.Condition()
        self.lost = 0

    async def __aenter__(self) -> Places:
        self.waiting += 1
        try:
            async with self._free:
                await self._free.wait_for(lambda: self._taken + self.lost < self._most())
                self._taken += 1
        finally:
            self.waiting -= 1
        return self

    async def __aexit__(self, *raised: object) -> None:
        async with self._free:
            self._taken -= 1
            self._free.notify()


class Node:
    """What all services of the town have in common: policies that change, calls of others, telemetry."""

    def __init__(self, env: Env) -> None:
        self.env, self.log, self.name = env, env.signals.log, env.name
        self.rng = Random(f"{env.name} {env.seed}")
        self._policies: dict[str, float] = dict(policies.DEFAULTS[env.name])
        self._policies |= env.settings.get("policies", {}).get(env.name, {})
        if env.fix is not None:
            self._policies |= getattr(env.fix, "POLICIES", {}).get(env.name, {})
        self.under_way = sampling.UnderWay(env.signals, every_s=SAMPLE_S)
        self.session: aiohttp.ClientSession

    def __getitem__(self, key: str) -> float:
        """The value of a policy now."""
        return self._policies[key]

    async def changes(self) -> None:
        """Make the scenario's changes of this service when their time has come; one with a text is an event "deploy"."""
        started = self.env.signals.now()
        for at, service, key, value, told in sorted(self.env.settings.get("changes", ())):
            if service != self.name:
                continue
            await self.env.until(at)
            if key:
                self._set(key, value)
            if told and at >= started:
                self.env.signals.event(names.DEPLOY, self.name, told)

    def _set(self, key: str, value: float) -> None:
        self._policies[key] = value

    def application(
        self, *routes: tuple[str, str, Handler], queues: Mapping[str, Callable[[], float]] = MappingProxyType({})
    ) -> web.Application:
        """The application of these routes: (method, path, what answers), with readings of these queues."""
        reports = [partial(sampling.report, self.env.signals, signal, read, SAMPLE_S) for signal, read in queues.items()]
        settable = {key: partial(self._set, key) for key in policies.SETTABLE.get(self.name, ())}
        return application(
            *(web.route(method, path, self._serving(method, path, handler)) for method, path, handler in routes),
            admin(settable), lifespan=self._lifespan, background=[self.changes, self.under_way.report, *reports],
        )  # fmt: skip

    async def _lifespan(self, app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as self.session:
            self.log.info("started")
            yield

    def _serving(self, method: str, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            rid = request.headers.get("X-Request-Id", "")
            came_with = W3C.extract(request.headers)
            with (
                self.under_way,
                self.env.signals.tracer.start_as_current_span(f"{method} {path}", came_with, SpanKind.SERVER) as span,
            ):
                span.set_attribute("request_id", rid)
                headers = {"X-Request-Id": rid}
                W3C.inject(headers)
                caller.set(headers)
                try:
                    return web.json_response(await handler(request))
                except (Refused, *CANNOT) as error:
                    status = error.status if isinstance(error, Refused) else 504 if isinstance(error, TimeoutError) else 502
                    kind = type(error).__name__
                    span.set_status(StatusCode.ERROR, kind)
                    self.log.error("request failed", request_id=rid, error_type=kind, why=str(error)[:80])
                    return web.json_response({"error": str(error) or kind}, status=status)

        return serve

    async def call(self, service: str, path: str, timeout_s: float | None = None, body: Any = None) -> Any:
        """Ask another service, and return what it answered. Raises one of CANNOT."""
        method = "GET" if body is None else "POST"
        url, limit = self.env.urls[service] + path, aiohttp.ClientTimeout(total=timeout_s)
        async with self.session.request(method, url, json=body, headers=caller.get({}), timeout=limit) as response:
            response.raise_for_status()
            return await response.json()
