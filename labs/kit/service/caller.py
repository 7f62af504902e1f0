"""The calls of a service that only wants to know how each was answered: one session, in a few words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit.service.env import Env


class Caller:
    """Calls other services by name. Hand its `lifespan` to `application`; there is no bound for open connections."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self._session: aiohttp.ClientSession | None = None

    async def lifespan(self, app: web.Application) -> AsyncIterator[None]:
        """Open the session, and close it in the end."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as self._session:
            yield

    async def call(self, service: str, path: str, name: str = "", *, method: str = "GET", wait_s: float = 60.0) -> int:
        """The status of the answer; 0 if none came within `wait_s`. `name` is sent as X-Request-Id, by default the path."""
        return (await self.read(service, path, name, method=method, wait_s=wait_s))[0]

    async def read(
        self, service: str, path: str, name: str = "", *, method: str = "GET", wait_s: float = 60.0
    ) -> tuple[int, Any]:
        """The status of the answer, and what its JSON says; (0, None) if none came within `wait_s`, None without JSON."""
        assert self._session is not None, "the lifespan has not begun"
        wait, head = aiohttp.ClientTimeout(total=wait_s), {"X-Request-Id": name or path}
        try:
            async with self._session.request(method, self._env.urls[service] + path, timeout=wait, headers=head) as answer:
                told = answer.content_type == "application/json"
                return answer.status, await answer.json() if told else None
        except TimeoutError:
            return 0, None
