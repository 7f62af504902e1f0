"""The connection that start() opened, used in the pool's threads: sqlite3 refuses it there."""

LIKE = "right_sized_pool"
LOSES = {
    "pace": "prices_fail",
    "launch": "prices_fail",
    "answered": "prices_fail",
    "right_answers": "no_prices_to_see",
    "counted": "no_prices_to_see",
    "hiccups": "hiccups_shown",
}
CHANGED = {
    """
from contextlib import closing""": "",
    "        self.processes = ProcessPoolExecutor(2)": """\
        self.processes = ProcessPoolExecutor(2)
        self.db = sqlite3.connect(self.database, uri=True)""",
    "        self.processes.shutdown()": """\
        self.processes.shutdown()
        self.db.close()""",
    """\
        with closing(sqlite3.connect(self.database, uri=True)) as db, db:
            add = "update products set views = views + 1 where sku = ? returning views"
            return db.execute(add, (sku,)).fetchone()[0]""": """\
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1""",
}
