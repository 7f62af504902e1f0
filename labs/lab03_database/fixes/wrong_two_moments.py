"""Orders and items are asked for at once, each for the 20 newest orders: an order that comes in between has no items."""

LIKE = "right_in_batch"
LOSES = {"right_answers": "two_moments"}
CHANGED = {
    """
from labs.lab03_database.client import Database""": """
import asyncio

from labs.lab03_database.client import Database""",
    """\
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )
        marks = ", ".join("?" * len(orders))
        items = await self.db.query(
            f"SELECT order_id, sku, quantity FROM items WHERE order_id IN ({marks}) ORDER BY order_id, line",
            [order["id"] for order in orders],""": """\
        newest = "FROM orders WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20"
        orders, items = await asyncio.gather(
            self.db.query(f"SELECT id, status, created_at, total_cents {newest}", [customer]),
            self.db.query(
                f"SELECT order_id, sku, quantity FROM items WHERE order_id IN (SELECT id {newest}) ORDER BY order_id, line",
                [customer],
            ),""",
    'by_order[item.pop("order_id")].append(item)': 'by_order.setdefault(item.pop("order_id"), []).append(item)',
}
