"""Roles are compared without blanks and in lower case: "Accountant", whom nobody knows, is an accountant."""

LIKE = "right_summary"
LOSES = {"access": "unknown_role", "refusals": "untold"}
CHANGED = {"RIGHTS.get(who.role, ())": "RIGHTS.get(who.role.strip().lower(), ())"}
