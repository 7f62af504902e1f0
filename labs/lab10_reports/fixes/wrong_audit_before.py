"""The row of the audit is written first, in a transaction of its own: after a kill it tells of what never happened."""

LIKE = "right_summary"
LOSES = {"audited": "correction_overtold"}
CHANGED = {
    "            moves = await self.in_thread": """            if lines:
                await self.write(self._audit, who, "correct", name, "done", len(lines))
            moves = await self.in_thread""",
    "moved = self.db.executemany": "self.db.executemany",
    "for move in moves]).rowcount": "for move in moves])",
    '        self._audit(who, "correct", name, "done", moved)\n': "",
}
