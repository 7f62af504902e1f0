"""The old list when the call fails: customers see prices, pricing is flooded all the same."""

import time

LOSES = {"one_call": "stampede"}

LIFETIME_S = 5.0


class PriceCache:
    """Keeps the price list for LIFETIME_S. `fetch` asks pricing for it, and raises after a second without an answer."""

    def __init__(self, fetch) -> None:
        self.fetch = fetch
        self.listed = None
        self.expires = 0.0

    async def get(self) -> dict:
        """The price list. Raises if there is none to be had."""
        if self.listed is None or time.monotonic() >= self.expires:
            try:
                self.listed = await self.fetch()
                self.expires = time.monotonic() + LIFETIME_S
            except Exception:
                if self.listed is None:
                    raise
        return self.listed
