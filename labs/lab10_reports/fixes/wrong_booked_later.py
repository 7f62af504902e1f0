"""Postings are confirmed when they are in a list, which is read as well: a kill loses what was in it."""

LIKE = "right_summary"
LOSES = {"booked": "lost"}
CHANGED = {
    "        self.writer, self": "        self.list = []\n        self.writer, self",
    "await self.write(self._post, who, entry, month, debit, credit, cents)": (
        "self.list.append((who, entry, month, debit, credit, cents))"
    ),
    '        await self.allow(who, "entry", entry)\n': """        await self.allow(who, "entry", entry)
        for by, name, _, debit, credit, cents in self.list:
            if (by.tenant, name) == (who.tenant, entry):
                return [(debit, cents), (credit, -cents)]
""",
    '        await self.allow(who, "report", month)\n': """        await self.allow(who, "report", month)
        await self.book()
""",
    '        await self.allow(who, "correct", name)\n': """        await self.allow(who, "correct", name)
        await self.book()
""",
    "            await asyncio.sleep(ANCHOR_S)\n": """            await asyncio.sleep(ANCHOR_S)
            await self.book()
""",
    "    # In threads -": """    async def book(self) -> None:
        for each in list(self.list):
            await self.write(self._post, *each)
            if each in self.list:  # another one may have booked it meanwhile
                self.list.remove(each)

    # In threads -""",
}
