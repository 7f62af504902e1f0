"""A refusal that is repeated within a second has no row of its own, so that nobody can fill the audit."""

LIKE = "right_summary"
LOSES = {"refusals": "told_once"}
CHANGED = {
    "        self.writer, self": "        self.told = {}\n        self.writer, self",
    '        self._audit(who, action, thing, "refused", 0)': """\
        now, key = time.monotonic(), (who, action, thing)
        if now - self.told.get(key, -1.0) > 1.0:
            self.told[key] = now
            self._audit(who, action, thing, "refused", 0)""",
}
