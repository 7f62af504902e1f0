"""A cache whose version is raised before the commit: a report made in between keeps the old sums under the new version."""

LIKE = "right_summary"
LOSES = {"totals": "stale_at_once"}
CHANGED = {
    "        self.writer, self": "        self.versions, self.cache = {}, {}\n        self.writer, self",
    "await self.write(self._post, who,": "self.changed(who.tenant)\n        await self.write(self._post, who,",
    "            await self.write(self._move, who,": (
        "            self.changed(who.tenant)\n            await self.write(self._move, who,"
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
