"""A thread for each job that renews its lease, and that nobody tells when the job is done."""

LIKE = "right_lease"
LOSES = {"left_over": "threads_left"}
CHANGED = {
    "import sqlite3\n": "import sqlite3\nimport threading\n",
    """\
        try:
            text = await self.loop.run_in_executor""": """\
        beats = threading.Thread(target=self.renew, args=(order,), daemon=True)
        beats.start()
        try:
            text = await self.loop.run_in_executor""",
    "    async def deliver(self, order: str, text: str) -> None:\n": """\
    def renew(self, order: str) -> None:
        while True:
            time.sleep(LEASE_S / 3)
            sql = "update jobs set until = ? where name = ? and state = 'leased'"
            self.writer.submit(self.execute, sql, time.time() + LEASE_S, order)

    async def deliver(self, order: str, text: str) -> None:
""",
}
