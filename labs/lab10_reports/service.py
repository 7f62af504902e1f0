"""The system around the repair: the books, the vault that keeps the anchors of the audit, and the office that looks at both.

    load   -> books -> vault
    office -> books, vault, examiner
    examiner -> vault

`books` runs the repair. `examiner` runs it as well, in a process of its own with books of its own, which are empty at first:
there the office has copies of the audit verified. Vault and office run no repair, so what they log can be believed.
"""

from __future__ import annotations

import asyncio
import json
import linecache
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, sampling
from labs.lab10_reports import data, heels, office_work
from labs.lab10_reports.rules import Forbidden, NotFound, Who

Answered = Callable[[Who, web.Request], Awaitable[Any]]
MOST_BYTES = 4 << 20
SAMPLE_S, SAMPLES = 0.02, 25
"""The threads are looked at so often, to say where they are, and reported after so many times."""


def books(env: Env) -> web.Application:
    """POST and GET /TENANT/ROLE/USER/entries/ENTRY, GET .../reports/MONTH, POST .../corrections/NAME, GET .../trail.

    The first three parts of a path are what the gateway has found out about the caller. 403 and 404 have the same body each,
    whatever the reason. GET /export: the audit as it is on the disk, in a database of its own; POST /verify: what the
    repair's `verify` says of such a database.
    """
    ledger: Any = None
    file = f"{env.name}.sqlite"
    lines: Counter[str] = Counter()
    waiting = sampling.UnderWay(env.signals)

    async def post(who: Who, request: web.Request) -> web.Response:
        told = await request.json()
        await ledger.post(who, request.match_info["name"], told["month"], told["debit"], told["credit"], told["cents"])
        return web.json_response({}, status=201)

    async def entry(who: Who, request: web.Request) -> web.Response:
        lines = await ledger.entry(who, request.match_info["name"])
        return web.json_response({"lines": [[account, cents] for account, cents in lines]})

    async def report(who: Who, request: web.Request) -> web.Response:
        return web.json_response({"balances": dict(await ledger.report(who, request.match_info["name"]))})

    async def correct(who: Who, request: web.Request) -> web.Response:
        await ledger.correct(who, request.match_info["name"])
        return web.json_response({})

    async def trail(who: Who, request: web.Request) -> web.Response:
        return web.json_response({"rows": [list(row) for row in await ledger.trail(who)]})

    def handler(action: Answered) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.Response:
            path = request.match_info
            with waiting:
                try:
                    return await action(Who(path["tenant"], path["user"], path["role"]), request)  # type: ignore[no-any-return]
                except Forbidden:
                    return web.json_response({"error": "forbidden"}, status=403)
                except NotFound:
                    return web.json_response({"error": "not found"}, status=404)
                except Exception as error:
                    env.signals.log.error("request failed", error_type=type(error).__name__, exc_info=error)
                    return web.json_response({"error": str(error)}, status=500)

        return handle

    async def export(request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(exported, file))

    async def verify(request: web.Request) -> web.Response:
        head, _, body = (await request.read()).partition(b"\n")
        copy = Path("copy.sqlite")
        copy.write_bytes(body)  # noqa: ASYNC240 - some kB
        try:
            found = list(await asyncio.to_thread(env.repair().verify, str(copy), json.loads(head)))
        except Exception as error:
            env.signals.log.error("verify failed", error_type=type(error).__name__, exc_info=error)
            return web.json_response({"error": type(error).__name__}, status=500)
        return web.json_response({"found": [str(each)[:200] for each in found]})

    async def report_lines() -> None:
        while True:
            for _ in range(SAMPLES):
                await asyncio.sleep(SAMPLE_S)
                lines.update(filter(None, map(line_of, sys._current_frames().values())))
            if lines:
                env.signals.log.info("lines", **lines)
                lines.clear()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal ledger
        if not os.path.exists(file):  # noqa: ASYNC240 - before the first request
            opened(file, full=env.name == "books")
        ledger = env.repair().Ledger(file, f"{env.urls['vault']}/anchors/{env.name}")
        await ledger.start()
        yield
        await ledger.stop()

    mine = "/{tenant}/{role:[^/]*}/{user}"  # a role may be empty: nobody knows it
    return application(
        web.post(f"{mine}/entries/{{name}}", handler(post)), web.get(f"{mine}/entries/{{name}}", handler(entry)),
        web.get(f"{mine}/reports/{{name}}", handler(report)), web.post(f"{mine}/corrections/{{name}}", handler(correct)),
        web.get(f"{mine}/trail", handler(trail)), web.get("/export", export), web.post("/verify", verify),
        lifespan=lifespan, background=[waiting.report, report_lines, lambda: sampling.report_loop_lag(env.signals)],
        client_max_size=MOST_BYTES,
    )  # fmt: skip


