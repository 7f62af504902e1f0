"""The wait for a free call stands before the timeout, and does not count."""

LIKE = "right_snapshot"
LOSES = {
    "timeout": "waits_outside",
}
CHANGED = {
    "asyncio.timeout(settings.timeout_s), self.gate:": "self.gate, asyncio.timeout(settings.timeout_s):",
}
