"""Has the database look at its statistics again after each import, and does not await the call: nothing of it is done."""

LIKE = "right_in_batch"
LOSES = {"left_over": "never_awaited"}
CHANGED = {
    "        return len(orders)": """\
        self.db.execute("ANALYZE")
        return len(orders)""",
}
