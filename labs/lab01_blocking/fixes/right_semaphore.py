"""An async client behind a semaphore, a lock round the database's thread, whole signatures in processes."""

import asyncio
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor

import aiohttp

from labs.lab01_blocking.signing import Key, fold, stretch

ATTEMPTS = 5
PAUSE_S = 0.2
AT_ONCE = 20


class SupplierFailed(Exception):
    """The supplier gave no price."""


def fold_and_stretch(text: str, key: Key) -> str:
    """Both halves of a signature, for a worker process; a method would drag the whole of Prices along."""
    return stretch(fold(text, key), key)


class Prices:
    """Makes the answers to GET /price."""

    def __init__(self, supplier: str, database: str, key: Key) -> None:
        self.supplier = supplier
        self.database = database
        self.key = key

    async def start(self) -> None:
        """Called once, before the first request."""
        self.loop = asyncio.get_running_loop()
        self.session = aiohttp.ClientSession()
        self.at_once = asyncio.Semaphore(AT_ONCE)
        self.processes = ProcessPoolExecutor(2)
        self.db = sqlite3.connect(self.database, uri=True, check_same_thread=False)
        self.one_writer = threading.Lock()

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()
        self.processes.shutdown()
        self.db.close()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        async with self.at_once:
            price = await self._ask_supplier(sku)
        views = await asyncio.to_thread(self._count_view, sku)
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}

    async def _ask_supplier(self, sku: str) -> int:
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]
            except aiohttp.ClientResponseError:
                continue
        raise SupplierFailed(f"no price for {sku} after {ATTEMPTS} attempts")

    def _count_view(self, sku: str) -> int:
        with self.one_writer, self.db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return self.db.execute(add, (sku,)).fetchone()[0]

    async def _sign(self, text: str) -> str:
        return await self.loop.run_in_executor(self.processes, fold_and_stretch, text, self.key)
