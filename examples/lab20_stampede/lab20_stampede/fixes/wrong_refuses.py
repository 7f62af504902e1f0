"""One call, and an error for whoever comes meanwhile."""

import time

LOSES = {"shown": "pages_wait_or_fail_in_the_shop", "calm": "calm_harmed"}

LIFETIME_S = 5.0


class PriceCache:
    """Keeps the price list for LIFETIME_S. `fetch` asks pricing for it, and raises after a second without an answer."""

    def __init__(self, fetch) -> None:
        self.fetch = fetch
        self.listed = None
        self.expires = 0.0
        self.busy = False

    async def get(self) -> dict:
        """The price list. Raises if there is none to be had."""
        if self.listed is None or time.monotonic() >= self.expires:
            if self.busy:
                raise RuntimeError("prices are being renewed")
            self.busy = True
            try:
                self.listed = await self.fetch()
                self.expires = time.monotonic() + LIFETIME_S
            finally:
                self.busy = False
        return self.listed
