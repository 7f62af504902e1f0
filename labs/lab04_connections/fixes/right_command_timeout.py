"""The pool as before, and an end to each statement: one that waits for the report's lock is ended after a second."""

LIKE = "right_pool"
CHANGED = {
    "WAIT_S = 0.4": """\
WAIT_S = 0.4
STATEMENT_S = 1.0""",
    "create_pool(self.database, min_size=2, max_size=CONNECTIONS)": """\
create_pool(
            self.database, min_size=2, max_size=CONNECTIONS, command_timeout=STATEMENT_S
        )""",
}
