"""The pool of asyncpg as it comes: it opens all of its ten connections at once, and keeps them."""

LIKE = "right_pool"
CHANGED = {
    "CONNECTIONS = 8": "CONNECTIONS = 10",
    """\
self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)""": """\
self.pool = await asyncpg.create_pool(self.database, max_size=CONNECTIONS)""",
}
