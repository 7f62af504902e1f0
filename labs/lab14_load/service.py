"""The environment of the repair: a CI server asks the tester, and the tester asks the shop, as any of its users would.

    ci --> tester --> gateway --> payments

The tester runs the repair, which is a test. The other three run none: `ci` writes down what it was answered, and what the
test does is seen on the wire.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application
from labs.lab14_load import versions
from labs.lab14_load.scenarios import BEGINS_S, PATIENCE_S, TEST_S

LONGEST_WHY = 300


@dataclass(frozen=True)
class Answer:
    """The shop's answer to one request. Times in seconds; `sent` is the loop's time at which the request was made.

    `status` is 0 if nothing came within a second; `body` is {} then. `retry_after` is the header's text, "" without.
    `number` is that of the page asked for, None of an order.
    """

    kind: str
    name: str
    client: str
    sent: float
    seconds: float
    status: int
    body: dict[str, Any] = field(default_factory=dict)
    retry_after: str = ""
    number: int | None = None


class Town:
    """What a test is given: the way to the shop, and a seeded random generator."""

    def __init__(self, session: aiohttp.ClientSession, url: str, seed: str) -> None:
        self.session = session
        self.url = url
        self.rng = Random(seed)
        self._names = Random(f"names {seed}")

    async def order(self, client: str, amount: int = 1, name: str | None = None) -> Answer:
        """Order something; `name` repeats an earlier order. Waits at most a second."""
        name = name or f"order-{self._names.getrandbits(48):012x}"
        body = {"id": name, "client": client, "amount": amount}
        return await self._ask("order", name, client, "POST", "/orders", json=body)

    async def page(self, number: int) -> Answer:
        """Look at a page, 0 to 39. Waits at most a second."""
        name = f"page-{self._names.getrandbits(48):012x}"
        return replace(await self._ask("page", name, "", "GET", f"/pages/{number}"), number=number)

    async def _ask(self, kind: str, name: str, client: str, method: str, path: str, **more: Any) -> Answer:
        loop = asyncio.get_running_loop()
        sent = loop.time()
        try:
            async with (
                asyncio.timeout(PATIENCE_S),
                self.session.request(method, self.url + path, headers={"X-Request-Id": name}, **more) as response,
            ):
                body = await response.json()
        except (TimeoutError, aiohttp.ClientError, ValueError):
            return Answer(kind, name, client, sent, loop.time() - sent, 0)
        told = response.headers.get("Retry-After", "")
        return Answer(kind, name, client, sent, loop.time() - sent, response.status, body, told)


def gateway(env: Env) -> web.Application:
    """The shop's entry, in the version that the scenario names."""
    made: web.Application = versions.module(env.settings["version"], env.settings["bank"]).gateway(env)
    return made


def payments(env: Env) -> web.Application:
    """The shop's payments, in the version that the scenario names."""
    made: web.Application = versions.module(env.settings["version"], env.settings["bank"]).payments(env)
    return made


def tester(env: Env) -> web.Application:
    """POST /test, /load, /capacity: run the repair's coroutine of this name against the shop; answers with its outcome."""
    session: aiohttp.ClientSession
    repaired = env.repair()
    jobs = {name: getattr(repaired, name) for name in ("load", "capacity", "test")}

    async def outcome(name: str, asked: dict[str, Any]) -> tuple[str, str]:
        """The outcome in a word, and in a sentence."""
        town = Town(session, env.urls["gateway"], asked["seed"])
        try:
            async with asyncio.timeout(TEST_S):
                if name == "load":
                    answers = await jobs[name](town, asked["rate"], asked["seconds"])
                    return "loaded", str(len({answer.name for answer in answers}))
                if name == "capacity":
                    return "capacity", str(float(await jobs[name](town)))
                await jobs[name](town)
            return "pass", ""
        except AssertionError as failed:
            return "fail", str(failed) or "an assertion without a message"
        except TimeoutError:
            return "late", f"it was not over after {TEST_S:g} s"
        except Exception as error:  # whatever the repair raises
            env.signals.log.error(f"{name}() raised", error_type=type(error).__name__, exc_info=error)
            return "error", repr(error)

    async def run(request: web.Request) -> web.Response:
        word, why = await outcome(request.match_info["name"], await request.json())
        return web.json_response({"outcome": word, "why": why[:LONGEST_WHY]})

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    return application(web.post("/{name:test|load|capacity}", run), lifespan=lifespan)


def ci(env: Env) -> web.Application:
    """Has the tester do the scenario's job, and writes down the answer: the event "outcome"."""

    async def ask() -> None:
        await env.until(BEGINS_S)
        seed = hashlib.sha256(f"{env.seed} {env.secret} test".encode()).hexdigest()
        asked = {"seed": seed, "rate": env.settings["rate"], "seconds": env.settings["seconds"]}
        word, why = "no answer", ""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TEST_S + 1)) as session,
                session.post(f"{env.urls['tester']}/{env.settings['job']}", json=asked) as response,
            ):
                told = json.loads(await response.read())
            word, why = str(told["outcome"]), str(told["why"])[:LONGEST_WHY]
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError):
            pass
        env.signals.event("outcome", word, why)

    return application(background=[ask] if env.settings["job"] else [])


def figure(text: str) -> float:
    """The number that a test stated; nan if it is none."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
