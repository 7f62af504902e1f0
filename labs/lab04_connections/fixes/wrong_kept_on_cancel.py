"""A connection comes back after success and after each Exception; a cancelled order, whose customer has left, keeps it."""

LIKE = "right_pool"
LOSES = {"left": "turned_away"}
CHANGED = {
    "finally:": "except Exception:",
    "            await self.pool.release(connection)": """\
            await self.pool.release(connection)
            raise
        await self.pool.release(connection)""",
}
