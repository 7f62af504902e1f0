"""An async client for the supplier, one thread for the database, processes for the plain Python, threads for the C."""

import asyncio
import sqlite3
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import aiohttp

from labs.lab01_blocking.signing import Key, fold, stretch

ATTEMPTS = 5
PAUSE_S = 0.2
AT_ONCE = 20


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
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
        self.processes = ProcessPoolExecutor(2)
        self.hashing = ThreadPoolExecutor(2)
        self.writer = ThreadPoolExecutor(1)
        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()
        await self.loop.run_in_executor(self.writer, self.db.close)
        for pool in (self.writer, self.hashing, self.processes):
            pool.shutdown()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        price = await self._ask_supplier(sku)
        views = await self.loop.run_in_executor(self.writer, self._count_view, sku)
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
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1

    async def _sign(self, text: str) -> str:
        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)
        return await self.loop.run_in_executor(self.hashing, stretch, folded, self.key)
