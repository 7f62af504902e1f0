"""The right index, and one for each column that anybody might ask for: each import pays for all of them."""

LIKE = "right_in_batch"
LOSES = {"write_cost": "too_many_indexes"}
CHANGED = {
    'MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]': """\
MIGRATION = [
    "CREATE INDEX orders_by_customer ON orders (customer_id, created_at)",
    "CREATE INDEX orders_by_status ON orders (status)",
    "CREATE INDEX orders_by_date ON orders (created_at)",
    "CREATE INDEX orders_by_total ON orders (total_cents)",
    "CREATE INDEX orders_by_address ON orders (address)",
    "CREATE INDEX items_by_sku ON items (sku)",
    "CREATE INDEX items_by_quantity ON items (quantity)",
]""",
}
