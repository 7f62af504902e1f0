"""No retries at all: recovers, and shows every hiccup of the bank to a customer."""

LIKE = "broken"
LOSES = {"hiccups": "hiccups_shown"}
CHANGED = {
    """
ATTEMPTS = 4""": "",
    """\
        for attempt in range(ATTEMPTS):
            try:
                return await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                continue
        raise PaymentFailed(f"order {order['id']}: no answer after {ATTEMPTS} attempts")""": """\
        try:
            return await self.attempt(order)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise PaymentFailed(f"order {order['id']}: {error}") from error""",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
