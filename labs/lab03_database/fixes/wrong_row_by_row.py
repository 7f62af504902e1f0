"""Everything is repaired but the import: each row is a transaction."""

LIKE = "broken"
LOSES = {"imports": "transaction_a_row"}
CHANGED = {
    "MIGRATION: list[str] = []": 'MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]',
    """\
        for order in orders:
            order["items"] = await self.db.query(
                "SELECT sku, quantity FROM items WHERE order_id = ? ORDER BY line", [order["id"]]
            )
        return orders""": """\
        marks = ", ".join("?" * len(orders))
        items = await self.db.query(
            f"SELECT order_id, sku, quantity FROM items WHERE order_id IN ({marks}) ORDER BY order_id, line",
            [order["id"] for order in orders],
        )
        by_order: dict[int, list[dict]] = {order["id"]: [] for order in orders}
        for item in items:
            by_order[item.pop("order_id")].append(item)
        return [{**order, "items": by_order[order["id"]]} for order in orders]""",
    '"""Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order before it, or 0."""': (
        '"""Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order on the page before."""'
    ),
    """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders ORDER BY id LIMIT ? OFFSET ?",
            [ARCHIVE_PAGE, ARCHIVE_PAGE * page],""": """\
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],""",
}
