"""An error counts as an answer and is kept as the product's list: it stays off the page when its service is well again."""

LIKE = "right_all"
LOSES = {"recovers": "not_asked"}
CHANGED = {
    "        self.sessions: dict = {}": """\
        self.sessions: dict = {}
        self.lists: dict = {}""",
    "    async def product(self, visit, sku: str) -> dict:": """\
    async def product(self, visit, sku: str) -> dict:
        if sku in self.lists:
            return {"sku": sku, "recommended": self.lists[sku]}""",
    "        except Unavailable:": """\
        except Unavailable as error:
            if not isinstance(error.__cause__, TimeoutError):
                self.lists[sku] = []""",
}
