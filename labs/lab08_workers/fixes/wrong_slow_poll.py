"""Workers that look for jobs every two seconds, and get no signal of new ones."""

LIKE = "right_lease"
LOSES = {"less_work": "picked_up_late"}
CHANGED = {
    "LOOK_S = 0.1": "LOOK_S = 2.0",
    """\
        await self.in_writer(self.execute, "insert or ignore into jobs values (?, ?, 'new', 0)", order, json.dumps(lines))
        self.news.set()
""": """\
        await self.in_writer(self.execute, "insert or ignore into jobs values (?, ?, 'new', 0)", order, json.dumps(lines))
""",
}
