"""Pages kept for 3 s: changes that the warehouse makes meanwhile are not shown."""

LIKE = "right_in_batch"
LOSES = {"fresh": "stale", "imported": "not_there"}
CHANGED = {
    """
from labs.lab03_database.client import Database""": """
import time

from labs.lab03_database.client import Database""",
    "ARCHIVE_PAGE = 50": """\
ARCHIVE_PAGE = 50
KEPT_S = 3.0""",
    "        self.db = db": """\
        self.db = db
        self.kept: dict = {}""",
    "        orders = await self.db.query(": """\
        orders, read_at = self.kept.get(customer, ([], -KEPT_S))
        if time.monotonic() >= read_at + KEPT_S:
            orders = await self._read(customer)
            self.kept[customer] = orders, time.monotonic()
        return orders

    async def _read(self, customer: int) -> list[dict]:
        orders = await self.db.query(""",
}
