"""One join, cut to 20 orders in Python: for a reseller the database reads and sends 1,500."""

LIKE = "right_join"
LOSES = {"work": "reads_all"}
CHANGED = {
    """
MIGRATION = ["CREATE INDEX orders_of_page ON orders (customer_id, created_at, id, status, total_cents)"]""": """
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""",
    """\
            " FROM (SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ?"
            " ORDER BY created_at DESC, id DESC LIMIT 20) AS o JOIN items AS i ON i.order_id = o.id"\
""": '            " FROM orders AS o JOIN items AS i ON i.order_id = o.id WHERE o.customer_id = ?"',
    "return list(orders.values())": "return list(orders.values())[:20]",
}
