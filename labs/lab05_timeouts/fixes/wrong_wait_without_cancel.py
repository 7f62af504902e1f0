"""asyncio.wait with a timeout: it stops waiting after 0.3 s, and the call goes on, with nobody to end it."""

LIKE = "right_asyncio_timeout"
LOSES = {"left_over": "calls_left", "recovers": "goes_on"}
CHANGED = {
    "        self.session = aiohttp.ClientSession(trace_configs=self.tracing)": """\
        self.session = aiohttp.ClientSession(trace_configs=self.tracing)
        connector = aiohttp.TCPConnector(limit=0)
        self.optional = aiohttp.ClientSession(connector=connector, trace_configs=self.tracing)""",
    """\
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable:
            return {"sku": sku, "recommended": []}
        return {"sku": sku, "recommended": found["recommended"]}""": """\
        task = asyncio.ensure_future(self.picks(visit, sku))
        done, _ = await asyncio.wait({task}, timeout=TIMEOUTS_S["recommendations"])
        return {"sku": sku, "recommended": task.result()["recommended"] if done and not task.exception() else []}

    async def picks(self, visit, sku: str) -> dict:
        url, headers = self.urls["recommendations"] + "/for", {"X-Request-Id": visit.request_id}
        async with self.optional.get(url, params={"sku": sku}, headers=headers) as response:
            if response.status != 200:
                raise Unavailable(f"recommendations answered {response.status}")
            return await response.json()""",
}
