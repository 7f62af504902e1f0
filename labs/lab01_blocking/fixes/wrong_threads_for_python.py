"""Twenty threads for everything: enough for waiting, but plain Python computes in one thread at a time."""

LIKE = "broken"
LOSES = {"signature": "interpreter_lock", "pace": "one_interpreter"}
CHANGED = {
    "import json": """\
import asyncio
import json""",
    "import urllib.request": """\
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing""",
    "PAUSE_S = 0.2": """\
PAUSE_S = 0.2
THREADS = 20""",
    "        self.db = sqlite3.connect(self.database, uri=True)": """\
        self.loop = asyncio.get_running_loop()
        self.threads = ThreadPoolExecutor(THREADS)""",
    "self.db.close()": "self.threads.shutdown()",
    '        """The answer for one product: its price now, how often it was looked at, a signature over both."""': '''\
        """The answer for one product: its price now, how often it was looked at, a signature over both."""
        return await self.loop.run_in_executor(self.threads, self._make, sku)

    def _make(self, sku: str) -> dict:''',
    """\
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1""": """\
        with closing(sqlite3.connect(self.database, uri=True)) as db, db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return db.execute(add, (sku,)).fetchone()[0]""",
}
