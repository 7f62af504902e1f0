"""That a correction is done is kept in memory: asked for again after a restart, it takes what came since."""

LIKE = "right_summary"
LOSES = {"corrected": "done_after_restart"}
CHANGED = {
    "        self.writer, self": "        self.done = set()\n        self.writer, self",
    "        upto = await self.write(self._begin, who, name)\n": """\
        if (who.tenant, name) in self.done:
            return
        upto = await self.write(self._begin, who, name)
""",
    "insert or ignore into corrections": "insert or replace into corrections",
    "            if not lines:\n": "            if not lines:\n                self.done.add((who.tenant, name))\n",
}
