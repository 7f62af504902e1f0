"""The statements of N+1 run at once: the customer waits less, but the database does the same work."""

LIKE = "right_in_batch"
LOSES = {"statements": "n_plus_one_at_once"}
CHANGED = {
    """
from labs.lab03_database.client import Database""": """
import asyncio

from labs.lab03_database.client import Database""",
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
        items = await asyncio.gather(*(self._items(order["id"]) for order in orders))
        return [{**order, "items": its} for order, its in zip(orders, items)]

    async def _items(self, order: int) -> list[dict]:
        return await self.db.query("SELECT sku, quantity FROM items WHERE order_id = ? ORDER BY line", [order])""",
}
