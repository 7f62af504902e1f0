"""A lock, and a second look at the entry once it is held."""

import asyncio
import time

LIFETIME_S = 5.0


class PriceCache:
    """Keeps the price list for LIFETIME_S. `fetch` asks pricing for it, and raises after a second without an answer."""

    def __init__(self, fetch) -> None:
        self.fetch = fetch
        self.listed = None
        self.expires = 0.0
        self.lock = asyncio.Lock()

    async def get(self) -> dict:
        """The price list. Raises if there is none to be had."""
        if self.expired():
            async with self.lock:
                if self.expired():  # while this one waited, another may have renewed it
                    self.listed = await self.fetch()
                    self.expires = time.monotonic() + LIFETIME_S
        return self.listed

    def expired(self) -> bool:
        return self.listed is None or time.monotonic() >= self.expires
