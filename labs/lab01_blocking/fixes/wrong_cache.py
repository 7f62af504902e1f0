"""Prices kept for 5 s: few calls to the supplier, and prices that it no longer offers."""

LIKE = "right_all"
LOSES = {"right_answers": "stale_price"}
CHANGED = {
    "AT_ONCE = 20": """\
AT_ONCE = 20
KEPT_S = 5.0""",
    "        self.key = key": """\
        self.key = key
        self.kept: dict = {}""",
    "        price = await self._ask_supplier(sku)": """\
        price, asked = self.kept.get(sku, (0, -KEPT_S))
        if self.loop.time() > asked + KEPT_S:
            price = await self._ask_supplier(sku)
            self.kept[sku] = price, self.loop.time()""",
}
