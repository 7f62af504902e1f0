"""One call for all who miss: the first starts it, everybody waits for it."""

import asyncio
import time

LIFETIME_S = 5.0


class PriceCache:
    """Keeps the price list for LIFETIME_S. `fetch` asks pricing for it, and raises after a second without an answer."""

    def __init__(self, fetch) -> None:
        self.fetch = fetch
        self.listed = None
        self.expires = 0.0
        self.call = None

    async def get(self) -> dict:
        """The price list. Raises if there is none to be had."""
        if self.listed is None or time.monotonic() >= self.expires:
            if self.call is None:
                self.call = asyncio.create_task(self.renew())
            await asyncio.shield(self.call)  # a customer who leaves must not end the call of all others
        return self.listed

    async def renew(self) -> None:
        try:
            self.listed = await self.fetch()
            self.expires = time.monotonic() + LIFETIME_S
        finally:
            self.call = None
