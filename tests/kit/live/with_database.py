"""A lab of one service with a database, for tests; as a program, one run of it for tests that kill or interrupt it.

python -m tests.kit.live.with_database
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import asyncpg
from aiohttp import web

from labs.kit.model.faults import Fault
from labs.kit.model.lab import Progress
from labs.kit.model.record import Run
from labs.kit.service.env import Env
from labs.kit.worlds.live.world import Interrupted, run_live
from tests.kit.live.tiny import NO_FIX, live_lab, scenario

SETUP = """
    create table seen (at double precision, secret text);
    create function look() returns void language sql security definer as
        $$ insert into public.seen values (run.seconds(), 'kept') $$;
"""
SETTINGS: Mapping[str, Any] = {
    "max_connections": 4,
    "database_setup": SETUP,
    "database_report": "select secret, at > 0 as later from seen",
    "early": 0,
    "open": 3,
    "close_at": 0.6,
    "again_at": None,
}


def opener(env: Env) -> web.Application:
    """Opens `early` sessions at its start, and `open` when the run begins, one in a transaction; closes these `close_at`."""

    async def work() -> None:
        for at in (0.1, env.settings["again_at"]):
            if at is None:
                return
            await env.until(at)
            held = []
            for _ in range(env.settings["open"]):
                with contextlib.suppress(asyncpg.PostgresError, OSError):
                    held.append(await asyncpg.connect(env.urls["database"]))
            if not held:
                return
            await held[0].execute("begin; select look(); commit; begin")
            await env.until(at + env.settings["close_at"])
            for one in held:
                one.terminate() if one.is_closed() else await one.close()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        early = [await asyncpg.connect(env.urls["database"]) for _ in range(env.settings["early"])]
        working = asyncio.create_task(work())
        yield
        working.cancel()
        await asyncio.wait([working])
        for one in early:
            one.terminate()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/", answer)
    app.cleanup_ctx.append(lifespan)
    return app


def database_run(
    *, seconds: float = 1.0, faults: tuple[Fault, ...] = (), progress: Progress | None = None, **settings: Any
) -> Run:
    """One live run of the lab."""
    lab = live_lab("quick")
    service = replace(lab.services[0], app=f"{__name__}:opener" if __name__ != "__main__" else f"{MODULE}:opener")
    lab = replace(lab, services=(service,), database="postgres")
    return run_live(lab, NO_FIX, scenario(seconds, faults=faults, **{**SETTINGS, **settings}), 1, progress)


MODULE = "tests.kit.live.with_database"


def main() -> None:
    """One run of 60 s that says how far it is, and how it ended."""
    try:
        run = database_run(seconds=60, close_at=50, progress=lambda done, whole: print(f"at {done}", flush=True))
    except Interrupted:
        print("interrupted", flush=True)
    else:
        print(f"{run.status}: {run.info.detail}", flush=True)


if __name__ == "__main__":
    main()
