"""An entry that is booked is answered before the role of who posts it again is looked at."""

LIKE = "right_summary"
LOSES = {"access": "done_before_asked", "refusals": "untold"}
CHANGED = {
    '        await self.allow(who, "post", entry)\n': """\
        if await self.read("select 1 from lines where entry = ? and tenant = ?", entry, who.tenant):
            return
        await self.allow(who, "post", entry)
""",
}
