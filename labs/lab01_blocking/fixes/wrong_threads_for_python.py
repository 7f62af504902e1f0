"""Twenty threads for everything: enough for waiting, but plain Python computes in one thread at a time."""

import asyncio
import json
import sqlite3
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from labs.lab01_blocking.signing import Key, fold, stretch

LOSES = {"signature": "interpreter_lock", "pace": "one_interpreter"}

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

    async def stop(self) -> None:
        """Called once, after the last request."""
        self.threads.shutdown()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        return await self.loop.run_in_executor(self.threads, self._make, sku)

    def _make(self, sku: str) -> dict:
        price = self._ask_supplier(sku)
        views = self._count_view(sku)
        return {"sku": sku, "price": price, "views": views, "signature": self._sign(f"{sku} {price} {views}")}

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
        with closing(sqlite3.connect(self.database, uri=True)) as db, db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return db.execute(add, (sku,)).fetchone()[0]

    def _sign(self, text: str) -> str:
        return stretch(fold(text, self.key), self.key)
