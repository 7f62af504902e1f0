"""A second search is sent where the first takes long, the first answer counts; payments is asked once."""

LIKE = "right_bulkhead"
CHANGED = {
    "AT_ONCE = 30": "HEDGE_AFTER_S = 0.12",
    """
        self.places = {name: asyncio.Semaphore(AT_ONCE) for name in TIMEOUTS_S}""": "",
    """\
        connector = aiohttp.TCPConnector(limit=0)  # the semaphores are the limit
        self.session = aiohttp.ClientSession(connector=connector, trace_configs=self.tracing)
""": """\
        self.session = aiohttp.ClientSession(trace_configs=self.tracing)
""",
    "    async def search(self, visit, words: str) -> dict:": """\
    async def search(self, visit, words: str) -> dict:
        first = asyncio.create_task(self.find(visit, words))
        done, _ = await asyncio.wait({first}, timeout=HEDGE_AFTER_S)
        calls = {first} if done else {first, asyncio.create_task(self.find(visit, words))}
        try:
            while calls:
                done, calls = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                for call in done:
                    if call.exception() is None:
                        return call.result()
        finally:
            for call in calls:
                call.cancel()
        raise Unavailable("search: neither call was answered")

    async def find(self, visit, words: str) -> dict:""",
    """
        if self.places[name].locked():
            raise Unavailable(f"{AT_ONCE} calls to {name} are under way already")
        async with self.places[name]:
            return await self.call(visit, name, method, path, **more)

    async def call(self, visit, name: str, method: str, path: str, **more) -> dict:""": "",
}
