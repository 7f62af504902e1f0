"""Only first attempts count among the 24: whoever was told to come again goes to the supplier without a place."""

LIKE = "right_all"
LOSES = {"contract": "too_many_at_once"}
CHANGED = {
    "import asyncio\nimport sqlite3\n": "import asyncio\nimport contextlib\nimport sqlite3\n",
    "AT_ONCE = 20": "AT_ONCE = 24",
    "aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))": """\
aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.places = asyncio.Semaphore(AT_ONCE)""",
    """\
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]
""": """\
                async with contextlib.nullcontext() if attempt else self.places:
                    async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                        return (await answer.json())["price"]
""",
}
