"""Faults in one service. A new fault is a class here and a row in the table of `labs.kit.model.faults`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from labs.kit.model.faults.base import ServiceFault
from labs.kit.model.names import NS


@dataclass(frozen=True, kw_only=True)
class ErrorStatus(ServiceFault):
    """A share `rate` of requests is answered `status` before the service does any work.

    With `as_json` the body is an object like any other answer's: who does not look at the status takes it for one.
    """

    rate: float
    status: int = 503
    as_json: bool = False

    def middleware(self, rng: Random, start: float) -> Middleware:
        """The middleware."""

        @web.middleware
        async def refuse_some(request: web.Request, handler: Handler) -> web.StreamResponse:
            elapsed = asyncio.get_running_loop().time() - start
            if self.active(round(elapsed * NS)) and rng.random() < self.rate:
                if self.as_json:
                    return web.json_response({"error": "injected error"}, status=self.status)
                return web.Response(status=self.status, text="injected error")
            return await handler(request)

        return refuse_some


@dataclass(frozen=True, kw_only=True)
class LateAnswers(ServiceFault):
    """A share `rate` of requests is worked at once, and answered only after `least_s` to `most_s` seconds.

    In production: a lost packet that is sent again, a pause of the garbage collector. Whoever has given up by then does not
    know that the work was done.
    """

    rate: float
    least_s: float
    most_s: float

    def middleware(self, rng: Random, start: float) -> Middleware:
        """The middleware."""

        @web.middleware
        async def answer_some_late(request: web.Request, handler: Handler) -> web.StreamResponse:
            elapsed = asyncio.get_running_loop().time() - start
            late = self.active(round(elapsed * NS)) and rng.random() < self.rate
            late_s = rng.uniform(self.least_s, self.most_s) if late else 0.0
            response = await handler(request)
            await asyncio.sleep(late_s)
            return response

        return answer_some_late


@dataclass(frozen=True, kw_only=True)
class Kill(ServiceFault):
    """The service's process is killed when the fault begins, and started again on the same files when it is over.

    In production: kill -9, a lost machine, a deploy.
    """

    def middleware(self, rng: Random, start: float) -> Middleware:
        """Raises ValueError: this fault acts from outside the process, and has no middleware."""
        raise ValueError(f"{self} is no middleware: the world itself kills the process, and starts it again")


@dataclass(frozen=True, kw_only=True)
class DatabaseRestart(ServiceFault):
    """The database server of a live run ends its sessions and exits, and is started again when the fault is over.

    In production: an update, a failover, a memory limit.
    """

    service: str = "database"
