"""An index on the customer, and orders sorted by their id: cheap, but the highest id is not the newest order."""

LIKE = "right_in_batch"
LOSES = {"true_answers": "untrue", "right_answers": "missing_orders"}
CHANGED = {
    """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""": """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id)"]""",
    """\
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
""": """\
            "SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ? ORDER BY id DESC LIMIT 20",
""",
}
