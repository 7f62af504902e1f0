"""A new session for each price, which nobody closes: the garbage collector comes when it comes."""

LIKE = "right_all"
LOSES = {"left_over": "never_closed"}
CHANGED = {
    "self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))": (
        "self.places = asyncio.Semaphore(AT_ONCE)"
    ),
    """
        await self.session.close()""": "",
    """\
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]""": """\
                async with self.places:
                    session = aiohttp.ClientSession(raise_for_status=True)
                    async with session.get(f"{self.supplier}/price?sku={sku}") as answer:
                        return (await answer.json())["price"]""",
}
