"""lab03's alert rule: the share of database time that slow statements have, second by second; what a migration may do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from labs.kit.model.record import Event, Request
from labs.kit.service.sqlite_cost import Work
from labs.lab03_database import figures, readings
from labs.lab03_database.cost import SLOTS
from labs.lab03_database.database import Done, Engine, Refused, rest_s
from labs.lab03_database.measure import Writing
from labs.lab03_database.readings import doubt
from labs.lab03_database.truth import Truth
from tests.kit.handmade import cut_off, make_run


def test_a_rule_fires_below_the_highest_share_that_lasted() -> None:
    """The share of the column is the bound from which on the rule is quiet."""
    with patch.object(readings, "shares", return_value=[0.9, 0.1, 0.6, 0.5, 0.0]):
        assert readings.highest(make_run(), 0.05, 2) == 0.5
        assert readings.fires_at(make_run(), 0.49, 0.05, 2) == 4.0
        assert readings.fires_at(make_run(), 0.5, 0.05, 2) is None
        assert readings.highest(make_run(), 0.05, 9) == 0.0


def test_a_second_holds_the_work_of_all_places() -> None:
    """A statement counts in each second in which it ran, and only if it was slow: no second holds more than it has."""

    class Statement:
        def __init__(self, time: float, took_s: float) -> None:
            self.time, self.took_s = time, took_s

    seen = [Statement(0.4, 0.3), Statement(0.9, 0.5), Statement(2.0, 1.0), Statement(2.5, 0.01)]
    with patch.object(readings, "statements", return_value=seen):
        shares = readings.shares(make_run(load_s=3.0), 0.05)
    assert shares == pytest.approx([0.8 / SLOTS, 1.0 / SLOTS, 0.0])


def test_live_the_database_takes_the_time_that_the_lab_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computing that is faster than the lab says is made up for; slower, it comes off the disk's time, which cannot be less
    than none. In the simulated world the lab's own time has passed already."""
    work = Work(steps=1_000_000, hits=0, misses=100)  # 20 ms of computing, 1 ms of disk
    done = Done({}, "select 1", 1, 1, 0, work)
    assert [rest_s(done, took) for took in (0.0, 0.02, 0.0205, 1.0)] == pytest.approx([0.021, 0.001, 0.0005, 0.0])
    monkeypatch.setattr("labs.kit.service.work.simulated", lambda: True)
    assert [rest_s(done, took) for took in (0.02, 0.02000001)] == pytest.approx([0.001, 0.001])


def test_a_machine_that_takes_the_databases_time_is_told_so() -> None:
    """A live run is doubted where statements held their places for much longer than the lab says; not for a few of them."""

    def ran(took_s: float, count: int) -> list[Event]:
        told = {"request_id": "", "rows": 1, "executed": 1, "commits": 0, "waited_s": 0.0, "took_s": took_s}
        work = vars(Work(steps=1_000_000, hits=0, misses=100))
        return [Event(1.0, "statement", "select 1", json.dumps({**told, **work}))] * count

    assert doubt(ran(0.121, 10), 10.0) == doubt([Event(1.0, "fault on", "db", "x")], 10.0) == ""
    assert "took 25% of the database's time for itself; at most 15%" in doubt(ran(0.121, 50), 10.0)


def migrated(folder: Path, *statements: str) -> sqlite3.Connection:
    """A small database after a migration."""
    address = f"file:{folder / 'orders.sqlite'}"
    database = sqlite3.connect(address, uri=True)
    database.execute("create table orders (id integer primary key, customer_id)")
    database.execute("insert into orders values (1, 2)")
    database.commit()
    engine = object.__new__(Engine)  # without the shop's 300,000 orders
    engine.address = address
    try:
        engine.migrate(list(statements))
    except Refused:
        database.close()
        raise
    return database


def test_pragmas_that_change_nothing_here_are_taken(tmp_path: Path) -> None:
    """What migrations usually begin and end with does not fail, and what the lab charges for writes stays the lab's."""
    taken = [
        "PRAGMA journal_mode=WAL", "pragma synchronous = off", "PRAGMA foreign_keys(1);", "PRAGMA busy_timeout = 5000",
        "PRAGMA cache_size = -64000", "PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 268435456",
        "PRAGMA main.journal_mode = MEMORY", "create index if not exists by_customer on orders (customer_id)",
        "PRAGMA analysis_limit=400", "ANALYZE", "PRAGMA optimize",
    ]  # fmt: skip
    with closing(migrated(tmp_path, *taken)) as database:
        assert database.execute("pragma journal_mode").fetchone()[0] == "delete"
        assert database.execute("select tbl, idx from sqlite_stat1").fetchall() == [("orders", "by_customer")]


@pytest.mark.parametrize("sql", ["PRAGMA writable_schema = 1", " pragma page_size=512", "PRAGMA wal_checkpoint"])
def test_other_pragmas_are_refused_by_name(tmp_path: Path, sql: str) -> None:
    """One line says which there are, and which one it was."""
    with pytest.raises(Refused, match=r"of the PRAGMAs a migration may have analysis_limit, .*: ") as refused:
        migrated(tmp_path, sql)
    assert str(refused.value).endswith(sql)


def test_what_else_is_refused_says_why(tmp_path: Path) -> None:
    """The database's own word for what is no PRAGMA."""
    with pytest.raises(Refused, match="not authorized: drop table orders"):
        migrated(tmp_path, "drop table orders")


def test_a_page_of_the_archive_begins_after_the_orders_that_are_left() -> None:
    """Where orders were deleted, the pages behind them begin later, and each still has 50 orders."""
    truth = Truth([])
    try:
        truth.delete([50, 51])
        truth.delete([120])
        assert [truth.before_page(page) for page in (0, 1, 2, 3)] == [0, 52, 102, 153]
        assert [order.id for order in truth.archive(1)] == list(range(53, 103))
        assert 120 not in [order.id for order in truth.archive(2)]
        assert len(truth.archive(2)) == 50
    finally:
        truth.close()


@pytest.mark.parametrize(
    ("world", "queries", "unread"),
    [
        ("simulated", [("POST /query", 200, 1.05)], 0),
        ("simulated", [("POST /query", 200, 0.99)], 1),
        ("live", [("POST /query", 200, 0.99)], 0),
        ("simulated", [("POST /query", 200, 1.11)], 1),
        ("simulated", [("POST /query", 400, 1.05), ("POST /transaction", 200, 1.05)], 1),
        ("simulated", [], 1),
    ],
)
def test_a_page_that_no_query_came_for_is_unread(world: str, queries: list[tuple[str, int, float]], unread: int) -> None:
    """From when it was asked for until it was answered, at least one query must have been answered, be it another's."""
    rows = [Request(readings.LOAD, "visit-1", readings.PAGE, 1, 1.0, 1.0, 1.1, 200, "")]
    rows += [Request(readings.LINK, "", what, 1, done - 0.2, done - 0.2, done, status, "") for what, status, done in queries]
    assert len(readings.unread(make_run(requests=rows, world=world))) == unread


def test_no_words_of_the_figure_of_writing_are_cut_off() -> None:
    """Each text of the figure lies within it, whatever indexes are compared."""
    names = ("as it was", "index on (customer, created_at), and one on (created_at)", "each row by itself")
    drawn = figures.writing([Writing(name, 0.5 + n, 3.0 * n, 1 + n) for n, name in enumerate(names)], 8)
    assert not cut_off(drawn)
