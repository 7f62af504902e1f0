"""What the office does: it asks for reports and corrections, tries who may do what, and tampers with copies of the audit.

All it learns goes into its log. Its names are the judge's secret, where a repair is graded.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, pairwise
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp

from labs.kit import Env
from labs.lab10_reports import data
from labs.lab10_reports.data import CLOSED, OPEN, TENANTS, posting
from labs.lab10_reports.readings import digested
from labs.lab10_reports.rules import RIGHTS
from labs.lab10_reports.scenarios import LAST_POSTING

ASK_AGAIN_S, ASKS = 0.25, 12
TOTAL_S = 6.0
NEAR = ("Accountant", "auditor ", "")
"""Roles that nobody knows, and that a repair may take for one of those that are known, or for none that must be asked."""
BOOKED_S = 0.3
"""What was confirmed so long ago is in every audit, also where it is not written at once."""
Answer = tuple[int, Any]


async def ask(session: aiohttp.ClientSession, method: str, url: str, body: bytes | None = None, raw: bool = False) -> Answer:
    """One request; (status, what was answered), 0 if nothing was."""
    try:
        timeout = aiohttp.ClientTimeout(total=TOTAL_S)
        async with session.request(method, url, data=body, timeout=timeout) as answer:
            return answer.status, await answer.read() if raw else json.loads(await answer.read() or b"null")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return 0, None


def posted(month: str, debit: str, credit: str, cents: int) -> bytes:
    """The body of a posting."""
    return json.dumps({"month": month, "debit": debit, "credit": credit, "cents": cents}).encode()


async def report(env: Env, session: aiohttp.ClientSession, at_s: float, tenant: str) -> None:
    """Asks for the report of the open month, and logs "report" with its balances."""
    await env.until(at_s)
    sent = env.signals.now()
    status, told = await ask(session, "GET", f"{env.urls['books']}/{tenant}/accountant/{tenant}-office/reports/{OPEN}")
    balances = told.get("balances") if isinstance(told, dict) else None
    env.signals.log.info("report", tenant=tenant, sent=sent, status=status, balances=json.dumps(balances))


async def correct(env: Env, session: aiohttp.ClientSession, at_s: float, tenant: str, number: int) -> None:
    """Asks for a correction until it is confirmed, always by the same name; logs "correction".

    On the quiet day, at its heels: who may not correct asks for it by the same name ("probe"), and the tenant for a report.
    """
    await env.until(at_s)
    sent, name = env.signals.now(), env.named("correction", number)
    url = f"{env.urls['books']}/{tenant}/accountant/{tenant}-office/corrections/{name}"
    for _ in range(ASKS):
        status, _ = await ask(session, "POST", url)
        if status == 200:
            break
        await asyncio.sleep(ASK_AGAIN_S)
    env.signals.log.info("correction", request_id=name, tenant=tenant, sent=sent, status=status)
    if not env.settings["matrix_at_s"]:
        return
    await report(env, session, 0.0, tenant)
    for place, role in enumerate(role for role, may in RIGHTS.items() if "correct" not in may):
        user = env.named("user", 10_000 * (1 + TENANTS.index(tenant)) + 100 * number + place)
        status, told = await ask(session, "POST", f"{env.urls['books']}/{tenant}/{role}/{user}/corrections/{name}")
        env.signals.log.info(
            "probe", request_id=user, what="done", tenant=tenant, role=role, action="correct", object=name, status=status,
            right=403, told=json.dumps(told)[:100], foreign=0,
        )  # fmt: skip


def _foreign(told: Any, tenant: str, tenants: dict[str, str]) -> int:
    """How many rows of a trail tell of users of another tenant."""
    rows = told.get("rows", []) if isinstance(told, dict) else []
    return sum(tenants.get(str(cell), tenant) != tenant for row in rows for cell in row)


# Who may do what ------------------------------------------------------------------------------------------------------


async def matrix(env: Env, session: aiohttp.ClientSession) -> None:
    """Every role of both tenants on every path; logs "probe" for each, with what was answered and what had to be.

    Each probe is made by a user of its own. Entries: one's own, the other tenant's, one that nobody has posted.
    """
    await env.until(env.settings["matrix_at_s"])
    users = iter(range(1_000))
    objects = {tenant: env.named("entry", 500_000 + number) for number, tenant in enumerate(TENANTS)}
    nothing = env.named("entry", 600_000)
    tenants: dict[str, str] = {f"{tenant}-till": tenant for tenant in TENANTS}

    async def probe(what: str, tenant: str, role: str, method: str, path: str, action: str, body: Any = None) -> Answer:
        user = env.named("user", next(users))
        tenants[user] = tenant
        role = role or next(strangers)
        raw = json.dumps(body).encode() if body is not None else None
        status, told = await ask(session, method, f"{env.urls['books']}/{tenant}/{quote(role)}/{user}/{path}", raw)
        right = 200 if action in RIGHTS.get(role, ()) else 403
        if right == 200 and what in ("other", "none"):
            right = 404
        if right == 200 and action == "post":
            right = 201
        name = path.rpartition("/")[2]
        env.signals.log.info(
            "probe", request_id=user, what=what, tenant=tenant, role=role, action=action, object=name, status=status,
            right=right, told=digested(told) if status in (200, 201) else json.dumps(told)[:100],
            foreign=_foreign(told, tenant, tenants) if action == "trail" else 0,
        )  # fmt: skip
        return status, told

    for tenant, name in objects.items():
        debit, credit, cents = posting(name)
        body = {"month": "2026-12", "debit": debit, "credit": credit, "cents": cents}
        await probe("own", tenant, "clerk", "POST", f"entries/{name}", "post", body)
    unknown = ""  # each probe in such a role has the next one
    strangers = cycle((*NEAR, env.named("role", 1)))
    for month in (OPEN, CLOSED):  # the first of each month fills a cache, the others may find it
        for tenant, role in ((t, r) for r in ("accountant", "clerk", "auditor", unknown) for t in TENANTS):
            await probe(month, tenant, role, "GET", f"reports/{month}", "report")
    for role in (*RIGHTS, unknown):
        for tenant, other in (TENANTS, TENANTS[::-1]):
            for what, name in (("own", objects[tenant]), ("other", objects[other]), ("none", nothing)):
                await probe(what, tenant, role, "GET", f"entries/{name}", "entry")
            if role not in ("accountant", "clerk"):
                await probe(
                    "new", tenant, role, "POST", f"entries/{env.named('entry', next(users) + 700_000)}", "post", body
                )
                await probe("repeat", tenant, role, "POST", f"entries/{objects[tenant]}", "post", body)
            if role != "accountant":
                await probe("new", tenant, role, "POST", f"corrections/{env.named('correction', next(users))}", "correct")
            await probe("trail", tenant, role, "GET", "trail", "trail")


# Tampering ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Copy:
    """A copy of the audit as it was handed to `verify`: how it was tampered with, "" if it was not."""

    kind: str
    body: bytes


async def tamper(env: Env, session: aiohttp.ClientSession) -> None:
    """Exports the audit, tampers with copies, has each verified; logs "verified" for each, and "append only" for attempts
    to change the audit past its triggers, and "exported" with the number of rows."""
    await env.until(env.settings["export_at_s"])
    rng = Random(f"tamper {env.seed} {env.secret}")
    books, examiner = env.urls["books"], env.urls["examiner"]
    _, body = await ask(session, "GET", f"{books}/export", raw=True)
    _, anchors = await ask(session, "GET", f"{env.urls['vault']}/anchors/books")
    rows = len(_rows(body))
    covered = max((anchor["count"] for anchor in anchors or ()), default=0)
    env.signals.log.info("exported", rows=rows, anchored=covered)
    for what in CHANGES:
        env.signals.log.info("append only", what=what, refused=_refused(body, what))

    export = "first"

    async def verified(copy: Copy) -> None:
        head = json.dumps(anchors).encode() + b"\n"
        status, told = await ask(session, "POST", f"{examiner}/verify", head + copy.body)
        found = told.get("found") if isinstance(told, dict) else None
        said = {"found": len(found or ()), "said": (found or [""])[0]}
        env.signals.log.info("verified", kind=copy.kind, export=export, status=status, **said)

    copies = list(tampered(body, rng)) if rows >= 10 else []
    rng.shuffle(copies)
    for number, copy in enumerate(copies):
        await verified(copy)
        if number == len(copies) // 2:
            await verified(Copy("", body))
    limit = asyncio.Semaphore(20)

    async def post(base: str, number: int) -> None:
        name = env.named("entry", LAST_POSTING + number)
        async with limit:
            await ask(session, "POST", f"{base}/north/clerk/north-till/entries/{name}", posted(OPEN, *posting(name)))

    await asyncio.gather(*(post(examiner, number) for number in range(rows + 1)))
    await asyncio.sleep(BOOKED_S)
    _, other = await ask(session, "GET", f"{examiner}/export", raw=True)
    await verified(Copy("replaced", _cut_to(other, rows) if rows else other))
    if copies:
        await verified(Copy("grafted", _grafted(body, other, rng)))
    await post(books, rows + 1)
    _, later = await ask(session, "GET", f"{books}/export", raw=True)
    export = "second"
    await verified(Copy("", later))


def _opened(body: bytes | None) -> sqlite3.Connection:
    db = data.raw_connect(":memory:")
    if body:
        db.deserialize(body)
    return db


def _rows(body: bytes | None) -> list[tuple[Any, ...]]:
    with closing(_opened(body)) as db:
        try:
            return db.execute("select * from audit order by seq").fetchall()
        except sqlite3.Error:
            return []


LAST_ROW = "where seq = (select max(seq) from audit)"
CHANGES = (
    f"update audit set outcome = 'done' {LAST_ROW}",  # noqa: S608 - this file's own text
    f"delete from audit {LAST_ROW}",  # noqa: S608 - this file's own text
    f"update or replace audit set seq = seq - 1 {LAST_ROW}",  # noqa: S608 - this file's own text
)
"""Attempts to change and to delete a row, with the audit's own triggers in place."""


