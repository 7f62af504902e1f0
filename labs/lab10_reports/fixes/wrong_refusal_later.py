"""Who is refused does not wait until the row of it is written: a kill loses it, and who looks at once does not find it."""

LIKE = "right_summary"
LOSES = {"refusals": "told_later"}
CHANGED = {
    "await self.write(self._refused, who, action, thing)": "self.write(self._refused, who, action, thing)",
}
