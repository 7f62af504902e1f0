"""Only a 503 must say when to come back, and not a 429."""

LIKE = "right_phases"
LOSES = {"said": "missed_too_many"}
CHANGED = {"assert all(a.retry_after for a in refused),": "assert all(a.retry_after for a in refused if a.status == 503),"}