def _refused(body: bytes | None, sql: str) -> bool:
    """Is the change refused by the audit's own triggers?"""
    with closing(_opened(body)) as db:
        try:
            db.execute(sql)
        except sqlite3.Error:
            return True
        return False


def _changed(body: bytes, change: Callable[[sqlite3.Connection], None]) -> bytes:
    """A copy in which somebody with the rights of the system has changed something: the triggers are gone first."""
    with closing(_opened(body)) as db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f'drop trigger "{name}"')
        change(db)
        return db.serialize()


def _cut_to(body: bytes | None, rows: int) -> bytes:
    """A chain without all that follows its first `rows` rows."""
    kept = [row[0] for row in _rows(body)][:rows]
    return _changed(body or b"", lambda db: _run(db, "delete from audit where seq > ?", kept[-1] if kept else 0))


def _grafted(body: bytes, other: bytes, rng: Random) -> bytes:
    """The audit with one row of another chain in the place of its own."""
    rows = _rows(other)
    row = rows[rng.randrange(len(rows) // 4, len(rows) // 2)]
    marks = ", ".join("?" * len(row))
    return _changed(body, lambda db: _run(db, f"insert or replace into audit values ({marks})", *row))  # noqa: S608 - marks


def _run(db: sqlite3.Connection, sql: str, *values: Any) -> None:
    db.execute(sql, values)


TEXTS = ("tenant", "actor", "action", "object", "outcome")
SMALL_S = 0.000_003


def _inside(body: bytes, rng: Random) -> int:
    """A row whose time is the same to the millisecond, some microseconds later."""
    found = [row[0] for row in _rows(body)[2:-2] if round(row[1], 3) == round(row[1] + SMALL_S, 3)]
    return rng.choice(found) if found else 3


def tampered(body: bytes, rng: Random) -> Iterator[Copy]:
    """The audit, tampered with in each of the ways."""
    seqs = [row[0] for row in _rows(body)]
    middle = seqs[2:-2]

    def edit(column: str, value: str, seq: int = 0) -> Copy:
        seq = seq or rng.choice(middle)
        sql = f"update audit set {column.partition(' ')[0]} = {value} where seq = ?"  # noqa: S608 - this file's own text
        return Copy(f"edited {column}", _changed(body, lambda db: _run(db, sql, seq)))

    yield edit("at", "at + 3600")
    yield edit("tenant", "tenant || 'x'")
    yield edit("actor", "'nobody'")
    yield edit("action", "action || 'x'")
    yield edit("object", "object || '0'")
    yield edit("outcome", "outcome || 'x'")
    yield edit("lines", "lines + 1")
    yield edit("seq", "seq + 1", seqs[-1])
    yield edit("at (microseconds)", f"at + {SMALL_S}", _inside(body, rng))
    for left, right in pairwise(TEXTS):

        def over(db: sqlite3.Connection, left: str = left, right: str = right, seq: int = rng.choice(middle)) -> None:
            moved = f"{right} = substr({left}, -1) || {right}, {left} = substr({left}, 1, length({left}) - 1)"
            db.execute(f"update audit set {moved} where seq = ?", (seq,))  # noqa: S608 - this file's own text

        yield Copy(f"shifted {left}|{right}", _changed(body, over))
    gone = rng.choice(middle)
    yield Copy("deleted", _changed(body, lambda db: _run(db, "delete from audit where seq = ?", gone)))

    def closed_up(db: sqlite3.Connection) -> None:
        db.execute("delete from audit where seq = ?", (gone,))
        for seq in [seq for seq in seqs if seq > gone]:
            db.execute("update audit set seq = ? where seq = ?", (seq - 1, seq))

    yield Copy("deleted, renumbered", _changed(body, closed_up))
    place = rng.randrange(len(middle) - 1)
    one, two = middle[place], middle[place + 1]

    def swapped(db: sqlite3.Connection) -> None:
        for was, becomes in ((one, -1), (two, one), (-1, two)):
            db.execute("update audit set seq = ? where seq = ?", (becomes, was))

    yield Copy("reordered", _changed(body, swapped))
    yield Copy("cut, the last row", _changed(body, lambda db: _run(db, "delete from audit where seq = ?", seqs[-1])))
    yield Copy(
        "cut, the second half", _changed(body, lambda db: _run(db, "delete from audit where seq > ?", seqs[len(seqs) // 2]))
    )
    yield Copy("emptied", _changed(body, lambda db: _run(db, "delete from audit")))
