"""The LIMIT counts rows of the join, which are items: the page shows ten orders."""

LIKE = "right_join"
LOSES = {"true_answers": "untrue", "right_answers": "missing_orders"}
CHANGED = {
    """\
MIGRATION = ["CREATE INDEX orders_of_page ON orders (customer_id, created_at, id, status, total_cents)"]""": """\
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""",
    """\
            " FROM (SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ?"
            " ORDER BY created_at DESC, id DESC LIMIT 20) AS o JOIN items AS i ON i.order_id = o.id"
            " ORDER BY o.created_at DESC, o.id DESC, i.line",""": """\
            " FROM orders AS o JOIN items AS i ON i.order_id = o.id WHERE o.customer_id = ?"
            " ORDER BY o.created_at DESC, o.id DESC, i.line LIMIT 20",""",
}
