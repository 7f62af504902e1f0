"""Another tenant's entry is answered 403, one that nobody has 404: who asks learns which names exist."""

LIKE = "right_summary"
LOSES = {"access": "existence_leaked"}
CHANGED = {
    """            await self.write(self._refused, who, "entry", entry)
            raise NotFound""": """            await self.write(self._refused, who, "entry", entry)
            raise Forbidden if await self.read("select 1 from lines where entry = ?", entry) else NotFound""",
}
