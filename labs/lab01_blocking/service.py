"""The system around the repair: a page that asks a supplier, and a probe that checks the page's answers.

    load  -> page -> supplier
    probe -> page

The page runs the repair. The supplier and the probe run none, so what they write into the record can be believed.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, closing, suppress
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, profiling, sampling
from labs.lab01_blocking.scenarios import AT_WORK, SECRET, SKUS
from labs.lab01_blocking.signing import Key

DATABASE = "file:products.sqlite"
"""A file in the page's working directory, which the judge reads when the page has ended."""
IMPORT_EVERY_S = 1.0
PROBE_EVERY_S = 1.0
FIRST_PROBE = 100_000
LONG_S = 4.0
"""A price that waits longer is told with its line. The supplier's stall alone holds a price for little more than 2 s."""


def page(env: Env) -> web.Application:
    """GET /health answers at once; GET /price?sku=... answers what the repair's `Prices` makes.

    Settings: `fold_ms`, `stretch_ms` and `import_ms` (see `scenarios`); `asyncio_debug` turns on asyncio's debug mode, whose
    warnings become the log "slow callback"; `profile` = "pyinstrument" (live only) reports lines as the log "profile".
    """
    prices: Any = None
    under_way = sampling.UnderWay(env.signals)
    since: dict[asyncio.Task[Any], float] = {}

    async def health(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def price(request: web.Request) -> web.Response:
        sku = request.query.get("sku", "")
        if sku not in SKUS:
            return web.json_response({"error": f"no product {sku!r}; there are {SKUS[0]} to {SKUS[-1]}"}, status=404)
        with under_way:
            try:
                # A task of its own has a name: asyncio's debug mode tells tasks, not lines.
                asking = asyncio.create_task(prices.quote(sku), name=f"quote {sku}")
                since[asking] = time.monotonic()
                asking.add_done_callback(since.pop)
                answer = await asking
                insist_on_values(answer)
                return web.json_response(answer)
            except Exception as error:
                expected = isinstance(error, getattr(env.repair(), "SupplierFailed", ()))
                raised = None if expected else error  # a slip in the repair: its line belongs in the log
                env.signals.log.error("price failed", error_type=type(error).__name__, exc_info=raised)
                return web.json_response({"error": str(error)}, status=502)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal prices
        with ExitStack() as ending:
            make_products()
            if env.settings["import_ms"]:
                ending.callback(start_importer(env.settings["import_ms"] / 1000))
            if env.settings.get("asyncio_debug"):
                ending.callback(profiling.tell_slow_callbacks(env.signals))
            key = Key(SECRET, env.settings["fold_ms"], env.settings["stretch_ms"])
            prices = env.repair().Prices(env.urls["supplier"], DATABASE, key)
            await prices.start()
            yield
            await prices.stop()

    watching = [
        lambda: sampling.report_loop_lag(env.signals),
        under_way.report,
        lambda: sampling.report(env.signals, names.THREADS, threading.active_count),
        lambda: report_waiting(env, since),
    ]
    if env.settings.get("profile") == "pyinstrument":
        watching.append(lambda: profiling.report_profile(env.signals))
    return application(web.get("/health", health), web.get("/price", price), lifespan=lifespan, background=watching)


def insist_on_values(answer: Any) -> None:
    """The commonest slip of all, told as what it is. Raises TypeError if a value was never awaited."""
    for name, value in answer.items() if isinstance(answer, dict) else ():
        if inspect.iscoroutine(value):
            line, called = value.cr_code.co_firstlineno, value.cr_code.co_name
            value.close()  # or Python warns of it once more, wherever it happens to be collected
            raise TypeError(f"{name!r} is no value: {called}(), which begins at line {line}, was never awaited")


async def report_waiting(env: Env, since: Mapping[asyncio.Task[Any], float]) -> None:
    """Log once of each price that has waited for LONG_S, and the line of fix.py at which it stands."""
    told: set[asyncio.Task[Any]] = set()
    while True:
        await asyncio.sleep(LONG_S / 4)
        told &= since.keys()
        for task in [t for t, begun in since.items() if time.monotonic() - begun > LONG_S and t not in told]:
            told.add(task)
            where = f'File "fix.py", line {line}' if (line := stands_at(task)) else ""
            env.signals.log.error("price waits", error_type=f"no answer for {LONG_S:g} s", exception=where)


def stands_at(task: asyncio.Task[Any]) -> int | None:
    """The innermost line of fix.py at which a suspended task waits; None if it waits elsewhere."""
    line: int | None = None
    waiting: Any = task.get_coro()
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        if frame.f_code.co_filename == "fix.py":
            line = frame.f_lineno
        waiting = getattr(waiting, "cr_await", None)
    return line


def make_products() -> None:
    """The products and how often each was looked at; made once, and still there after a restart of the page."""
    columns = "sku text primary key, views integer not null, stock integer not null"
    with closing(sqlite3.connect(DATABASE, uri=True)) as new, new:
        new.execute(f"create table if not exists products ({columns})")
        new.executemany("insert or ignore into products values (?, 0, 0)", [(sku,) for sku in SKUS])


def start_importer(hold_s: float) -> Callable[[], None]:
    """A thread that writes new stock figures once a second, in one transaction of `hold_s`. Returns what ends it."""
    ended = threading.Event()

    def work() -> None:
        with closing(sqlite3.connect(DATABASE, uri=True, isolation_level=None)) as connection:
            while not ended.wait(IMPORT_EVERY_S - hold_s):
                connection.execute("begin immediate")
                connection.execute("update products set stock = stock + 1")
                time.sleep(hold_s)  # the figures come one by one, from a scanner
                connection.execute("commit")

    threading.Thread(target=work, name="importer", daemon=True).start()
    return ended.set


def supplier(env: Env) -> web.Application:
    """GET /price?sku=...: what the product costs at this moment. Each answer is an event of the record: "quote", sku, price.

    Settings: `supplier_ms`, how long an answer takes. The price moves with every answer, so that an old one shows. A request
    is worked on to its end, also if whoever asked has given up; the most at once are events, AT_WORK, the last the highest.
    """
    prices = Random(f"prices {env.seed}")
    at_work = most = 0

    async def price(request: web.Request) -> web.Response:
        nonlocal at_work, most
        sku = request.query["sku"]
        at_work += 1
        if at_work > most:
            most = at_work
            env.signals.event(AT_WORK, "", str(most))
        await asyncio.sleep(env.settings["supplier_ms"] / 1000)
        at_work -= 1
        now = prices.randrange(1_000, 1_000_000)
        env.signals.event("quote", sku, str(now))
        return web.json_response({"sku": sku, "price": now})

    return application(web.get("/price", price))


def probe(env: Env) -> web.Application:
    """A customer of our own: once a second it asks the page twice at once for the price of one product.

    Each answer is an event of the record: "answer", sku, and what came, as JSON.
    """
    rng = Random(f"probe {env.seed}")
    # The headers are those of the load: a page that treats the probe better than customers would have to know it.
    plain = ("User-Agent", "Accept", "Accept-Encoding")

    async def ask(session: aiohttp.ClientSession, sku: str, number: int) -> None:
        sent = env.signals.now()
        headers = {"X-Request-Id": env.named("visit", FIRST_PROBE + number)}
        with suppress(aiohttp.ClientError):  # no answer is counted by the load; here only answers are looked at
            async with session.get(f"{env.urls['page']}/price?sku={sku}", headers=headers) as response:
                body = await response.read()
                told = {"status": response.status, "sent": sent, "body": body[:500].decode("utf-8", "replace")}
                env.signals.event("answer", sku, json.dumps(told))

    async def work() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), skip_auto_headers=plain) as session:
            asks: set[asyncio.Task[None]] = set()  # kept: the loop itself holds tasks only weakly
            for number in itertools.count():
                at_s = (number + 0.5) * PROBE_EVERY_S
                if at_s >= env.settings["probe_until_s"]:
                    break
                await env.until(at_s)
                sku = rng.choice(SKUS)
                asks = {task for task in asks if not task.done()}
                asks |= {asyncio.create_task(ask(session, sku, 2 * number + i)) for i in range(2)}
            await asyncio.gather(*asks)

    return application(background=[work])
