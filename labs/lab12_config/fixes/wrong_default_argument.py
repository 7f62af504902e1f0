"""The timeout is a default argument: it was computed when the function was defined."""

LIKE = "right_snapshot"
LOSES = {
    "timeout": "timeout_captured",
}
CHANGED = {
    "def __init__(self, settings: Settings)": "def __init__(self, settings, timeout=aiohttp.ClientTimeout(total=1.0))",
    "timeout=aiohttp.ClientTimeout(total=settings.timeout_s),": "timeout=timeout,",
}
