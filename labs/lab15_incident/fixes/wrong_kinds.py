"""The places are right, and what was wrong there is guessed."""

LIKE = "right_undo"
CHANGED = {
    '{"store": "index_lost", "payments": "added_work"}': '{"store": "capacity_lost", "payments": "queue_without_bound"}'
}
LOSES = {"named": "other_kinds"}
