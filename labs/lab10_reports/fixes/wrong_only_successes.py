"""The audit tells of what was done, and nothing of what was refused."""

LIKE = "right_summary"
LOSES = {"refusals": "untold"}
CHANGED = {'        self._audit(who, action, thing, "refused", 0)': "        pass"}
