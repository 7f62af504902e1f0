"""Adaptive throttling: the shop rejects by itself what payments would most likely not answer."""

LIKE = "broken"
CHANGED = {
    "import asyncio": """\
import asyncio
import random""",
    "TIMEOUT_S = 0.4": """\
TIMEOUT_S = 0.4
K = 2.0
WINDOW_S = 10.0
FEWEST = 10  # requests without an answer: below, a cold start (one sent, none answered yet) would look like an outage""",
    "        self.url = url": """\
        self.url = url
        self.history: deque = deque()""",
    "            try:": """\
            if self.rejects():
                break
            self.note(False)
            try:""",
    "return await self.attempt(order)": "receipt = await self.attempt(order)",
    "        raise PaymentFailed(f\"order {order['id']}: no answer after {ATTEMPTS} attempts\")": '''\
            self.note(True)
            return receipt
        raise PaymentFailed(f"order {order['id']}: not charged")

    def note(self, accepted: bool) -> None:
        self.history.append((asyncio.get_running_loop().time(), accepted))

    def rejects(self) -> bool:
        """Reject with p = max(0, (requests - K accepts) / (requests + 1)) over a sliding window."""
        since = asyncio.get_running_loop().time() - WINDOW_S
        while self.history and self.history[0][0] < since:
            self.history.popleft()
        accepts = sum(accepted for _, accepted in self.history)
        requests = len(self.history) - accepts
        return requests >= FEWEST and random.random() < max(0.0, (requests - K * accepts) / (requests + 1))''',
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
