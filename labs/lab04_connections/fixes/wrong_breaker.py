"""A breaker before the pool, which opens for a second after any order that failed; sold out counts as failed, too."""

import time

import aiohttp
import asyncpg

LOSES = {"served": "turned_away", "recovers": "turned_away", "restart": "turned_away", "calm": "turned_away"}

CONNECTIONS = 8
SOCKETS = 6
WAIT_S = 0.4
OPEN_S = 1.0


class SoldOut(Exception):
    """The database has nothing left for this order. The customer gets a 409."""


class PartnerFailed(Exception):
    """The partner gave no price. The customer gets a 502."""


class Busy(Exception):
    """The shop has no room for this order at the moment. The customer gets a 503."""


class Shop:
    """Takes orders: one of these in each of the two workers."""

    def __init__(self, database: str, partner: str) -> None:
        self.database = database
        self.partner = partner
        self.closed_again = 0.0

    async def start(self) -> None:
        """Called once, before the first order."""
        self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SOCKETS), timeout=aiohttp.ClientTimeout(total=1)
        )

    async def stop(self) -> None:
        """Called once, after the last order."""
        await self.session.close()
        await self.pool.close()

    async def order(self, name: str) -> dict:
        """Take one order: the partner's price, a number from the database, both kept there."""
        if time.monotonic() < self.closed_again:
            raise Busy(name)
        try:
            return await self._order(name)
        except Exception:
            self.closed_again = time.monotonic() + OPEN_S
            raise

    async def _order(self, name: str) -> dict:
        price = await self._ask_price(name)
        try:
            connection = await self.pool.acquire(timeout=WAIT_S)
        except TimeoutError:
            raise Busy(name) from None
        try:
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)
        finally:
            await self.pool.release(connection)
        return {"name": name, "number": number, "price": price}

    async def _ask_price(self, name: str) -> int:
        try:
            async with self.session.get(f"{self.partner}/price", params={"name": name}) as response:
                if response.status != 200:
                    raise PartnerFailed(f"status {response.status} for {name}")
                return (await response.json())["price"]
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PartnerFailed(f"{type(error).__name__} for {name}") from None

    async def _reserve(self, connection: asyncpg.Connection, name: str) -> int:
        try:
            return await connection.fetchval("select shop.reserve($1)", name)
        except asyncpg.RaiseError:
            raise SoldOut(name) from None
