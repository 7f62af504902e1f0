"""One row for the whole correction, when it is done: a kill in the middle leaves lines moved, and no trace."""

LIKE = "right_summary"
LOSES = {"audited": "correction_untold"}
CHANGED = {
    "upto = await self.write(self._begin, who, name)": "upto, moved = await self.write(self._begin, who, name), 0",
    "            await self.write(self._move,": "            moved += await self.write(self._move,",
    "            if not lines:\n                return": """            if not lines:
                await self.write(self._audit, who, "correct", name, "done", moved)
                return""",
    "(who.tenant, name))\n            return\n": "(who.tenant, name))\n            return 0\n",
    '        self._audit(who, "correct", name, "done", moved)\n': "        return moved\n",
}
