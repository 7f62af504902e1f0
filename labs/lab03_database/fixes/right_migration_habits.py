"""As right_in_batch; a migration that may run again, and that leaves fresh statistics to whoever plans the queries."""

LIKE = "right_in_batch"
CHANGED = {
    'MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]': """\
MIGRATION = [
    "pragma foreign_keys(1)",
    "CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id, created_at, id)",
    "CREATE INDEX IF NOT EXISTS items_by_order ON items (order_id)",
    "PRAGMA analysis_limit = 1000;",
    "ANALYZE",
    "PRAGMA optimize",
]""",
}
