"""A write waits for the database for 0.1 s, and a backup holds it for longer: an order that meets its begin is an error."""

LIKE = "right_lease"
LOSES = {"kept": "backup_refuses"}
CHANGED = {"(self.database, isolation_level=None)": "(self.database, timeout=0.1, isolation_level=None)"}
