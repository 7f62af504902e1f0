"""A place at the supplier is given back after an answer, not in `finally`: each refused connection takes one for ever."""

LIKE = "right_all"
LOSES = {"launch": "never_recovers"}
CHANGED = {
    "        self.processes = ProcessPoolExecutor(2)": """\
        self.places = asyncio.Semaphore(AT_ONCE)
        self.processes = ProcessPoolExecutor(2)""",
    """\
            try:
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]
            except aiohttp.ClientResponseError:
                continue""": """\
            await self.places.acquire()
            async with self.session.get(f"{self.supplier}/price?sku={sku}") as answer:
                told = await answer.json() if answer.ok else {}
            self.places.release()
            if told:
                return told["price"]""",
}
