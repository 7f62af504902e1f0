"""Error status: a service answers some requests with an error, each independently of the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from labs.kit.faults.base import NS, ServiceFault


@dataclass(frozen=True, kw_only=True)
class ErrorStatus(ServiceFault):
    """A share `rate` of requests is answered `status` before the service does any work."""

    rate: float
    status: int = 503

    def middleware(self, rng: Random, start: float) -> Middleware:
        """The middleware."""

        @web.middleware
        async def refuse_some(request: web.Request, handler: Handler) -> web.StreamResponse:
            elapsed = asyncio.get_running_loop().time() - start
            if self.active(round(elapsed * NS)) and rng.random() < self.rate:
                return web.Response(status=self.status, text="injected error")
            return await handler(request)

        return refuse_some
