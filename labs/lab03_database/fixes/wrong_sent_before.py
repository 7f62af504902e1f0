"""A file whose ids are all there counts as sent before, and is answered as stored; nobody looks whose orders they are."""

LIKE = "right_in_batch"
LOSES = {"imported": "taken_id"}
CHANGED = {
    "        await self.db.transaction(": """\
        first, last = (pick(order["id"] for order in orders) for pick in (min, max))
        [there] = await self.db.query("SELECT count(*) AS orders FROM orders WHERE id BETWEEN ? AND ?", [first, last])
        if there["orders"] == len(orders):
            return len(orders)
        await self.db.transaction(""",
}
