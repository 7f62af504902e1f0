"""The timeout is a default argument: it was computed when the function was defined."""

LIKE = "right_snapshot"
LOSES = {
    "timeout": "timeout_captured",
    "none_lost": "cut_off",
}
CHANGED = {
    "async def order(self, order: dict)": "async def order(self, order: dict, timeout_s: float = 1.0)",
    "asyncio.timeout(settings.timeout_s)": "asyncio.timeout(timeout_s)",
}
