"""An error counts as an answer and is kept as the product's list: it stays off the page when its service is well again."""

LIKE = "right_all"
LOSES = {"recovers": "not_asked"}
CHANGED = {
    "        self.sessions: dict = {}": "        self.sessions: dict = {}\n        self.lists: dict = {}",
    """\
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable:
            return {"sku": sku, "recommended": []}
""": """\
        if sku in self.lists:
            return {"sku": sku, "recommended": self.lists[sku]}
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable as error:
            if not isinstance(error.__cause__, TimeoutError):
                self.lists[sku] = []
            return {"sku": sku, "recommended": []}
""",
}
