"""One join over the last 20 orders, which an index alone answers; one transaction a file."""

LIKE = "right_in_batch"
CHANGED = {
    """
MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]""": """
MIGRATION = ["CREATE INDEX orders_of_page ON orders (customer_id, created_at, id, status, total_cents)"]""",
    """\
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",""": """\
        rows = await self.db.query(
            "SELECT o.id, o.status, o.created_at, o.total_cents, i.sku, i.quantity"
            " FROM (SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ?"
            " ORDER BY created_at DESC, id DESC LIMIT 20) AS o JOIN items AS i ON i.order_id = o.id"
            " ORDER BY o.created_at DESC, o.id DESC, i.line",""",
    """\
        marks = ", ".join("?" * len(orders))
        items = await self.db.query(
            f"SELECT order_id, sku, quantity FROM items WHERE order_id IN ({marks}) ORDER BY order_id, line",
            [order["id"] for order in orders],
        )
        by_order: dict[int, list[dict]] = {order["id"]: [] for order in orders}
        for item in items:
            by_order[item.pop("order_id")].append(item)
        return [{**order, "items": by_order[order["id"]]} for order in orders]""": """\
        orders: dict[int, dict] = {}
        for row in rows:
            item = {"sku": row.pop("sku"), "quantity": row.pop("quantity")}
            orders.setdefault(row["id"], {**row, "items": []})["items"].append(item)
        return list(orders.values())""",
}
