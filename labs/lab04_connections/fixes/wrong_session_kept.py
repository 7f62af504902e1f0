"""The database has its pool; the partner still gets a session for each order, and keeps it where an order fails."""

LIKE = "right_pool"
LOSES = {"descriptors": "grow"}
CHANGED = {
    """
import aiohttp""": """
import asyncio

import aiohttp""",
    """\
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=SOCKETS), timeout=aiohttp.ClientTimeout(total=1)
        )""": """\
        self.partner_turns = asyncio.Semaphore(SOCKETS)
        self.sessions = []""",
    "        await self.session.close()": """\
        for session in self.sessions:
            await session.close()""",
    "        price = await self._ask_price(name)": """\
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1))
        self.sessions.append(session)
        price = await self._ask_price(session, name)""",
    "        except TimeoutError:": """\
        except TimeoutError:
            await session.close()
            self.sessions.remove(session)""",
    "            await self.pool.release(connection)": """\
            await self.pool.release(connection)
        await session.close()
        self.sessions.remove(session)""",
    "async def _ask_price(self, name: str) -> int:": (
        "async def _ask_price(self, session: aiohttp.ClientSession, name: str) -> int:"
    ),
    '            async with self.session.get(f"{self.partner}/price", params={"name": name}) as response:': """\
            async with self.partner_turns:
                response = await session.get(f"{self.partner}/price", params={"name": name})""",
}
