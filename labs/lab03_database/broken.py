"""How the shop reads and writes its orders, as it failed in production."""

from labs.lab03_database.client import Database

MIGRATION: list[str] = []

ARCHIVE_PAGE = 50


class Orders:
    """The orders of the shop."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_customer(self, customer: int) -> list[dict]:
        """The customer's last 20 orders, the newest first, each with its items in the order of their lines."""
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )
        for order in orders:
            order["items"] = await self.db.query(
                "SELECT sku, quantity FROM items WHERE order_id = ? ORDER BY line", [order["id"]]
            )
        return orders

    async def archive(self, page: int, after: int) -> list[dict]:
        """Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order before it, or 0."""
        return await self.db.query(
            "SELECT id, customer_id, status, created_at, total_cents FROM orders ORDER BY id LIMIT ? OFFSET ?",
            [ARCHIVE_PAGE, ARCHIVE_PAGE * page],
        )

    async def take_in(self, orders: list[dict]) -> int:
        """Store orders that come from a partner, each with its items. How many."""
        for order in orders:
            await self.db.execute(
                "INSERT INTO orders (id, customer_id, status, created_at, total_cents, address) VALUES (?, ?, ?, ?, ?, ?)",
                [order[name] for name in ("id", "customer_id", "status", "created_at", "total_cents", "address")],
            )
            for line, item in enumerate(order["items"], 1):
                await self.db.execute(
                    "INSERT INTO items (order_id, line, sku, quantity) VALUES (?, ?, ?, ?)",
                    [order["id"], line, item["sku"], item["quantity"]],
                )
        return len(orders)
