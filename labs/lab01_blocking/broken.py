"""How the page answers GET /price, as it failed in production."""

import json
import sqlite3
import time
import urllib.error
import urllib.request

from labs.lab01_blocking.signing import Key, fold, stretch

ATTEMPTS = 5
PAUSE_S = 0.2


class SupplierFailed(Exception):
    """The supplier gave no price."""


class Prices:
    """Makes the answers to GET /price."""

    def __init__(self, supplier: str, database: str, key: Key) -> None:
        self.supplier = supplier
        self.database = database
        self.key = key

    async def start(self) -> None:
        """Called once, before the first request."""
        self.db = sqlite3.connect(self.database, uri=True)

    async def stop(self) -> None:
        """Called once, after the last request."""
        self.db.close()

    async def quote(self, sku: str) -> dict:
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        price = self._ask_supplier(sku)
        views = self._count_view(sku)
        return {"sku": sku, "price": price, "views": views, "signature": self._sign(f"{sku} {price} {views}")}

    def _ask_supplier(self, sku: str) -> int:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_S)
            try:
                with urllib.request.urlopen(f"{self.supplier}/price?sku={sku}") as answer:
                    return json.load(answer)["price"]
            except urllib.error.HTTPError:
                continue
        raise SupplierFailed(f"no price for {sku} after {ATTEMPTS} attempts")

    def _count_view(self, sku: str) -> int:
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1

    def _sign(self, text: str) -> str:
        return stretch(fold(text, self.key), self.key)
