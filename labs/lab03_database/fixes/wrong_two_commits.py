"""All orders of a file in one transaction, all items in the next: a failure in between leaves orders without items."""

LIKE = "right_in_batch"
LOSES = {"imports": "not_in_one"}
CHANGED = {
    "        await self.db.transaction(": """\
        await self.db.execute_many(
            "INSERT INTO orders (id, customer_id, status, created_at, total_cents, address) VALUES (?, ?, ?, ?, ?, ?)",
            [[order[name] for name in columns] for order in orders],
        )
        await self.db.execute_many(
            "INSERT INTO items (order_id, line, sku, quantity) VALUES (?, ?, ?, ?)",""",
    """\
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
            ]""": """\
                [order["id"], line, item["sku"], item["quantity"]]
                for order in orders
                for line, item in enumerate(order["items"], 1)
            ],""",
}
