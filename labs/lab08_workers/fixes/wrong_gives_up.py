"""After five failures, half a second apart, an order is not tried again, and nobody hears of it."""

LIKE = "right_lease"
LOSES = {"kept": "locked_for_ever"}
CHANGED = {
    "state text, until real)": "state text, until real, failures integer)",
    "where state != 'done' and until < :now": "where state != 'done' and until < :now and failures < 5",
    "values (?, ?, 'new', 0)": "values (?, ?, 'new', 0, 0)",
    "            pass  # the partner did not take it\n": """\
            sql = "update jobs set until = ?, failures = failures + 1 where name = ?"
            await self.in_writer(self.execute, sql, time.time() + 0.5, order)
""",
}
