"""A circuit breaker: after five failures in a row, no attempts for two seconds."""

LIKE = "broken"
CHANGED = {
    "TIMEOUT_S = 0.4": """\
TIMEOUT_S = 0.4
THRESHOLD = 5
OPEN_S = 2.0""",
    "        self.url = url": """\
        self.url = url
        self.failures = 0
        self.open_until = 0.0""",
    "        for attempt in range(ATTEMPTS):": """\
        loop = asyncio.get_running_loop()
        for attempt in range(ATTEMPTS):
            if loop.time() < self.open_until:
                break""",
    "return await self.attempt(order)": "receipt = await self.attempt(order)",
    """\
                continue
        raise PaymentFailed(f"order {order['id']}: no answer after {ATTEMPTS} attempts")""": """\
                self.failures += 1
                if self.failures >= THRESHOLD:
                    self.open_until = loop.time() + OPEN_S
                    self.failures = 0
            else:
                self.failures = 0
                return receipt
        raise PaymentFailed(f"order {order['id']}: not charged")""",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
