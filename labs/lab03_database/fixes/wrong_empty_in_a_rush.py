"""No index, and an empty page where the database is slow: it comes in time, and the customer has no orders."""

LIKE = "right_in_batch"
LOSES = {"scan": "scans_table", "work": "reads_everything", "true_answers": "untrue", "right_answers": "no_database"}
CHANGED = {
    "from labs.lab03_database.client import Database": "from labs.lab03_database.client import Database, DatabaseTimeout",
    'MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]': "MIGRATION: list[str] = []",
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
                timeout_s=0.3,
            )
        except DatabaseTimeout:
            return []""",
}
