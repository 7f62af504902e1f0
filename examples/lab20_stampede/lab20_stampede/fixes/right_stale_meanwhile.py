"""The old list for everybody, while one call gets the new one."""

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
        if time.monotonic() >= self.expires and self.call is None:
            self.call = asyncio.create_task(self.renew())
        if self.listed is None:  # nothing to show yet: wait
            await asyncio.shield(self.call)
        return self.listed

    async def renew(self) -> None:
        try:
            self.listed = await self.fetch()
            self.expires = time.monotonic() + LIFETIME_S
        finally:
            self.call = None
