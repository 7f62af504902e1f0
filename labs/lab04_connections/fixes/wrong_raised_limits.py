"""More room: the limit of open files is raised, and the server asked for more connections. The leak goes on."""

LIKE = "broken"
LOSES = {
    "refused": "refused",
    "served": "errors",
    "told_no": "errors",
    "recovers": "errors",
    "transactions": "left_open",
    "descriptors": "grow",
    "partner": "crowded",
    "restart": "errors",
}
CHANGED = {
    """
import aiohttp""": """
import contextlib
import resource

import aiohttp""",
    '        """Called once, before the first order."""': '''\
        """Called once, before the first order."""
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        connection = await asyncpg.connect(self.database)
        with contextlib.suppress(asyncpg.PostgresError):
            await connection.execute("alter system set max_connections = 500")
        await connection.close()''',
}
