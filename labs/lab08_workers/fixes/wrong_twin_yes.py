"""An order that is being stored is known: its twin, sent at the same moment, hears yes before either is on the disk."""

LIKE = "right_lease"
LOSES = {"kept": "twin_not_stored"}
CHANGED = {
    "        self.stopping = False": "        self.stopping, self.coming = False, set()",
    '        await self.in_writer(self.execute, "insert or': """\
        if order in self.coming:
            return
        self.coming.add(order)
        await self.in_writer(self.execute, "insert or""",
}
