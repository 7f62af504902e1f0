"""What changed most that evening is recs, which is loud and harms nobody."""

LIKE = "right_undo"
CHANGED = {
    '["store", "payments"]': '["recs", "orders"]',
    '{"store": "index_lost", "payments": "added_work"}': '{"recs": "dependency_errors", "orders": "retries_without_brake"}',
}
LOSES = {"localised": "loud", "named": "elsewhere"}
