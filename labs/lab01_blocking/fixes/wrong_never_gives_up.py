"""Asks until there is a price: in an outage of the supplier nobody is told no, and every customer waits."""

LIKE = "right_all"
LOSES = {"hiccups": "never_gives_up"}
CHANGED = {
    """
ATTEMPTS = 5""": "",
    """\
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_S)""": "        while True:",
    """\
                continue
        raise SupplierFailed(f"no price for {sku} after {ATTEMPTS} attempts")
""": """\
                await asyncio.sleep(PAUSE_S)
""",
}
