"""The route by which an operator changes a setting of a running service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from labs.kit.model.names import ADMIN_ROUTE


def admin(settings: Mapping[str, Callable[[float], Any]]) -> web.RouteDef:
    """The route of `set SERVICE KEY VALUE` in a runbook, for `application`.

    Args:
        settings: for each key, the function that takes its new value. If it raises ValueError or AttributeError, the order
            is refused with its text; so is a key that is not there.
    """

    async def change(request: web.Request) -> web.Response:
        order = await request.json()
        try:
            settings[order["key"]](float(order["value"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"set": order["key"]})

    return web.post(ADMIN_ROUTE, change)


def of_repair(module: Any, name: str) -> Callable[[float], None]:
    """Sets a whole number at the top level of the code under repair, such as ATTEMPTS, if it is one there.

    Raises AttributeError when it is called, and the code has no such number.
    """

    def change(value: float) -> None:
        if not isinstance(getattr(module, name, None), int):
            raise AttributeError(f"this code has no number {name}")
        setattr(module, name, round(value))

    return change
