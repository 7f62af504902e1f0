"""Items are thought never to change, so they are kept for each order that was shown: corrections are not."""

LIKE = "right_in_batch"
LOSES = {"fresh": "stale"}
CHANGED = {
    "        self.db = db": """\
        self.db = db
        self.items: dict[int, list[dict]] = {}""",
    '        marks = ", ".join("?" * len(orders))': """\
        missing = [order["id"] for order in orders if order["id"] not in self.items]
        marks = ", ".join("?" * len(missing))""",
    '[order["id"] for order in orders],': "missing,",
    'by_order: dict[int, list[dict]] = {order["id"]: [] for order in orders}': (
        "self.items |= {order: [] for order in missing}"
    ),
    """\
            by_order[item.pop("order_id")].append(item)
        return [{**order, "items": by_order[order["id"]]} for order in orders]""": """\
            self.items[item.pop("order_id")].append(item)
        return [{**order, "items": self.items[order["id"]]} for order in orders]""",
}
