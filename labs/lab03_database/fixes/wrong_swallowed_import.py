"""Everything right, and an import that answers "stored" whatever the database said."""

LIKE = "right_in_batch"
LOSES = {"imported": "not_there"}
CHANGED = {
    "await self.db.transaction(": "statements = (",
    "        return len(orders)": """\
        try:
            await self.db.transaction(statements)
        except Exception:
            pass
        return len(orders)""",
}
