"""The supplier alone is asked without blocking; the database and the signature stay on the loop."""

LIKE = "right_all"
LOSES = {"database": "database_holds_loop", "signature": "computing_holds_loop", "pace": "one_interpreter"}
CHANGED = {
    """
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor""": "",
    """\
        self.loop = asyncio.get_running_loop()
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
        self.processes = ProcessPoolExecutor(2)
        self.hashing = ThreadPoolExecutor(2)
        self.writer = ThreadPoolExecutor(1)
        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))""": """\
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))
        self.db = sqlite3.connect(self.database, uri=True)""",
    """\
        await self.loop.run_in_executor(self.writer, self.db.close)
        for pool in (self.writer, self.hashing, self.processes):
            pool.shutdown()""": "        self.db.close()",
    """\
        views = await self.loop.run_in_executor(self.writer, self._count_view, sku)
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}""": """\
        views = self._count_view(sku)
        return {"sku": sku, "price": price, "views": views, "signature": self._sign(f"{sku} {price} {views}")}""",
    """
    async def _sign(self, text: str) -> str:
        folded = await self.loop.run_in_executor(self.processes, fold, text, self.key)
        return await self.loop.run_in_executor(self.hashing, stretch, folded, self.key)""": """
    def _sign(self, text: str) -> str:
        return stretch(fold(text, self.key), self.key)""",
}
