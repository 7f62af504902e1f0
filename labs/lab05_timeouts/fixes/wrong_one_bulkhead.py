"""One bulkhead for all: three calls at once, and those to recommendations fill it."""

LIKE = "right_bulkhead"
LOSES = {"healthy": "few_at_once", "drip": "few_at_once", "stops": "more_than_waited"}
CHANGED = {
    "AT_ONCE = 30": "AT_ONCE = 3",
    "self.places = {name: asyncio.Semaphore(AT_ONCE) for name in TIMEOUTS_S}": "self.places = asyncio.Semaphore(AT_ONCE)",
    """\
        connector = aiohttp.TCPConnector(limit=0)  # the semaphores are the limit
        self.session = aiohttp.ClientSession(connector=connector, trace_configs=self.tracing)
""": """\
        self.session = aiohttp.ClientSession(trace_configs=self.tracing)
""",
    """\
        if self.places[name].locked():
            raise Unavailable(f"{AT_ONCE} calls to {name} are under way already")
        async with self.places[name]:
            return await self.call(visit, name, method, path, **more)""": """\
        try:
            async with asyncio.timeout(2 * TIMEOUTS_S[name]), self.places:
                return await self.call(visit, name, method, path, **more)
        except TimeoutError as error:
            raise Unavailable(f"{name}: no place, or no answer") from error""",
}
