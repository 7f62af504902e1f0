"""The places are right, and what was wrong there is guessed."""

LIKE = "right_undo"
CHANGED = {
    '    "what": {"store": "index_lost", "payments": "added_work"},': '    "what": {"store": "capacity_lost", "payments": "queue_without_bound"},'
}
LOSES = {"named": "other_kinds"}
