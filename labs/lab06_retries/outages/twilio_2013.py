"""Twilio, 18 July 2013: charge first, write the balance after; the write fails, so the next round charges again.

Each call of a customer costs a unit. A customer whose balance is low is recharged by a job that looks once a second: it
charges the card, then credits the balance. At second 5 all replicas of the balances ask for a full copy at once, and the
store grows slow; at second 12 it is restarted, with the wrong configuration, and is read-only. At second 28 it is mended.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names

CUSTOMERS, NEAR, LOW, RECHARGE = 300, 43, 5, 20
RESYNC_S, RESTART_S, MENDED_S, LOAD_S = 5.0, 12.0, 28.0, 34.0
ROUND_S, SLOW_S = 1.0, 0.2
ORIGINAL = "https://www.twilio.com/blog/2013/07/billing-incident-post-mortem-breakdown-analysis-and-root-cause.html"

PUBLIC = (
    Fact("order", "replicas resync (1:35), restart (2:42), wrong charges noticed (3:28)", "after the restart", ORIGINAL),
    Fact("again", "a recharge is attempted again, for the balance does not show it", "multiple times", ORIGINAL),
    Fact("few", "share of the customers affected", "1.4 %", ORIGINAL),
    Fact("calls", "voice and messages", "not impacted", ORIGINAL),
)


def call(index: int, rng: Draws) -> HttpRequest:
    """The i-th call: of one customer after the other."""
    return HttpRequest("POST", f"/call/{index % CUSTOMERS}", rng.named("call", index))


def billing(env: Env) -> web.Application:
    """POST /call/N: answered at once, counted later. A job recharges customers whose balance is low.

    Settings: `writes_first`, the card is charged only after the store has taken a note of the recharge.
    """
    caller = Caller(env)
    used, low = asyncio.Queue[str](), set[str]()

    async def post(service: str, path: str) -> bool:
        return await caller.call(service, path, method="POST") == 200

    async def took(request: web.Request) -> web.Response:
        used.put_nowait(request.match_info["customer"])
        return web.Response(text="connected")

    async def count() -> None:
        while True:
            customer = await used.get()
            await post("balances", f"/spend/{customer}")
            if (await caller.read("balances", f"/{customer}"))[1]["balance"] < LOW:
                low.add(customer)

    async def recharge() -> None:
        while True:
            for customer in sorted(low):
                if env.settings["writes_first"] and not await post("balances", f"/note/{customer}"):
                    continue
                if await post("card", f"/charge/{customer}") and await post("balances", f"/credit/{customer}"):
                    low.discard(customer)
            await asyncio.sleep(ROUND_S)

    return application(web.post("/call/{customer}", took), lifespan=caller.lifespan, background=[count, recharge])


def balances(env: Env) -> web.Application:
    """POST /spend/N, /credit/N, /note/N: the balances in memory; GET /N: one of them."""
    balance = {str(n): LOW - 1 if n % NEAR == 0 else 100 for n in range(CUSTOMERS)}
    state = "well"

    async def move(request: web.Request) -> web.Response:
        if state == "slow":
            await asyncio.sleep(SLOW_S)
        customer, what = request.match_info["customer"], request.match_info["what"]
        if state == "read-only":
            return web.json_response({"error": "read-only"}, status=503)
        balance[customer] += {"spend": -1, "credit": RECHARGE, "note": 0}[what]
        return web.json_response({"balance": balance[customer]})

    async def look(request: web.Request) -> web.Response:
        return web.json_response({"balance": balance[request.match_info["customer"]]})

    async def story() -> None:
        nonlocal state
        for at, then, kind, detail in (
            (RESYNC_S, "slow", names.FAULT_ON, "resync"), (RESTART_S, "read-only", names.FAULT_OFF, "resync"),
            (RESTART_S, "read-only", names.FAULT_ON, "read-only"), (MENDED_S, "well", names.FAULT_OFF, "read-only"),
        ):  # fmt: skip
            await env.until(at)
            state = then
            env.signals.event(kind, "balances", detail)

    return application(web.post("/{what}/{customer}", move), web.get("/{customer}", look), background=[story])


def card(env: Env) -> web.Application:
    """POST /charge/N: takes the money, each time that it is asked."""

    async def charge(request: web.Request) -> web.Response:
        env.signals.event("charge", request.match_info["customer"])
        return web.Response(text="charged")

    return application(web.post("/charge/{customer}", charge))


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """Charges per card, and their times."""
    run = runs[0]
    charges = Counter(event.subject for event in run.events("charge"))
    hit = [customer for customer, count in charges.items() if count > 1]
    seen: set[str] = set()
    again = [e.time for e in run.events("charge") if e.subject in seen or seen.add(e.subject)]  # type: ignore[func-returns-value]
    after = [time - RESTART_S for time in again]
    share, calls = len(hit) / CUSTOMERS, sum(r.ok for r in run.requests()) / len(run.requests())
    first = f"first second charge {min(after):.1f} s after the restart" if after else "no card was charged twice"
    return {
        "order": Found(first, bool(after) and 0 <= min(after) < MENDED_S - RESTART_S),
        "again": Found(
            f"a card is charged up to {max(charges.values(), default=0)} x", max(charges.values(), default=0) > 2
        ),
        "few": Found(f"{share:.1%}", alike(share, 0.014)),
        "calls": Found(f"{calls:.0%} answered", calls > 0.99),
    }


OUTAGE = Outage(
    title="Twilio, 18 July 2013: charged, not booked, charged again",
    services=(
        Service("billing", f"{__name__}:billing", calls=("balances", "card")),
        Service("balances", f"{__name__}:balances"), Service("card", f"{__name__}:card"),
    ),
    entry="billing", request=call,
    load=((10.0, LOAD_S),), settings={"writes_first": False},
    mended={"writes_first": True}, mending="no charge before the store of balances has taken a note of it",
    public=PUBLIC, shape=shape,
    left_out=(
        "the replicas themselves: their copy is a store that answers late",
        "accounts that were suspended, and usage reports that came late",
        "the time until somebody noticed: here nobody watches, and the store is mended at a fixed second",
    ),
    chart={"link": "billing->card", "noun": "phone call"},
)  # fmt: skip
