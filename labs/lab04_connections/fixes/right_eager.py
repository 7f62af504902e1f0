"""The pool of asyncpg as it comes: it opens all of its ten connections at once, and keeps them."""

import aiohttp
import asyncpg

CONNECTIONS = 10
SOCKETS = 6
WAIT_S = 0.4


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

    async def start(self) -> None:
        """Called once, before the first order."""
        self.pool = await asyncpg.create_pool(self.database, max_size=CONNECTIONS)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SOCKETS), timeout=aiohttp.ClientTimeout(total=1)
        )

    async def stop(self) -> None:
        """Called once, after the last order."""
        await self.session.close()
        await self.pool.close()

    async def order(self, name: str) -> dict:
        """Take one order: the partner's price, a number from the database, both kept there."""
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
