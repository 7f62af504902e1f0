"""A cache that each posting empties when it is booked, and a correction when it begins: its end is not seen."""

LIKE = "right_summary"
LOSES = {"totals": "stale_correction"}
CHANGED = {
    "        self.writer, self": "        self.versions, self.cache = {}, {}\n        self.writer, self",
    "self._post, who, entry, month, debit, credit, cents)\n": (
        "self._post, who, entry, month, debit, credit, cents)\n        self.changed(who.tenant)\n"
    ),
    "        upto = await self.write(self._begin, who, name)\n": (
        "        upto = await self.write(self._begin, who, name)\n        self.changed(who.tenant)\n"
    ),
    "        return dict(await self.read(TOTALS, who.tenant, month))": """\
        version = self.versions.get(who.tenant, 0)
        kept, sums = self.cache.get((who.tenant, month), (None, None))
        if kept != version:
            sums = dict(await self.read(TOTALS, who.tenant, month))
            self.cache[who.tenant, month] = (version, sums)
        return dict(sums)

    def changed(self, tenant):
        self.versions[tenant] = self.versions.get(tenant, 0) + 1""",
}
