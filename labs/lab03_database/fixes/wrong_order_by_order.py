"""Each order of a file is a transaction, with its items: a third as many, and still one for each order."""

LIKE = "right_in_batch"
LOSES = {"imports": "transaction_a_row"}
CHANGED = {
    """\
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
        )""": """\
        for order in orders:
            await self.db.transaction(
                [
                    (
                        "INSERT INTO orders (id, customer_id, status, created_at, total_cents, address)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        [[order[name] for name in columns]],
                    ),
                    (
                        "INSERT INTO items (order_id, line, sku, quantity) VALUES (?, ?, ?, ?)",
                        [[order["id"], line, item["sku"], item["quantity"]] for line, item in enumerate(order["items"], 1)],
                    ),
                ]
            )""",
}
