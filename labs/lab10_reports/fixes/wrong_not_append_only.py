"""A chain with anchors, and a trigger for deletes only: a slip in a script changes the audit, and is seen months later."""

LIKE = "right_summary"
LOSES = {"sealed": "not_append_only"}
CHANGED = {"audit_fixed before update on audit begin": "audit_fixed before update on audit when new.seq is null begin"}
