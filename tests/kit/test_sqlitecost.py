"""What SQLite did: counted by the library itself, told by a meter, in either world."""

from __future__ import annotations

import sqlite3

import pytest

from labs.kit.service import sqlite_cost
from labs.kit.service.sqlite_cost import Meter, Work, find_library
from tests.kit.simulated.bare import bare

ROWS = 5_000
FOUND = find_library()

needs_library = pytest.mark.skipif(FOUND is None, reason="this Python hides the names of its SQLite library")


@pytest.fixture
def connection():
    """A table of 5,000 rows in memory, with an index on `a`."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("create table t (a, b)")
    made.execute("create index i on t (a)")
    made.execute("begin")
    made.executemany("insert into t values (?, ?)", [(n, n % 7) for n in range(ROWS)])
    made.execute("commit")
    yield made
    made.close()


@needs_library
def test_a_scan_counts_every_row_and_a_search_none(connection):
    """A full scan of 5,000 rows steps over 4,999 after the first; an index leaves none to step over."""
    meter = Meter(connection, FOUND)
    connection.execute("select sum(b) from t").fetchall()
    assert meter.take().scanned == ROWS - 1
    connection.execute("select b from t where a = 77").fetchall()
    assert meter.take().scanned == 0


@needs_library
def test_a_sort_is_counted_unless_an_index_has_the_order(connection):
    """ORDER BY a column without an index sorts once; with one it does not."""
    meter = Meter(connection, FOUND)
    connection.execute("select a from t order by b").fetchall()
    assert meter.take().sorts == 1
    connection.execute("select a from t order by a").fetchall()
    assert meter.take().sorts == 0


@needs_library
def test_a_meter_tells_each_piece_of_work_once(connection):
    """What was told is not told again, and what was done before the meter was made is not told at all."""
    connection.execute("select sum(b) from t").fetchall()
    meter = Meter(connection, FOUND)
    assert meter.take() == Work()
    connection.execute("select sum(b) from t").fetchall()
    first = meter.take()
    assert first.steps > ROWS
    assert first.hits > 0
    assert meter.take() == Work()


@needs_library
def test_the_same_work_gives_the_same_counts(connection):
    """Counts are the library's, not a clock's: asked twice, one is the other."""
    meter = Meter(connection, FOUND)
    took = []
    for _ in range(2):
        connection.execute("select a from t where b = 3 order by a desc limit 20").fetchall()
        took.append(meter.take())
    assert took[0] == took[1]


@needs_library
def test_pages_tell_what_steps_do_not(tmp_path):
    """An index on the sorted column halves the steps of a query and multiplies its pages: steps alone would praise it."""
    made = sqlite3.connect(tmp_path / "db", isolation_level=None)
    made.execute("pragma cache_size = 20")
    made.execute("create table t (id integer primary key, owner, at, filler)")
    made.execute("begin")
    rows = [(n, n % 500, n * 7_919 % 20_011, "x" * 100) for n in range(20_000)]
    made.executemany("insert into t values (?, ?, ?, ?)", rows)
    made.execute("commit")
    meter, query = Meter(made, FOUND), "select id from t where owner = 7 order by at desc limit 20"
    made.execute(query).fetchall()
    without = meter.take()
    made.execute("create index i on t (at)")
    meter.take()
    made.execute(query).fetchall()
    with_it = meter.take()
    made.close()
    assert with_it.steps < without.steps
    assert with_it.hits + with_it.misses > 10 * (without.hits + without.misses)


def test_a_hidden_library_is_said(monkeypatch, connection):
    """Where the names are hidden, the work is 0 and not known; nothing is guessed."""

    def hidden():
        raise OSError("hidden")

    monkeypatch.setattr(sqlite_cost.Library, "_find", staticmethod(hidden))
    assert find_library() is None
    meter = Meter(connection, None)
    connection.execute("select sum(b) from t").fetchall()
    assert meter.take() == Work(known=False)


@needs_library
def test_a_closed_connection_did_nothing(connection):
    """After close there is nobody to ask, and asking does not end the process."""
    meter = Meter(connection, FOUND)
    connection.close()
    assert meter.take() == Work()


def test_works_add_up():
    """Sums are of each figure; what is unknown in one is unknown in all."""
    assert Work(1, 2, 3, 4, 5, 6) + Work(10, 20, 30, 40, 50, 60) == Work(11, 22, 33, 44, 55, 66)
    assert not (Work() + Work(known=False)).known


@needs_library
def test_a_simulated_connection_is_charged_and_metered():
    """In the simulated world whoever charges looks first: a meter tells the same counts as in a plain process."""
    code = """
from labs.kit.service.sqlite_cost import Meter, find_library
d = sqlite3.connect(":memory:", isolation_level=None)
d.execute("create table t (a, b)")
d.executemany("insert into t values (?, ?)", [(i, i % 7) for i in range(5000)])
meter = Meter(d, find_library())
said.append(took(lambda: d.execute("select a from t where b = 3 order by a desc").fetchall()) > 10e-6)
work = meter.take()
said.append([work.steps, work.hits, work.misses, work.writes, work.scanned, work.sorts, work.known])
said.append(meter.take().steps)
"""
    charged, counted, after = bare(code)
    plain = sqlite3.connect(":memory:", isolation_level=None)
    plain.execute("create table t (a, b)")
    plain.executemany("insert into t values (?, ?)", [(i, i % 7) for i in range(5000)])
    meter = Meter(plain, FOUND)
    plain.execute("select a from t where b = 3 order by a desc").fetchall()
    work = meter.take()
    plain.close()
    assert charged
    assert counted == [work.steps, work.hits, work.misses, work.writes, work.scanned, work.sorts, True]
    assert after == 0
