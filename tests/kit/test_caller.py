"""The calls of a small service, against a real server on this machine; and the chart of an outage."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from labs.kit import Caller, Env, charts
from labs.kit.service.telemetry import Signals
from tests.kit.handmade import make_request, make_run

TITLES = ("as it was", "with the mending")


async def asked(*calls: tuple[str, float]) -> list[tuple[int, object]]:
    """What a Caller reads at these paths, waiting so long for each."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/late":
            await asyncio.sleep(5)
        told = {"id": request.headers["X-Request-Id"], "method": request.method}
        return web.json_response(told, status=201) if request.path == "/json" else web.Response(text="plain", status=503)

    app = web.Application()
    app.router.add_route("*", "/{path}", answer)
    async with TestServer(app) as server:
        env = Env("me", None, {}, {"store": str(server.make_url("/")).rstrip("/")}, 0, Signals("me", lambda row: None))
        caller = Caller(env)
        life = caller.lifespan(web.Application())
        await anext(life)
        found = [await caller.read("store", path, "order-7", method="POST", wait_s=wait_s) for path, wait_s in calls]
        assert await caller.call("store", "/plain") == 503
        with pytest.raises(StopAsyncIteration):
            await anext(life)
    return found


def test_status_json_and_the_end_of_patience() -> None:
    """JSON is read, other answers give their status alone, and none in time is 0; the name goes into X-Request-Id."""
    found = asyncio.run(asked(("/json", 5), ("/plain", 5), ("/late", 0.05)))
    assert found == [(201, {"id": "order-7", "method": "POST"}), (503, None), (0, None)]


def test_a_wrong_answer_is_no_answer_in_the_chart() -> None:
    """What `wrong` says of an answer takes it from the answered ones, and the chart has a row for it."""
    rows = [make_request(float(second), request_id=f"r{second}") for second in range(10)]
    with_wrong = [replace(rows[0], wrong="the answer of r9"), *rows[1:]]
    drawn = charts.public(
        make_run(with_wrong), make_run(rows), titles=TITLES, noun="request", wrong="answers of another user"
    )
    assert "as it was: 1 of 10 requests in 10 s fail" in drawn.summary
    assert "with the mending: 0 of 10 requests in 10 s fail" in drawn.summary
    assert "answers of another user per second" in [axes.get_title(loc="left") for axes in drawn.figure.axes]
