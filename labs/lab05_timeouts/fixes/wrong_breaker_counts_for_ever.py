"""The breaker's count of failures is never set back: after a bad hour, each single error takes the list off all pages."""

LIKE = "right_breaker"
LOSES = {"recovers": "one_error"}
CHANGED = {
    "OPEN_S = 0.5": "OPEN_S = 1.0",
    "        self.failures = 0\n        return {": "        return {",
}
