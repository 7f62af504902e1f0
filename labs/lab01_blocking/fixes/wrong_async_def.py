"""The word async before every function, and the same calls inside: nothing gives the loop back."""

LIKE = "broken"
LOSES = {
    "supplier": "supplier_holds_loop",
    "pause": "pause_holds_loop",
    "database": "database_holds_loop",
    "signature": "computing_holds_loop",
    "pace": "one_interpreter",
    "launch": "one_at_a_time",
}
CHANGED = {
    """\
        price = self._ask_supplier(sku)
        views = self._count_view(sku)
        return {"sku": sku, "price": price, "views": views, "signature": self._sign(f"{sku} {price} {views}")}""": """\
        price = await self._ask_supplier(sku)
        views = await self._count_view(sku)
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}""",
    "def _ask_supplier(self, sku: str) -> int:": "async def _ask_supplier(self, sku: str) -> int:",
    "def _count_view(self, sku: str) -> int:": "async def _count_view(self, sku: str) -> int:",
    "def _sign(self, text: str) -> str:": "async def _sign(self, text: str) -> str:",
}
