"""Most errors are counted at the edge and in orders, so these are named."""

LIKE = "right_undo"
CHANGED = {
    '    "where": ["store", "payments"],': '    "where": ["gateway", "orders"],',
    '    "what": {"store": "index_lost", "payments": "added_work"},': '    "what": {"gateway": "timeout_too_short", "orders": "retries_without_brake"},',
}
LOSES = {"localised": "elsewhere", "named": "elsewhere"}
