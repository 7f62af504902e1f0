"""The page of a customer whom the database keeps waiting is empty: an answer, where an error should be."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "no_database"}
CHANGED = {
    "from labs.lab03_database.client import Database": "from labs.lab03_database.client import Database, DatabaseTimeout",
    """\
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )""": """\
        try:
            orders = await self.db.query(
                "SELECT id, status, created_at, total_cents FROM orders"
                " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
                [customer],
            )
        except DatabaseTimeout:
            return []""",
}
