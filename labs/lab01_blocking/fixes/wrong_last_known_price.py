"""Where five attempts give no price, the last known one is answered: an outage of the supplier is a day of old prices."""

LIKE = "right_all"
LOSES = {"right_answers": "stale_price"}
CHANGED = {
    "        self.key = key": """\
        self.key = key
        self.last: dict = {}""",
    'return (await answer.json())["price"]': """\
self.last[sku] = (await answer.json())["price"]
                    return self.last[sku]""",
    "        raise SupplierFailed(": """\
        if sku in self.last:
            return self.last[sku]
        raise SupplierFailed(""",
}
