"""An entry that is on its way is not sent again, and who sends it again is told at once that it is booked."""

LIKE = "right_summary"
LOSES = {"booked": "twice_not_yet"}
CHANGED = {
    "        self.writer, self": "        self.booking = set()\n        self.writer, self",
    "        await self.write(self._post, who, entry, month, debit, credit, cents)\n": """\
        key = (who.tenant, entry)
        if key in self.booking:
            return
        self.booking.add(key)
        try:
            await self.write(self._post, who, entry, month, debit, credit, cents)
        finally:
            self.booking.discard(key)
""",
}
