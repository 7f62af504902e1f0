"""A cache whose key is the month, as it was: who asks second gets the books of who asked first."""

LIKE = "right_summary"
LOSES = {"totals": "stale_correction", "access": "other_tenant"}
CHANGED = {
    "        self.writer, self": "        self.cache = {}\n        self.writer, self",
    "        return dict(await self.read(TOTALS, who.tenant, month))": """\
        [(seq,)] = await self.read("select max(id) from lines")
        if (month, seq) not in self.cache:
            self.cache = {(month, seq): dict(await self.read(TOTALS, who.tenant, month))}
        return self.cache[month, seq]""",
}
