"""asyncio.to_thread around everything: the default pool has 6 threads here, and the launch needs 9."""

LIKE = "broken"
LOSES = {"signature": "interpreter_lock", "pace": "one_interpreter", "launch": "pool_starves"}
CHANGED = {
    "import json": """\
import asyncio
import json""",
    "import urllib.request": """\
import urllib.request
from contextlib import closing""",
    """
        self.db = sqlite3.connect(self.database, uri=True)""": "",
    """
        self.db.close()""": "",
    "        price = self._ask_supplier(sku)": """\
        return await asyncio.to_thread(self._make, sku)

    def _make(self, sku: str) -> dict:
        price = self._ask_supplier(sku)""",
    """\
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1""": """\
        with closing(sqlite3.connect(self.database, uri=True)) as db, db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return db.execute(add, (sku,)).fetchone()[0]""",
}
