"""A service for tests of an operator: it answers with the number that its setting has."""

from __future__ import annotations

from aiohttp import web

from labs.kit.service.admin import admin
from labs.kit.service.application import application
from labs.kit.service.env import Env


def told(env: Env) -> web.Application:
    """GET /: 200, or 500 while the setting `broken` is not 0; an event "served" with the setting `answer`."""
    settings = {"answer": 1.0, "broken": 0.0}
    settings |= env.settings

    async def get(request: web.Request) -> web.Response:
        env.signals.event("served", f"{settings['answer']:g}", "")
        return web.Response(status=500 if settings["broken"] else 200)

    def refuse(value: float) -> None:
        raise ValueError("never")

    return application(
        web.get("/", get),
        admin({name: lambda value, name=name: settings.update({name: value}) for name in settings} | {"refused": refuse}),
    )
