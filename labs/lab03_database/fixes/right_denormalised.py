"""The items of an order are kept once more, as one document, which is all that the page reads of them."""

import json

from labs.lab03_database.client import Database

MIGRATION = [
    "CREATE INDEX orders_by_customer ON orders (customer_id, created_at)",
    "CREATE TABLE documents (order_id INTEGER PRIMARY KEY, document TEXT NOT NULL)",
    "INSERT INTO documents SELECT order_id, json_group_array(json_object('sku', sku, 'quantity', quantity))"
    " FROM items GROUP BY order_id",
    "CREATE TRIGGER corrected AFTER UPDATE ON items BEGIN"
    " UPDATE documents SET document = (SELECT json_group_array(json_object('sku', sku, 'quantity', quantity))"
    " FROM (SELECT sku, quantity FROM items WHERE order_id = NEW.order_id ORDER BY line))"
    " WHERE order_id = NEW.order_id; END",
]

ARCHIVE_PAGE = 50


class Orders:
    """The orders of the shop."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_customer(self, customer: int) -> list[dict]:
        """The customer's last 20 orders, the newest first, each with its items in the order of their lines."""
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents, document FROM orders JOIN documents ON order_id = id"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )
        return [{**order, "items": json.loads(order.pop("document"))} for order in orders]

    async def archive(self, page: int, after: int) -> list[dict]:
        """Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order on the page before."""
        return await self.db.query(
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],
        )

    async def take_in(self, orders: list[dict]) -> int:
        """Store orders that come from a partner, each with its items. How many."""
        columns = ("id", "customer_id", "status", "created_at", "total_cents", "address")
        await self.db.transaction(
            [
                (
                    "INSERT INTO orders (id, customer_id, status, created_at, total_cents, address)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    [[order[name] for name in columns] for order in orders],
                ),
                (
                    "INSERT INTO items (order_id, line, sku, quantity) VALUES (?, ?, ?, ?)",
                    [
                        [order["id"], line, item["sku"], item["quantity"]]
                        for order in orders
                        for line, item in enumerate(order["items"], 1)
                    ],
                ),
                (
                    "INSERT INTO documents (order_id, document) VALUES (?, ?)",
                    [[order["id"], json.dumps(order["items"])] for order in orders],
                ),
            ]
        )
        return len(orders)