def line_of(frame: FrameType | None) -> str:
    """Where a thread is in the repair, in a function that runs outside of the loop's thread: the line; "" if nowhere."""
    found = ""
    while frame is not None:
        if frame.f_code.co_filename == names.FIX_FILE and not found:
            number = frame.f_lineno
            text = linecache.getline(names.FIX_FILE, number).strip()
            if text.endswith("("):  # a call over some lines: its first argument says what it does
                text += linecache.getline(names.FIX_FILE, number + 1).strip()
            found = f"fix.py:{number} {text[:90]}"
        if frame.f_code.co_name == "run_forever":
            return ""
        frame = frame.f_back
    return found


def opened(file: str, full: bool) -> None:
    """The file of the books as a run finds it: with all that was posted before, or with the accounts alone."""
    part = f"{file}.new"
    if full:
        shutil.copyfile(data.ensure(), part)
    else:
        with closing(data.raw_connect(part)) as db:
            data.create(db)
    os.replace(part, file)


def exported(file: str) -> bytes:
    """The table `audit` of a database, with its triggers, as the bytes of a database of its own."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db, closing(data.raw_connect(":memory:")) as copy:
        of_audit = "from sqlite_master where tbl_name = 'audit' and sql is not null and type"
        table = db.execute(f"select sql {of_audit} = 'table'").fetchone()
        triggers = db.execute(f"select sql {of_audit} = 'trigger'").fetchall()
        rows = db.execute("select * from audit order by seq").fetchall()
        copy.execute(*table)
        if rows:
            copy.execute("begin")
            copy.executemany(f"insert into audit values ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 - marks
            copy.execute("commit")
        for trigger in triggers:
            copy.execute(*trigger)
        return copy.serialize()


def vault(env: Env) -> web.Application:
    """POST /anchors/WHO {"count": ..., "head": ...}: kept, as it came; 204. GET /anchors/WHO: all of them, oldest first."""
    kept: dict[str, list[dict[str, Any]]] = {}

    async def anchor(request: web.Request) -> web.Response:
        told = await request.json()
        mine = kept.setdefault(request.match_info["who"], [])
        mine.append({"count": int(told["count"]), "head": str(told["head"])})
        env.signals.log.info("anchored", who=request.match_info["who"], count=mine[-1]["count"])
        await asyncio.sleep(env.settings["vault_s"])
        return web.Response(status=204)

    async def anchors(request: web.Request) -> web.Response:
        return web.json_response(kept.get(request.match_info["who"], []))

    return application(web.post("/anchors/{who}", anchor), web.get("/anchors/{who}", anchors))


def office(env: Env) -> web.Application:
    """No routes: asks for reports and corrections at their times, tries the matrix, tampers with copies of the audit."""
    settings = env.settings
    tasks: list[Callable[[aiohttp.ClientSession], Awaitable[None]]] = []
    for at_s, tenant in settings["reports"]:
        tasks.append(lambda s, a=at_s, t=tenant: office_work.report(env, s, a, t))  # type: ignore[misc]
    for at_s, tenant, number in settings["corrections"]:
        tasks.append(lambda s, a=at_s, t=tenant, n=number: office_work.correct(env, s, a, t, n))  # type: ignore[misc]
    for killed_s in settings["rushes"]:
        tasks.append(lambda s, a=killed_s: heels.rush(env, s, a))  # type: ignore[misc]
    if settings["matrix_at_s"]:
        tasks.append(lambda s: heels.quiet_day(env, s))
    if settings["day_ends_s"]:
        tasks.append(lambda s: heels.end_of_day(env, s))
    if settings["later_s"]:
        tasks.append(lambda s: heels.after_a_restart(env, s))
    if settings["export_at_s"]:
        tasks.append(lambda s: office_work.tamper(env, s))

    async def all_of_it() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(task(session) for task in tasks), return_exceptions=True)

    return application(background=[all_of_it])
