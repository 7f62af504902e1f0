"""The database builds each order's items as JSON, in one query; imports are taken apart by the database, too."""

import json

from labs.lab03_database.client import Database

MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at DESC, id DESC)"]

ARCHIVE_PAGE = 50


class Orders:
    """The orders of the shop."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_customer(self, customer: int) -> list[dict]:
        """The customer's last 20 orders, the newest first, each with its items in the order of their lines."""
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents,"
            " (SELECT json_group_array(json_object('sku', sku, 'quantity', quantity))"
            " FROM (SELECT sku, quantity FROM items WHERE order_id = orders.id ORDER BY line)) AS items"
            " FROM orders WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )
        return [{**order, "items": json.loads(order["items"])} for order in orders]

    async def archive(self, page: int, after: int) -> list[dict]:
        """Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order on the page before."""
        return await self.db.query(
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],
        )

    async def take_in(self, orders: list[dict]) -> int:
        """Store orders that come from a partner, each with its items. How many."""
        document = json.dumps(orders)
        await self.db.transaction(
            [
                (
                    "INSERT INTO orders (id, customer_id, status, created_at, total_cents, address)"
                    " SELECT value ->> 'id', value ->> 'customer_id', value ->> 'status', value ->> 'created_at',"
                    " value ->> 'total_cents', value ->> 'address' FROM json_each(?)",
                    [[document]],
                ),
                (
                    "INSERT INTO items (order_id, line, sku, quantity)"
                    " SELECT o.value ->> 'id', i.key + 1, i.value ->> 'sku', i.value ->> 'quantity'"
                    " FROM json_each(?) AS o, json_each(o.value, '$.items') AS i",
                    [[document]],
                ),
            ]
        )
        return len(orders)
