"""A cache by tenant and month that nobody drops: the second report of a day is the first one."""

LIKE = "right_summary"
LOSES = {"totals": "stale"}
CHANGED = {
    "        self.writer, self": "        self.cache = {}\n        self.writer, self",
    "        return dict(await self.read(TOTALS, who.tenant, month))": """        if (who.tenant, month) not in self.cache:
            self.cache[who.tenant, month] = dict(await self.read(TOTALS, who.tenant, month))
        return self.cache[who.tenant, month]""",
}
