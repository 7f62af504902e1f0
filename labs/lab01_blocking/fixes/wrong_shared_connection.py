"""The connection that start() opened, used in the pool's threads: sqlite3 refuses it there."""

import asyncio
import json
import sqlite3
import time
import urllib.error
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from labs.lab01_blocking.signing import Key, fold, stretch

LOSES = {
    "pace": "prices_fail",
    "launch": "prices_fail",
    "answered": "prices_fail",
    "right_answers": "no_prices_to_see",
    "counted": "no_prices_to_see",
    "hiccups": "hiccups_shown",
}

ATTEMPTS = 5
PAUSE_S = 0.2
THREADS = 20


class SupplierFailed(Exception):
    """The supplier gave no price."""


class Prices:
    """Makes the answers to GET /price."""

    def __init__(self, supplier: str, database: str, key: Key) -> None:
        self.supplier = supplier
        self.database = database
        self.key = key

    async def start(self) -> None:
        """Called once, before the first request."""
        self.loop = asyncio.get_running_loop()
        self.threads = ThreadPoolExecutor(THREADS)
        self.processes = ProcessPoolExecutor(2)
        self.db = sqlite3.connect(self.database, uri=True)

    async def stop(self) -> None:
        """Called once, after the last request."""
        self.threads.shutdown()
        self.processes.shutdown()
        self.db.close()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        price, views = await self.loop.run_in_executor(self.threads, self._ask_and_count, sku)
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}

    def _ask_and_count(self, sku: str) -> tuple[int, int]:
        return self._ask_supplier(sku), self._count_view(sku)

    def _ask_supplier(self, sku: str) -> int:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_S)
            try:
                with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:
                    return json.load(answer)["price"]
            except urllib.error.HTTPError:
                continue
        raise SupplierFailed(f"no price for {sku} after {ATTEMPTS} attempts")

    def _count_view(self, sku: str) -> int:
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1

    async def _sign(self, text: str) -> str:
        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)
        return await self.loop.run_in_executor(self.threads, stretch, folded, self.key)
