"""The system around the repair: a scorer for callers, a nightly pipeline, and the registry that has the model.

    load    -> scoring -> registry
    night   -> registry

Scoring runs the repair's `Batcher`, night its `run_night`. The registry runs no repair.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing, suppress
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, sampling
from labs.lab09_batches import data, readings
from labs.lab09_batches.model import Model
from labs.lab09_batches.store import open_store

AGAIN_S = 0.5
"""So long after run_night has raised, it is called again."""
STARTS_S = 0.26
"""So long after the start of the process the night begins: by then its memory at the start has been read."""
EVERY_S = 0.25
ASK_EVERY_S = 0.05


Background = Callable[[], Coroutine[Any, Any, None]]


async def fetched(env: Env, lines: Counter[str]) -> Model:
    """The model that the registry names; asked again until the registry is up."""
    version = None
    async with aiohttp.ClientSession() as session:
        while version is None:
            with suppress(aiohttp.ClientError):
                async with session.get(env.urls["registry"] + "/model") as answer:
                    version = (await answer.json())["version"]
            await asyncio.sleep(ASK_EVERY_S if version is None else 0)
    resets, pairs_until = env.settings["resets"], env.settings["pairs_until"]
    now = env.signals.now
    return Model(version, lambda: any(b <= now() < e for b, e in resets), lines, pairs=lambda: now() < pairs_until)


def reports(env: Env, counts: Callable[[str], float], lines: Counter[str]) -> list[Background]:
    """Background tasks that report how often the model was called, for how many records, and from which lines."""
    return [
        lambda: report_lines(env, lines),
        lambda: sampling.report(env.signals, readings.CALLS, lambda: counts("calls"), EVERY_S),
        lambda: sampling.report(env.signals, readings.ITEMS, lambda: counts("items"), EVERY_S),
    ]


async def report_lines(env: Env, lines: Counter[str]) -> None:
    """Logs each second how often each line of the repair called the model since, and with how many records."""
    while True:
        await asyncio.sleep(1.0)
        if lines:
            env.signals.log.info(readings.BY_LINE, **lines)
            lines.clear()


def scoring(env: Env) -> web.Application:
    """POST /score, the body is a record: 200 with its score; 422 if the model refuses it, 503 if it is being reset.

    GET /health: 200.
    """
    make = env.repair().Batcher  # a repair without it ends the service here
    ready = asyncio.Event()
    batcher: Any = None
    model: Model | None = None
    lines: Counter[str] = Counter()

    async def score(request: web.Request) -> web.Response:
        await ready.wait()
        try:
            found = await batcher.score(await request.read())
            return web.json_response({"score": found})
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=422)
        except ConnectionError as error:
            return web.json_response({"error": str(error)}, status=503)
        except Exception as error:
            env.signals.log.error("no score", error_type=type(error).__name__, exc_info=error)
            return web.json_response({"error": str(error)}, status=500)

    async def health(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def begin() -> None:
        nonlocal batcher, model
        model = await fetched(env, lines)
        batcher = make(model)
        await batcher.start()
        ready.set()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        yield
        if batcher is not None:
            await batcher.stop()

    background = [
        begin,
        lambda: sampling.report_loop_lag(env.signals),
        *reports(env, lambda name: getattr(model, name, 0), lines),
    ]
    return application(
        web.post("/score", score), web.get("/health", health), lifespan=lifespan, background=background
    )  # fmt: skip


def night(env: Env) -> web.Application:
    """Calls the repair's run_night, and again AGAIN_S after it has raised. Settings: `events`, the file, "" for none."""
    run_night = env.repair().run_night  # a repair without it ends the service here
    model: Model | None = None
    lines: Counter[str] = Counter()

    async def work_through() -> None:
        if not env.settings["events"]:
            return
        nonlocal model
        model = await fetched(env, lines)
        await env.until(0.0)
        await asyncio.sleep(STARTS_S)
        while True:
            try:
                await asyncio.to_thread(run)
                env.signals.log.info(readings.DONE)
                return
            except Exception as error:
                env.signals.log.error(readings.RAISED, error_type=type(error).__name__, exc_info=error)
            await asyncio.sleep(AGAIN_S)

    def run() -> None:
        events = sqlite3.connect(data.address(env.settings["events"]), uri=True, check_same_thread=False)
        with closing(events), closing(open_store(readings.KEPT.file, env.settings["stalls"], env.signals.now)) as scores:
            run_night(events, scores, model)

    async def report_kept() -> None:
        """What cannot be read at a moment, because the night is writing, is no sample."""
        while True:
            with suppress(sqlite3.Error), closing(look(timeout=0)) as db:
                rows, place = db.execute("select count(*), coalesce(max(event_id), 0) from scores").fetchone()
                aside = 0
                with suppress(sqlite3.Error):  # a repair may make this table later than the other
                    aside = db.execute("select coalesce(max(event_id), 0) from set_aside").fetchone()[0]
                env.signals.sample(readings.ROWS, rows)
                env.signals.sample(readings.PLACE, max(place, aside))
            await asyncio.sleep(EVERY_S)

    background = [
        work_through,
        report_kept,
        *reports(env, lambda name: getattr(model, name, 0), lines),
    ]
    return application(background=background)


def registry(env: Env) -> web.Application:
    """GET /model: the number of the version in use. The record has it as an event "model"."""
    data.ensure()

    async def model(request: web.Request) -> web.Response:
        return web.json_response({"version": env.settings["model"]})

    async def tell() -> None:
        await env.until(0.0)
        env.signals.event("model", str(env.settings["model"]), env.settings["events"])

    return application(web.get("/model", model), background=[tell])


def look(**options: Any) -> sqlite3.Connection:
    """The pipeline's file, to read, at no cost of the run's time."""
    return data.raw_connect(f"file:{readings.KEPT.file}?mode=ro", uri=True, **options)
