"""A new thread for each price: no line, and no limit. A stalled supplier gets all of them."""

import asyncio
import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

from labs.lab01_blocking.signing import Key, fold, stretch

LOSES = {"contract": "too_many_at_once"}

ATTEMPTS = 5
PAUSE_S = 0.2


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
        self.processes = ProcessPoolExecutor(2)

    async def stop(self) -> None:
        """Called once, after the last request."""
        self.processes.shutdown()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        price, views = await self._in_a_new_thread(self._ask_and_count, sku)
        folded = await self.loop.run_in_executor(self.processes, fold, f"{sku} {price} {views}", self.key)
        signature = await self._in_a_new_thread(stretch, folded, self.key)
        return {"sku": sku, "price": price, "views": views, "signature": signature}

    async def _in_a_new_thread(self, function, *args):
        future = self.loop.create_future()

        def work() -> None:
            try:
                result = function(*args)
            except Exception as error:
                self.loop.call_soon_threadsafe(future.set_exception, error)
            else:
                self.loop.call_soon_threadsafe(future.set_result, result)

        threading.Thread(target=work).start()
        return await future

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
        with closing(sqlite3.connect(self.database, uri=True)) as db, db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return db.execute(add, (sku,)).fetchone()[0]
