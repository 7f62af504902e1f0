"""The audit tells of the lines of a slice that were to be moved, also of those that another correction had moved."""

LIKE = "right_summary"
LOSES = {"audited": "correction_overtold"}
CHANGED = {'self._audit(who, "correct", name, "done", moved)': 'self._audit(who, "correct", name, "done", len(moves))'}
