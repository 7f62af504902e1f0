"""A lock without a second look: all who missed ask, one after another."""

import asyncio
import time

LOSES = {"shown": "pages_wait_or_fail_in_the_shop"}

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
        if self.listed is None or time.monotonic() >= self.expires:
            async with self.lock:
                self.listed = await self.fetch()
                self.expires = time.monotonic() + LIFETIME_S
        return self.listed
