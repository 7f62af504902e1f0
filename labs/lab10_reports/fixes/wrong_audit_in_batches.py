"""The rows of the audit are gathered and written five times a second: a kill loses those that were not."""

LIKE = "right_summary"
LOSES = {"audited": "no_row", "refusals": "told_later"}
CHANGED = {
    "        self.writer, self": "        self.rows = []\n        self.writer, self",
    "            await asyncio.sleep(ANCHOR_S)\n": """            await asyncio.sleep(ANCHOR_S)
            await self.write(self._flush)
""",
    "    def _audit(self, who, action, thing, outcome, lines):": """    def _flush(self):
        rows, self.rows = self.rows, []
        for row in rows:
            self._row(*row)

    def _audit(self, *row):
        self.rows.append(row)

    def _row(self, who, action, thing, outcome, lines):""",
}
