"""No second attempt, hence no pause: every hiccup of the supplier reaches a customer."""

LIKE = "right_all"
LOSES = {"hiccups": "hiccups_shown"}
CHANGED = {
    """
ATTEMPTS = 5
PAUSE_S = 0.2""": "",
    """\
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                    return (await answer.json())["price"]
            except aiohttp.ClientResponseError:
                continue
        raise SupplierFailed(f"no price for {sku} after {ATTEMPTS} attempts")""": """\
        try:
            async with self.session.get(f"{self.supplier}/price?sku={sku}", raise_for_status=True) as answer:
                return (await answer.json())["price"]
        except aiohttp.ClientResponseError as error:
            raise SupplierFailed(f"no price for {sku}") from error""",
}
