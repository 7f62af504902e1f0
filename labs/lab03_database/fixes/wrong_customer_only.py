"""An index that finds a customer's orders and does not sort them: a reseller has 1,500."""

LIKE = "right_in_batch"
LOSES = {"work": "sorts_all"}
CHANGED = {
    """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""": """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id)"]""",
}
