"""Python's sqlite3 opens a transaction before the first insert, and nobody ever commits it."""

LIKE = "right_lease"
LOSES = {"kept": "not_durable"}
CHANGED = {
    "self.db = sqlite3.connect(self.database, isolation_level=None)": "self.db = sqlite3.connect(self.database)",
}
