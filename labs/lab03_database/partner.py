"""The partner and the warehouse: reads pages and archive, sends files of orders, and knows what the answers must be.

What it finds is in the record: an event "answer", its subject "page", "archive" or "import", with a JSON detail: `status`,
`wrong` (a word of WRONG, "" if the answer was right), `told` (an example), `orders` (of an import).
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
from labs.lab03_database.scenarios import ARCHIVE_PAGE, FIRST_DEEP_PAGE, LAST_PAGE
from labs.lab03_database.truth import STATUSES, Truth, wrong

PROBED = 8
FIRST_IMPORTED = 1_000_000
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

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        headers = {"X-Request-Id": self.env.named("visit", FIRST_OF_PARTNER + next(self.numbers))}
        url = f"{self.env.urls['orders']}{path}"
        try:
            async with self.session.request(method, url, json=body, headers=headers) as response:
                return response.status, await response.text(errors="replace")
        except aiohttp.ClientError:
            return 0, ""

    def _tell(self, subject: str, status: int, fault: str = "", told: str = "", **more: Any) -> None:
        self.env.signals.event("answer", subject, json.dumps({"status": status, "wrong": fault, "told": told[:300], **more}))

    async def probe(self, number: int) -> None:
        """Look at a customer's page, change an order in the warehouse, and look again at once."""
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
        body = {"statements": [{"sql": "UPDATE orders SET status = ? WHERE id = ?", "rows": [[status, order.id]]}]}
        async with self.session.post(f"{self.env.urls['db']}/transaction", json=body) as response:
            response.raise_for_status()
        self.truth.change(customer, order.id, status)

    async def archive(self, number: int) -> None:
        """Read one page of the archive, far behind its beginning."""
        page = self.rng.randrange(FIRST_DEEP_PAGE, LAST_PAGE)
        status, body = await self._ask("GET", f"/archive?page={page}&after={page * ARCHIVE_PAGE}")
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
            status, _ = await self._ask("POST", "/import", {"orders": made})
            if full and not 200 <= status < 300:
                return
            if full:
                self._tell("import", status, "not_stored", f"It was answered {status}", orders=size)
                return
            if not 200 <= status < 300:
                self._tell("import", status, orders=size)
                return
            self.truth.add(customer, [order for order in made if order["customer_id"] == customer])
            await self._look(customer, "import", orders=size)

    def _order(self, number: int, customer: int, minute: int) -> dict[str, Any]:
        items = [{"sku": f"sku-{self.rng.randrange(500)}", "quantity": self.rng.randint(1, 5)} for _ in range(ITEMS)]
        return {
            "id": number, "customer_id": customer, "status": "open", "created_at": FILLED_AT.format(minute),
            "total_cents": self.rng.randint(500, 50_000), "address": "1 Short Street, Town 1", "items": items,
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
            work = {"probe": one.probe, "archive": one.archive, "import": one.send_file}
            tasks = [asyncio.create_task(keep_pace(name, method)) for name, method in work.items()]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            one.truth.close()

    return application(lifespan=lifespan)
