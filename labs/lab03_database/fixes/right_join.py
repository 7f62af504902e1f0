"""One join over the last 20 orders, which an index alone answers; one transaction a file."""

from labs.lab03_database.client import Database

MIGRATION = ["CREATE INDEX orders_of_page ON orders (customer_id, created_at, id, status, total_cents)"]

ARCHIVE_PAGE = 50


class Orders:
    """The orders of the shop."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_customer(self, customer: int) -> list[dict]:
        """The customer's last 20 orders, the newest first, each with its items in the order of their lines."""
        rows = await self.db.query(
            "SELECT o.id, o.status, o.created_at, o.total_cents, i.sku, i.quantity"
            " FROM (SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ?"
            " ORDER BY created_at DESC, id DESC LIMIT 20) AS o JOIN items AS i ON i.order_id = o.id"
            " ORDER BY o.created_at DESC, o.id DESC, i.line",
            [customer],
        )
        orders: dict[int, dict] = {}
        for row in rows:
            item = {"sku": row.pop("sku"), "quantity": row.pop("quantity")}
            orders.setdefault(row["id"], {**row, "items": []})["items"].append(item)
        return list(orders.values())

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
            ]
        )
        return len(orders)
