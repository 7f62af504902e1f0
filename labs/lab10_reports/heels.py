"""What the office does at the heels of something else: it reads at the answer 201, reports while it posts, and so on.

Each pair differs from the same two requests a second apart by one thing: the first has just been answered, or not yet.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from random import Random

import aiohttp

from labs.kit import Env
from labs.lab10_reports import office_work
from labs.lab10_reports.data import ACCOUNTS, OPEN, TENANTS, posting
from labs.lab10_reports.office_work import ask, posted
from labs.lab10_reports.rules import SUSPENSE
from labs.lab10_reports.scenarios import CORRECTION, QUIET_CORRECTIONS

NUMBERS = 800_000
"""The numbers of the names that are used here begin here."""
NEXT, LATER = "2026-12", "2027-01"
"""Months in which nobody else posts: what stands in their reports is known to the cent."""
LONE, BURST, PAIRS, SHARED, ROUNDS, REFUSED, LOOKED_AT, INSISTED = 4, 30, 20, 6, 10, 40, 6, 8
PAIR_S = 0.0002
"""The second of a pair comes within this time of the first."""
RUSH_S, STEP_S = 0.03, (0.0003, 0.0009)
"""So long before a kill the office begins to post and to be refused, one request each so many seconds."""


async def quiet_day(env: Env, session: aiohttp.ClientSession) -> None:
    """The matrix; then what comes at the heels of something else; then corrections of both tenants, with reports in them."""
    await office_work.matrix(env, session)
    await heels(env, session)
    asking = asyncio.create_task(reporting(env, session))
    await asyncio.gather(*(office_work.correct(env, session, 0.0, *which) for which in QUIET_CORRECTIONS))
    asking.cancel()


async def heels(env: Env, session: aiohttp.ClientSession) -> None:
    """Logs "heel" for each pair: what kind, and whether the second saw what the first was told."""
    rng = Random(f"heels {env.seed} {env.secret}")
    for number in range(LONE):
        await read_at_once(env, session, "lone", number)
    numbers = iter(range(LONE, NUMBERS))
    await asyncio.gather(*(read_at_once(env, session, "burst", next(numbers)) for _ in range(BURST)))
    pairs: list[Awaitable[None]] = []
    for number in [next(numbers) for _ in range(PAIRS)]:
        pairs += [
            read_at_once(env, session, "twice", number),
            read_at_once(env, session, "twice", number, wait_s=rng.uniform(0, PAIR_S)),
        ]
    await asyncio.gather(*pairs)
    for number in [next(numbers) for _ in range(SHARED)]:
        await asyncio.gather(
            read_at_once(env, session, "shared", number, tenant="north"),
            read_at_once(env, session, "shared", number, tenant="south", wait_s=rng.uniform(0, PAIR_S)),
        )
    await reports_at_once(env, session, [next(numbers) for _ in range(ROUNDS)])
    await asyncio.gather(*(refused_at_once(env, session, next(numbers), n < LOOKED_AT) for n in range(REFUSED)))
    await asyncio.gather(*(refused_twice(env, session, next(numbers)) for _ in range(INSISTED)))


async def read_at_once(
    env: Env, session: aiohttp.ClientSession, kind: str, number: int, tenant: str = "", wait_s: float = 0.0
) -> None:
    """Posts an entry, and reads it as soon as it is confirmed."""
    tenant = tenant or TENANTS[number % 2]
    name = env.named("entry", NUMBERS + number)
    debit, credit, cents = lines_of(name, tenant)
    await asyncio.sleep(wait_s)
    path = f"{env.urls['books']}/{tenant}/clerk/{tenant}-till/entries/{name}"
    status, _ = await ask(session, "POST", path, posted(NEXT, debit, credit, cents))
    read, told = await ask(session, "GET", path)
    lines = told.get("lines") if isinstance(told, dict) else None
    right = read == 200 and sorted(lines or []) == sorted([[debit, cents], [credit, -cents]])
    env.signals.log.info("heel", request_id=name, kind=kind, tenant=tenant, status=status, read=read, right=right)


def lines_of(name: str, tenant: str) -> tuple[str, str, int]:
    """What an entry of this name posts here: never on suspense, and not the same for both tenants."""
    _, credit, cents = posting(f"{tenant} {name}")
    debit = ACCOUNTS[(ACCOUNTS.index(credit) + 1) % len(ACCOUNTS)]
    return debit, credit, cents


async def reports_at_once(env: Env, session: aiohttp.ClientSession, numbers: list[int]) -> None:
    """Posts, asks for reports while it does, and for one more when the posting is confirmed: this one must have it."""
    due: Counter[str] = Counter()
    mine = f"{env.urls['books']}/north/accountant/north-office/reports/{LATER}"
    for number in numbers:
        name = env.named("entry", NUMBERS + number)
        debit, credit, cents = lines_of(name, "north")
        path = f"{env.urls['books']}/north/clerk/north-till/entries/{name}"
        (status, _), *_ = await asyncio.gather(
            ask(session, "POST", path, posted(LATER, debit, credit, cents)), *(ask(session, "GET", mine) for _ in range(3))
        )
        due.update({debit: cents, credit: -cents})
        _, told = await ask(session, "GET", mine)
        sums = told.get("balances", {}) if isinstance(told, dict) else {}
        right = {account: cents for account, cents in sums.items() if cents} == {a: c for a, c in due.items() if c}
        env.signals.log.info("heel", request_id=name, kind="report", tenant="north", status=status, right=right)


async def refused_at_once(env: Env, session: aiohttp.ClientSession, number: int, looked_at: bool) -> None:
    """Is refused, with 403 or with 404; an auditor looks for the row as soon as the answer is there."""
    user, name, tenant = env.named("user", NUMBERS + number), env.named("entry", 2 * NUMBERS + number), TENANTS[number % 2]
    thing = f"entries/{name}" if number % 4 < 2 else f"corrections/{env.named('correction', NUMBERS + number)}"
    method = "GET" if number % 4 < 2 else "POST"
    base = f"{env.urls['books']}/{tenant}"
    status, _ = await ask(session, method, f"{base}/clerk/{user}/{thing}")
    if looked_at:
        _, told = await ask(session, "GET", f"{base}/auditor/{tenant}-auditor/trail")
        rows = told.get("rows", []) if isinstance(told, dict) else []
        right = any(user in row for row in rows)
        env.signals.log.info("heel", request_id=user, kind="refused", tenant=tenant, status=status, right=right)


async def refused_twice(env: Env, session: aiohttp.ClientSession, number: int) -> None:
    """Is refused, with 403 or with 404, and asks for the same once more: two refusals, so two rows."""
    user, tenant = env.named("user", NUMBERS + number), TENANTS[number % 2]
    action, method = ("entry", "GET") if number % 4 < 2 else ("correct", "POST")
    name = env.named("entry" if action == "entry" else "correction", 2 * NUMBERS + number)
    path = f"{'entries' if action == 'entry' else 'corrections'}/{name}"
    refused = 0
    for _ in range(2):
        status, _ = await ask(session, method, f"{env.urls['books']}/{tenant}/clerk/{user}/{path}")
        refused += status in (403, 404)
    env.signals.log.info(
        "heel", request_id=name, kind="refused twice", tenant=tenant, user=user, action=action, refused=refused
    )


async def rush(env: Env, session: aiohttp.ClientSession, killed_s: float) -> None:
    """Posts and is refused until the process is killed; logs "rush" for each that was answered before."""
    rng = Random(f"rush {killed_s} {env.seed} {env.secret}")
    await env.until(killed_s - RUSH_S)
    base, first = f"{env.urls['books']}/north", NUMBERS + round(1000 * killed_s) * 1000

    async def one(number: int, kind: str) -> None:
        name, user = env.named("entry", number), env.named("user", number)
        if kind == "post":
            told = posted(NEXT, *lines_of(name, "north"))
            status, _ = await ask(session, "POST", f"{base}/clerk/north-till/entries/{name}", told)
        else:
            thing = f"entries/{name}" if kind == "entry" else f"reports/{NEXT}"
            status, _ = await ask(session, "GET", f"{base}/clerk/{user}/{thing}")
        thing = NEXT if kind == "report" else name
        env.signals.log.info("rush", request_id=name, kind=kind, user=user, object=thing, status=status)

    under_way = []
    for number in range(round(RUSH_S / sum(STEP_S) * 2)):
        under_way.append(asyncio.create_task(one(first + number, ("post", "entry", "post", "report")[number % 4])))
        if number % 8 == 0:
            under_way.append(asyncio.create_task(one(first + number, "post")))
        await asyncio.sleep(rng.uniform(*STEP_S))
    await asyncio.wait(under_way)


async def after_a_restart(env: Env, session: aiohttp.ClientSession) -> None:
    """Posts to suspense, and asks for a correction that was confirmed before the process was killed and started again."""
    await env.until(env.settings["later_s"])
    first = 3 * NUMBERS
    names = (env.named("entry", number) for number in range(first, 2 * first))
    name = next(name for name in names if posting(name)[0] == SUSPENSE)
    sent = env.signals.now()
    path = f"{env.urls['books']}/north/clerk/north-till/entries/{name}"
    status, _ = await ask(session, "POST", path, posted(OPEN, *posting(name)))
    env.signals.log.info("heel", request_id=name, kind="restarted", tenant="north", status=status, sent=sent)
    await office_work.correct(env, session, 0.0, "north", CORRECTION)


async def reporting(env: Env, session: aiohttp.ClientSession) -> None:
    """Asks for the south's report, one after the other, so that a cache is filled at each moment of the corrections."""
    while True:
        await ask(session, "GET", f"{env.urls['books']}/south/accountant/south-office/reports/{OPEN}")
        await asyncio.sleep(STEP_S[0])


async def end_of_day(env: Env, session: aiohttp.ClientSession) -> None:
    """The last entry of the day, while the vault fails: nobody comes after it."""
    await env.until(env.settings["day_ends_s"])
    await read_at_once(env, session, "last", CORRECTION)
