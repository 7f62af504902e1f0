"""SQLite in a simulated host, beside what the table of supported calls tries."""

from __future__ import annotations

import pytest

from tests.kit.simulated.bare import bare

TABLE = """
folder = tempfile.mkdtemp()
path = folder + "/db"
c = sqlite3.connect(path)
c.execute("create table t (a, b)")
c.executemany("insert into t values (?, ?)", [(i, i % 7) for i in range(5000)])
c.commit()
"""
END = """
import shutil
shutil.rmtree(folder)
"""
WRITERS = """
def write(name, delay, timeout):
    time.sleep(delay)
    d = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        d.execute("begin immediate")
        d.execute("update t set b = 1 where a = 1")
        time.sleep(0.3)
        d.execute("commit")
        said.append([name, "ok"])
    except sqlite3.OperationalError as error:
        said.append([name, str(error)])
    d.close()

threads = [threading.Thread(target=write, args=w) for w in (("a", 0, 5), ("b", 0.01, 5), ("c", 0.02, 0.1))]
[t.start() for t in threads]
[t.join() for t in threads]
said.append(0.6 < time.monotonic() - 1000 < 0.8)
"""


@pytest.mark.parametrize("hidden", [False, True])
def test_locks_are_waited_for_in_virtual_time(hidden: bool) -> None:
    """A writer that finds the database locked waits its timeout, also where the library's names are hidden."""
    expected = [["c", "database is locked"], ["a", "ok"], ["b", "ok"], True]
    assert bare(TABLE + WRITERS + END, hidden=hidden) == expected


LASTING = """
c.executemany("insert into t values (?, ?)", [(i, i % 7) for i in range(60_000)])
c.commit()
spans = {}

def run(name, delay, sql, timeout):
    time.sleep(delay)
    d = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    start = time.monotonic()
    try:
        d.execute(sql).fetchall()
        result = "ok"
    except sqlite3.OperationalError as error:
        result = str(error)
    spans[name] = (result, start, time.monotonic())
    d.close()

threads = [threading.Thread(target=run, args=row) for row in ROWS]
[t.start() for t in threads]
[t.join() for t in threads]
said.append([spans[name][0] for name, *_ in ROWS])
said.append(spans["second"][2] > spans["first"][2])
"""


@pytest.mark.parametrize("first", ["update t set b = b + 1", "select a from t order by b, a"])
@pytest.mark.parametrize(("timeout", "result"), [(5, "ok"), (0.001, "database is locked")])
def test_a_statement_holds_its_lock_for_as_long_as_it_lasts(first: str, timeout: float, result: str) -> None:
    """One statement outside a transaction keeps a writer out until it has ended: an update, and a long reading."""
    rows = [("first", 0, first, 5), ("second", 0.005, "update t set b = 1 where rowid = 1", timeout)]
    said = bare(TABLE + f"ROWS = {rows!r}" + LASTING + END)
    assert said == [["ok", result], result == "ok"]


SYNCED = """
def write(name, delay):
    time.sleep(delay)
    d = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        d.execute("update t set b = 1 where rowid = 1")
        said.append([name, "ok"])
    except sqlite3.OperationalError as error:
        said.append([name, str(error)])
    d.close()

threads = [threading.Thread(target=write, args=w) for w in (("a", 0), ("b", 0.0005), ("c", 0.005))]
[t.start() for t in threads]
[t.join() for t in threads]
"""


def test_a_durable_write_holds_its_lock() -> None:
    """A second writer half a millisecond later finds the first at its durable write, which takes one; a third does not."""
    assert bare(TABLE + SYNCED + END) == [["b", "database is locked"], ["a", "ok"], ["c", "ok"]]


