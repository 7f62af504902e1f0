"""One signature a product, kept: the next answer has another price, and a signature that does not fit."""

LIKE = "right_all"
LOSES = {"right_answers": "wrong_signature"}
CHANGED = {
    "        self.key = key": """\
        self.key = key
        self.signed: dict = {}""",
    """\
        return {"sku": sku, "price": price, "views": views, "signature": await self._sign(f"{sku} {price} {views}")}""": """\
        if sku not in self.signed:
            self.signed[sku] = await self._sign(f"{sku} {price} {views}")
        return {"sku": sku, "price": price, "views": views, "signature": self.signed[sku]}""",
}
