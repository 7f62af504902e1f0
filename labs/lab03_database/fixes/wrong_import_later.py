"""Orders are collected for half a second before they are stored: the partner is told that they are, and they are not."""

LIKE = "right_in_batch"
LOSES = {"imported": "not_there", "left_over": "lost_exception"}
CHANGED = {
    """
from labs.lab03_database.client import Database""": """
import asyncio

from labs.lab03_database.client import Database""",
    "ARCHIVE_PAGE = 50": """\
ARCHIVE_PAGE = 50
COLLECT_S = 0.5""",
    "        self.db = db": """\
        self.db = db
        self.waiting: list[dict] = []
        self.writing: asyncio.Task | None = None""",
    '        """Store orders that come from a partner, each with its items. How many."""': '''\
        """Store orders that come from a partner, each with its items. How many."""
        self.waiting += orders
        if self.writing is None or self.writing.done():
            self.writing = asyncio.create_task(self._write())
        return len(orders)

    async def _write(self) -> None:
        await asyncio.sleep(COLLECT_S)
        orders, self.waiting = self.waiting, []
        await self._store(orders)

    async def _store(self, orders: list[dict]) -> None:''',
    """\
        )
        return len(orders)""": "        )",
}