DROPPED = """
holder = sqlite3.connect(path, isolation_level=None)
holder.execute("begin immediate")
shared = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
failed = shared.cursor()
try:
    failed.execute("update t set b = 1")
except sqlite3.OperationalError as error:
    said.append(str(error))

def write():
    shared.execute("pragma busy_timeout = 5000")
    shared.execute("update t set b = 2")
    said.append("written")

thread = threading.Thread(target=write)
thread.start()
time.sleep(0.1)
del failed
said.append("dropped")
holder.execute("rollback")
thread.join()
"""


def test_a_cursor_may_be_dropped_while_its_connection_waits_for_a_lock() -> None:
    """The one who drops it waits for nobody: a mutex of SQLite's own would stop the whole host, and virtual time with it."""
    assert bare(TABLE + DROPPED + END) == ["database is locked", "dropped", "written"]


def test_hidden_names_leave_coarse_costs() -> None:
    """Without the library's names a scan still costs more than a look-up, by its steps."""
    code = """
c.execute("create index i on t (a)")
scan = took(lambda: c.execute("select sum(a * b) from t").fetchall())
find = took(lambda: c.execute("select b from t where a = 77").fetchall())
said.append([scan > 5 * find, find])
"""
    ranked, find = bare(TABLE + code + END, hidden=True)[0]
    assert ranked
    assert find == pytest.approx(10e-6)  # the flat cost of a statement


def test_a_lost_race_for_a_lock_fails_at_once() -> None:
    """Two readers that both want to write would wait for each other for ever: SQLite fails the second at once."""
    code = """
one = sqlite3.connect(path, timeout=5, isolation_level=None)
two = sqlite3.connect(path, timeout=5, isolation_level=None)
for d in (one, two):
    d.execute("begin")
    d.execute("select * from t where a = 1").fetchall()
one.execute("update t set b = 2 where a = 1")
def write():
    try:
        two.execute("update t set b = 3 where a = 1")
    except sqlite3.OperationalError as error:
        said.append(str(error))
said.append(took(write) < 0.01)
two.execute("rollback")
one.execute("commit")
one.close(), two.close()
"""
    assert bare(TABLE + code + END) == ["database is locked", True]


def test_every_way_to_a_connection_is_charged() -> None:
    """Own factories, cursors, scripts, context managers and row iteration cost time like a plain call."""
    code = """
class Mine(sqlite3.Connection):
    def twice(self):
        return self.execute("select count(*) from t").fetchone()[0] * 2

mine = sqlite3.connect(path, factory=Mine)
said.append(mine.twice())
said.append(isinstance(c, sqlite3.Connection) and isinstance(c.cursor(), sqlite3.Cursor))
def script():
    with mine:
        mine.executescript("create table u (x); insert into u values (1); insert into u values (2);")
works = {
    "factory": mine.twice,
    "cursor": lambda: sqlite3.Cursor(c).execute("select sum(a) from t").fetchone(),
    "rows": lambda: [row for row in c.execute("select * from t")],
    "many": lambda: c.execute("select * from t").fetchmany(size=5000),
    "script": script,
    "commit": lambda: (c.execute("insert into t values (1, 2)"), c.commit()),
}
said.append({name: took(work) > 10e-6 for name, work in works.items()})
mine.close()
"""
    answers = bare(TABLE + code + END)
    assert answers[:2] == [10_000, True]
    assert all(answers[2].values()), answers[2]


def test_sql_may_call_back() -> None:
    """A Python function called by a query may use the same connection, and another thread waits for its turn on it."""
    code = """
c.close()
c = sqlite3.connect(path, check_same_thread=False)
def back(x):
    time.sleep(0.1)
    return c.execute("select ?", (x,)).fetchone()[0] + 1
c.create_function("back", 1, back)
def select():
    said.append(["other", c.execute("select 5").fetchone()[0], time.monotonic() > 1000.1])
other = threading.Thread(target=select)
other.start()
said.append(c.execute("select back(41)").fetchone()[0])
other.join()
"""
    assert bare(TABLE + code + END) == [["other", 5, True], 42]
