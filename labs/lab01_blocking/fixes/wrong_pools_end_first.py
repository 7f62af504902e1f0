"""stop() ends the pools, and then wants the thread of one of them to close the database: it raises."""

LIKE = "right_all"
LOSES = {"left_over": "stop_fails"}
CHANGED = {
    """
        await self.loop.run_in_executor(self.writer, self.db.close)""": "",
    "            pool.shutdown()": """\
            pool.shutdown()
        await self.loop.run_in_executor(self.writer, self.db.close)""",
}
