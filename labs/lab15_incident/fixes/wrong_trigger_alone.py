"""The migration came last, so it was the migration: it alone is named and undone, and nothing else is mended."""

LIKE = "right_undo"
CHANGED = {
    '["store", "payments"]': '["store"]',
    '{"store": "index_lost", "payments": "added_work"}': '{"store": "index_lost"}',
    "do set payments CHECK 0\n": "",
    'POLICIES = {"payments": {"CHECK": 0}}': "POLICIES = {}",
}
LOSES = {"localised": "one_of_two", "named": "one_cause", "replayed": "falls_again"}
