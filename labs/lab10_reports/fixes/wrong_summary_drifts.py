"""A summary that each posting keeps, and the correction forgets."""

LIKE = "right_summary"
LOSES = {"totals": "not_moved"}
CHANGED = {"after update on lines begin": "after update on lines when old.tenant <> new.tenant begin"}
