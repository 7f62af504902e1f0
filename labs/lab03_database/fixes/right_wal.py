"""As right_in_batch; the migration also asks for a write-ahead log, and for what usually comes with it."""

LIKE = "right_in_batch"
CHANGED = {
    'MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]': """\
MIGRATION = [
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -64000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA mmap_size = 268435456",
    "CREATE INDEX orders_by_customer ON orders (customer_id, created_at DESC, id DESC)",
]""",
}
