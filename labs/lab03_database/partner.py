"""The partner and the warehouse: reads pages and archive, sends files of orders, and knows what the answers must be.

What it finds is in the record: an event "answer", its subject "page", "archive", "import", "between", "taken" or "stalled",
with a JSON detail: `status`, `wrong` (a word of WRONG, "" if the answer was right), `told` (an example), `orders` (of an
import).
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application
from labs.lab03_database.data import CUSTOMERS, RESELLERS
from labs.lab03_database.scenarios import ARCHIVE_PAGE, FIRST_DEEP_PAGE, LAST_PAGE, NEWEST_PAGES
from labs.lab03_database.truth import STATUSES, Truth, wrong

PROBED = 8
FIRST_IMPORTED = 1_000_000
FIRST_TAKEN = 900_000
FIRST_OF_PARTNER = 100_000
FILLED_AT = "2026-03-01 10:{:02d}"
"""When imported orders were made: later than all others, so that they stand at the top of their customer's page."""
ITEMS = 2
OWN_ORDERS = 3
"""Of a file's orders, so many are one customer's, whose page is looked at right after the import."""


class Partner:
    """One run's partner."""

    def __init__(self, env: Env, session: aiohttp.ClientSession) -> None:
        self.env, self.session = env, session
        self.rng = Random(f"partner {env.seed}")
        resellers = self.rng.sample(range(1, RESELLERS + 1), 2 * PROBED)
        others = self.rng.sample(range(RESELLERS + 1, CUSTOMERS + 1), 2 * PROBED)
        mixed = [customer for pair in zip(resellers, others, strict=True) for customer in pair]
        self.probed, self.importing = mixed[: 2 * PROBED], mixed[2 * PROBED :]
        self.truth = Truth(mixed)
        self.busy = {customer: asyncio.Lock() for customer in mixed}
        self.numbers = itertools.count()

    def _visit(self) -> str:
        return self.env.named("visit", FIRST_OF_PARTNER + next(self.numbers))

    async def _ask(self, method: str, path: str, body: Any = None, visit: str = "") -> tuple[int, str]:
        headers = {"X-Request-Id": visit or self._visit()}
        url = f"{self.env.urls['orders']}{path}"
        try:
            async with self.session.request(method, url, json=body, headers=headers) as response:
                return response.status, await response.text(errors="replace")
        except aiohttp.ClientError:
            return 0, ""

    def _tell(self, subject: str, status: int, fault: str = "", told: str = "", **more: Any) -> None:
        self.env.signals.event("answer", subject, json.dumps({"status": status, "wrong": fault, "told": told[:300], **more}))

    async def probe(self, number: int) -> None:
        """Look at a customer's page, change an order and an item of it in the warehouse, and look again at once."""
        customer = self.probed[number % len(self.probed)]
        async with self.busy[customer]:
            await self._look(customer, "page")
            if self.env.settings["updates"]:
                await self._change(customer)
                await self._look(customer, "page")

    async def _look(self, customer: int, subject: str, **more: Any) -> None:
        status, body = await self._ask("GET", f"/orders?customer={customer}")
        fault, told = wrong(body, self.truth.page(customer), self.truth.before) if status == 200 else ("", "")
        self._tell(subject, status, fault, told, **more)

    async def _change(self, customer: int) -> None:
        order = self.rng.choice(self.truth.page(customer))
        status = STATUSES[(STATUSES.index(order.status) + 1) % len(STATUSES)]
        quantity = order.items[0][1] + 1
        await self._write(
            ("UPDATE orders SET status = ? WHERE id = ?", status, order.id),
            ("UPDATE items SET quantity = ? WHERE order_id = ? AND line = 1", quantity, order.id),
        )
        self.truth.change(customer, order.id, status, quantity)

    async def _write(self, *statements: tuple[Any, ...]) -> None:
        """Have the database run statements, each with its parameters, in one transaction."""
        plain = [{"sql": sql, "rows": [list(params)]} for sql, *params in statements]
        await self._database("POST", "transaction", {"statements": plain})

    async def _database(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"{self.env.urls['db']}/{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    async def archive(self, number: int) -> None:
        """Read one page of the archive, far behind its beginning; before, the warehouse deletes orders of it."""
        page = self.rng.randrange(FIRST_DEEP_PAGE, LAST_PAGE - NEWEST_PAGES)
        if many := self.env.settings["gaps"]:
            there = [o.id for o in self.truth.archive(page, many) if o.customer not in self.busy]
            gone = there if number == 0 else [self.rng.choice(there[:ARCHIVE_PAGE])]
            await self._write(*(("DELETE FROM orders WHERE id = ?", order) for order in gone))
            self.truth.delete(gone)
        status, body = await self._ask("GET", f"/archive?page={page}&after={self.truth.before_page(page)}")
        fault, told = wrong(body, self.truth.archive(page)) if status == 200 else ("", "")
        self._tell("archive", status, fault, told)

    async def send_file(self, number: int) -> None:
        """Import a file of orders; then the page of a customer in it must show them."""
        customer = self.importing[number % len(self.importing)]
        size = self.env.settings["file_orders"]
        first = FIRST_IMPORTED + 1_000 * number
        owners = [customer] * OWN_ORDERS + [self.rng.randint(RESELLERS + 1, CUSTOMERS) for _ in range(size - OWN_ORDERS)]
        owners = [owner if owner == customer or owner not in self.busy else RESELLERS + 1 for owner in owners]
        made = [self._order(first + i, owner, number) for i, owner in enumerate(owners)]
        async with self.busy[customer]:
            begin, end = self.env.settings["full_s"]
            full = begin <= self.env.signals.now() < end
            own = [order for order in made if order["customer_id"] == customer]
            if number < self.env.settings["between_files"]:
                status = await self._import_between(customer, made, own)
            else:
                status, _ = await self._ask("POST", "/import", {"orders": made})
            if full and not 200 <= status < 300:
                return
            if full:
                self._tell("import", status, "not_stored", f"It was answered {status}", orders=size)
                return
            if not 200 <= status < 300:
                self._tell("import", status, orders=size)
                return
            self.truth.add(customer, own)
            await self._look(customer, "import", orders=size)

    async def _import_between(self, customer: int, made: list[dict[str, Any]], own: list[dict[str, Any]]) -> int:
        """Import a file, which the database stores between the first and the second statement of a page; its status.

        The page must be as it was before, or as it is after.
        """
        page, file = self._visit(), self._visit()
        await self._database("POST", "between", {"page": page, "file": file})
        asked = asyncio.create_task(self._ask("GET", f"/orders?customer={customer}", visit=page))
        sent = asyncio.create_task(self._ask("POST", "/import", {"orders": made}, file))
        await asyncio.wait({asked, sent}, return_when=asyncio.FIRST_COMPLETED)
        await self._database("DELETE", "between")
        (seen, body), (status, _) = await asked, await sent
        fault, told = wrong(body, self.truth.page(customer), self.truth.before) if seen == 200 else ("", "")
        if fault and not wrong(body, self.truth.page_with(customer, own), self.truth.before)[0]:
            fault, told = "", ""
        self._tell("between", seen, fault and "two_moments", told)
        return status

    async def send_taken(self, number: int) -> None:
        """Send a file whose last order has the id of an order of somebody else: refused, and nothing of it stored.

        The first is a large one, and those after it are of that order alone.
        """
        nobody = next(c for c in range(RESELLERS + 1, CUSTOMERS + 1) if c not in self.busy)
        size = 1 if number else self.env.settings["taken_orders"]
        made = [self._order(FIRST_TAKEN + i, nobody, 0, items=1) for i in range(size)]
        made[-1]["id"] = self.truth.archive(FIRST_DEEP_PAGE)[0].id
        status, _ = await self._ask("POST", "/import", {"orders": made})
        stored = (await self._database("GET", f"stored?from={FIRST_TAKEN}&to={FIRST_TAKEN + size}"))["orders"]
        if 200 <= status < 300:
            self._tell("taken", status, "taken_id", f"Order {made[-1]['id']} was there before, and it was answered {status}")
        else:
            told = f"It was answered {status}, and {stored} of its {size} orders are stored"
            self._tell("taken", status, "by_half" if stored else "", told)

    async def ask_in_stall(self, number: int) -> None:
        """Ask for a page while the database answers nothing in time; what comes before its end cannot be from there."""
        customer = self.probed[0]
        status, body = await self._ask("GET", f"/orders?customer={customer}")
        fault, told = wrong(body, self.truth.page(customer), self.truth.before) if status == 200 else ("", "")
        if status == 200 and (came := self.env.signals.now()) < self.env.settings["stall_s"][1]:
            fault, told = "no_database", f"It came at second {came:.2f}"
        self._tell("stalled", status, fault and "no_database", told)

    def _order(self, number: int, customer: int, minute: int, items: int = ITEMS) -> dict[str, Any]:
        made = [{"sku": f"sku-{self.rng.randrange(500)}", "quantity": self.rng.randint(1, 5)} for _ in range(items)]
        return {
            "id": number, "customer_id": customer, "status": "open", "created_at": FILLED_AT.format(minute),
            "total_cents": self.rng.randint(500, 50_000), "address": "1 Short Street, Town 1", "items": made,
        }  # fmt: skip


def partner(env: Env) -> web.Application:
    """Settings: see `scenarios.QUIET`."""

    async def keep_pace(name: str, work: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        """Begin a piece of work each `NAME_every_s` of the window `NAME_s`, whether the one before has ended or not."""
        start, end = env.settings[f"{name}_s"]
        every = env.settings[f"{name}_every_s"]
        async with asyncio.TaskGroup() as group:
            for number in range(int((end - start) / every)):
                await env.until(start + (number + 0.5) * every)
                group.create_task(work(number))

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        # No user agent, as the load: whoever would treat the partner better than customers would have to know it.
        plain = ("User-Agent", "Accept", "Accept-Encoding")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), skip_auto_headers=plain) as session:
            one = Partner(env, session)
            work = {
                "probe": one.probe, "archive": one.archive, "import": one.send_file,
                "taken": one.send_taken, "stalled": one.ask_in_stall,
            }  # fmt: skip
            tasks = [asyncio.create_task(keep_pace(name, method)) for name, method in work.items()]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            one.truth.close()

    return application(lifespan=lifespan)
