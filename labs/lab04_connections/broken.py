"""How a worker takes an order, as it failed in production."""

import aiohttp
import asyncpg


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
        self.opened = []

    async def start(self) -> None:
        """Called once, before the first order."""

    async def stop(self) -> None:
        """Called once, after the last order."""
        for one in self.opened:
            await one.close()

    async def order(self, name: str) -> dict:
        """Take one order: the partner's price, a number from the database, both kept there."""
        session = aiohttp.ClientSession()
        self.opened.append(session)
        price = await self._ask_price(session, name)
        connection = await asyncpg.connect(self.database)
        self.opened.append(connection)
        transaction = connection.transaction()
        await transaction.start()
        number = await self._reserve(connection, name)
        await connection.execute("select shop.confirm($1, $2)", number, price)
        await transaction.commit()
        for one in (connection, session):
            await one.close()
            self.opened.remove(one)
        return {"name": name, "number": number, "price": price}

    async def _ask_price(self, session: aiohttp.ClientSession, name: str) -> int:
        response = await session.get(f"{self.partner}/price", params={"name": name})
        if response.status != 200:
            raise PartnerFailed(f"status {response.status} for {name}")
        return (await response.json())["price"]

    async def _reserve(self, connection: asyncpg.Connection, name: str) -> int:
        try:
            return await connection.fetchval("select shop.reserve($1)", name)
        except asyncpg.RaiseError:
            raise SoldOut(name) from None
