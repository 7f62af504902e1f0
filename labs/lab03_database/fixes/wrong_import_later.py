"""Orders are collected for half a second before they are stored: the partner is told that they are, and they are not."""

import asyncio

from labs.lab03_database.client import Database

LOSES = {"imported": "not_there", "left_over": "lost_exception"}

MIGRATION = ["CREATE INDEX orders_by_customer ON orders (customer_id, created_at)"]

ARCHIVE_PAGE = 50
COLLECT_S = 0.5


class Orders:
    """The orders of the shop."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.waiting: list[dict] = []
        self.writing: asyncio.Task | None = None

    async def of_customer(self, customer: int) -> list[dict]:
        """The customer's last 20 orders, the newest first, each with its items in the order of their lines."""
        orders = await self.db.query(
            "SELECT id, status, created_at, total_cents FROM orders"
            " WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20",
            [customer],
        )
        marks = ", ".join("?" * len(orders))
        items = await self.db.query(
            f"SELECT order_id, sku, quantity FROM items WHERE order_id IN ({marks}) ORDER BY order_id, line",
            [order["id"] for order in orders],
        )
        by_order: dict[int, list[dict]] = {order["id"]: [] for order in orders}
        for item in items:
            by_order[item.pop("order_id")].append(item)
        return [{**order, "items": by_order[order["id"]]} for order in orders]

    async def archive(self, page: int, after: int) -> list[dict]:
        """Page `page` (from 0) of all orders by id, 50 a page. `after` is the id of the last order on the page before."""
        return await self.db.query(
            "SELECT id, customer_id, status, created_at, total_cents FROM orders WHERE id > ? ORDER BY id LIMIT ?",
            [after, ARCHIVE_PAGE],
        )

    async def take_in(self, orders: list[dict]) -> int:
        """Store orders that come from a partner, each with its items. How many."""
        self.waiting += orders
        if self.writing is None or self.writing.done():
            self.writing = asyncio.create_task(self._write())
        return len(orders)

    async def _write(self) -> None:
        await asyncio.sleep(COLLECT_S)
        orders, self.waiting = self.waiting, []
        await self._store(orders)

    async def _store(self, orders: list[dict]) -> None:
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
