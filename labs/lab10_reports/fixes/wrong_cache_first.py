"""The right key, and the cache is asked before the caller's role is."""

LIKE = "right_summary"
LOSES = {"access": "not_refused", "refusals": "untold"}
CHANGED = {
    "        self.writer, self": "        self.cache = {}\n        self.writer, self",
    """        await self.allow(who, "report", month)
        return dict(await self.read(TOTALS, who.tenant, month))""": """\
        [(seq,)] = await self.read("select max(seq) from audit where outcome = 'done'")
        if (who.tenant, month, seq) not in self.cache:
            await self.allow(who, "report", month)
            self.cache[who.tenant, month, seq] = dict(await self.read(TOTALS, who.tenant, month))
        return self.cache[who.tenant, month, seq]""",
}
