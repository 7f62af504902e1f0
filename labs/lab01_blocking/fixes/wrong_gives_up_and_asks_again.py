"""After a second without an answer the page asks again, and counts 20 at once: the supplier still works on the others."""

LIKE = "right_all"
LOSES = {"contract": "given_up_and_asked_again"}
CHANGED = {
    "        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE))": """\
        self.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1.0))
        self.places = asyncio.Semaphore(AT_ONCE)""",
    """\
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]
            except aiohttp.ClientResponseError:""": """\
                async with self.places:
                    async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                        return (await answer.json())["price"]
            except (TimeoutError, aiohttp.ClientResponseError):""",
}
