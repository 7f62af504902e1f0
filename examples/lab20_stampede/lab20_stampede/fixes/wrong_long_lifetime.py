"""A lifetime of a minute: the sale is over before the entry expires, and its prices were never right."""

import time

LOSES = {"fresh": "old_prices"}

LIFETIME_S = 60.0


class PriceCache:
    """Keeps the price list for LIFETIME_S. `fetch` asks pricing for it, and raises after a second without an answer."""

    def __init__(self, fetch) -> None:
        self.fetch = fetch
        self.listed = None
        self.expires = 0.0

    async def get(self) -> dict:
        """The price list. Raises if there is none to be had."""
        if self.listed is None or time.monotonic() >= self.expires:
            self.listed = await self.fetch()
            self.expires = time.monotonic() + LIFETIME_S
        return self.listed
