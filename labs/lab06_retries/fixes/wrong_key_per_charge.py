"""Each call of charge() makes a key of its own: right for its attempts, and new for an order that comes a second time."""

LIKE = "right_all"
LOSES = {"charged_once": "ordered_twice"}
CHANGED = {
    "import random\n": "import random\nimport uuid\n",
    "        self.tokens = min(": "        key = uuid.uuid4().hex\n        self.tokens = min(",
    "return await self.attempt(order)": "return await self.attempt(order, key)",
    "async def attempt(self, order: dict) -> dict:": "async def attempt(self, order: dict, key: str) -> dict:",
    '"Idempotency-Key": order["id"]': '"Idempotency-Key": key',
}
