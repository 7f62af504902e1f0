"""A role's refusal is written down; who tries the names of others' entries is not seen."""

LIKE = "right_summary"
LOSES = {"refusals": "not_found_untold"}
CHANGED = {'            await self.write(self._refused, who, "entry", entry)\n': ""}
