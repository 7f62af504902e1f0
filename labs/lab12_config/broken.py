"""What the shop runs on is written in its code, and so in its image: a new value is a new image."""

import aiohttp

VERSION = "image-1"
LIMIT = 16
TIMEOUT_S = 1.0
FEE_CENTS = 250
CURRENCY = "EUR"


class Shop:
    """Takes orders, and charges each at the bank."""

    def __init__(self, path: str, bank: str, log) -> None:
        self.path = path
        self.bank = bank
        self.log = log

    async def start(self) -> None:
        """Called once, before the first order."""
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=LIMIT), timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
        )

    async def stop(self) -> None:
        """Called once, after the last order."""
        await self.session.close()

    async def order(self, order: dict) -> dict:
        """Charge one order; what its customer is told."""
        self.log.info("charging", request_id=order["id"])
        debit = {"order": order["id"], "cents": order["cents"] + FEE_CENTS, "currency": CURRENCY}
        headers = {"X-Request-Id": order["id"]}
        async with self.session.post(self.bank + "/debit", json=debit, headers=headers) as response:
            response.raise_for_status()
            receipt = await response.json()
        self.log.info("charged", request_id=order["id"])
        return {"order": order["id"], "version": VERSION, "fee_cents": FEE_CENTS, "currency": CURRENCY, "receipt": receipt}

    def enabled(self, flag: str, user: str) -> bool:
        """Does this user have the feature behind the flag?"""
        return False

    def status(self) -> dict:
        """The version in force, how many files were refused, and why the file on the disk was, "" if it is in force."""
        return {"version": VERSION, "refused": 0, "reason": ""}
