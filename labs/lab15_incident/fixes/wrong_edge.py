"""Most errors are counted at the edge and in orders, so these are named."""

LIKE = "right_undo"
CHANGED = {
    '["store", "payments"]': '["gateway", "orders"]',
    '{"store": "index_lost", "payments": "added_work"}': '{"gateway": "surge", "orders": "retries_without_brake"}',
}
LOSES = {"localised": "elsewhere", "named": "elsewhere"}
