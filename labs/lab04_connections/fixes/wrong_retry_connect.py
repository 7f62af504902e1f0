"""A connection for each order, always closed; where the server has no room, it is asked again."""

LIKE = "right_semaphore"
LOSES = {"refused": "refused", "told_no": "left_waiting"}
CHANGED = {
    """
CONNECTIONS = 8""": "",
    "WAIT_S = 0.4": "PAUSE_S = 0.1",
    """
        self.turns = asyncio.Semaphore(CONNECTIONS)""": "",
    """\
        try:
            await asyncio.wait_for(self.turns.acquire(), WAIT_S)
        except TimeoutError:
            raise Busy(name) from None
        try:
            number = await self._store(name, price)
        finally:
            self.turns.release()""": "        number = await self._store(name, price)",
    "        connection = await asyncpg.connect(self.database)": """\
        while True:
            try:
                connection = await asyncpg.connect(self.database)
                break
            except asyncpg.TooManyConnectionsError:
                await asyncio.sleep(PAUSE_S)""",
}
