"""Postings are confirmed when they are in a list, and booked ten times a second: a kill loses what was in the list."""

LIKE = "right_summary"
LOSES = {"booked": "lost", "totals": "stale"}
CHANGED = {
    "        self.writer, self": "        self.list = []\n        self.writer, self",
    "await self.write(self._post, who, entry, month, debit, credit, cents)": (
        "self.list.append((who, entry, month, debit, credit, cents))"
    ),
    "            await asyncio.sleep(ANCHOR_S)\n": """            await asyncio.sleep(ANCHOR_S / 2)
            booking, self.list = self.list, []
            for each in booking:
                await self.write(self._post, *each)
""",
}
