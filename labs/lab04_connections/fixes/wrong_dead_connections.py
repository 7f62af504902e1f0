"""A pool of our own that never looks whether a connection still lives."""

LIKE = "right_own_queue"
LOSES = {"restart": "errors"}
CHANGED = {
    """
            if connection.is_closed():
                connection = await asyncpg.connect(self.database)""": "",
}
