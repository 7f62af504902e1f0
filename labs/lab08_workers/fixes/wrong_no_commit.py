"""Python's sqlite3 opens a transaction before the first insert, and nobody ever commits it."""

LIKE = "right_lease"
LOSES = {"kept": "not_durable"}
CHANGED = {"(self.database, isolation_level=None)": "(self.database)"}
