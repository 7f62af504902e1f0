"""The record: what is written comes back, and one file holds it all."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from pathlib import Path

import pytest

from labs.kit.model.record import TABLES, Event, Left, Log, Record, Request, Run, Sample, Span, as_json
from labs.kit.model.verdict import Status
from tests.kit.handmade import INNER, OUTER, make_info, make_request, make_run, make_storm

ROWS = {
    "requests": [
        make_request(0.5, request_id="b"),
        make_request(0.25, None, 0, request_id="a", error_type="unfinished"),
        make_request(0.6, link=INNER, request_id="a", attempt=2),
    ],
    "samples": [Sample(0.1, "queue.depth", "bank", 3.0), Sample(0.2, "queue.depth", "shop", 4.5)],
    "logs": [Log(0.1, "bank", "error", "refused", "a", "QueueFull", '{"depth": 15}')],
    "spans": [
        Span("t1", "s1", "", "shop", "POST /order", 0.1, 0.4, "OK", "{}"),
        Span("t2", "s2", "s1", "bank", "pay", 0.0, 1.0, "OK", "{}"),
    ],
    "events": [Event(5.0, "fault on", INNER, "Stall"), Event(8.0, "fault off", INNER, "Stall")],
    "left": [Left("shop", "connections", INNER, 3), Left("shop", "tasks", "Shop.tell (fix.py:3)", 40, "shop")],
}


@pytest.fixture
def run():
    """A run with a row or more in every table."""
    record = Record()
    for table, rows in ROWS.items():
        record.add(table, rows)
    return record.close(make_info())


def same(one: Run, other: Run) -> bool:
    """Do two runs hold the same rows in every table?"""
    return all(
        one.db.conn.execute(f"select * from [{table}]").fetchall()
        == other.db.conn.execute(f"select * from [{table}]").fetchall()
        for table in TABLES
    )


def test_every_table_has_a_column_a_field(run):
    """The columns of a table are the fields of its dataclass, in order: SQL and Python name the same things."""
    for name, row in TABLES.items():
        assert list(run.db[name].columns_dict) == [f.name for f in fields(row)]


def test_rows_come_back_as_they_went_in(run):
    """Samples, logs, spans and events come back equal, with their filters."""
    assert run.samples("queue.depth") == ROWS["samples"]
    assert run.samples("queue.depth", "shop") == ROWS["samples"][1:]
    assert run.samples("cpu") == []
    assert run.logs() == ROWS["logs"]
    assert run.logs("shop") == []
    assert run.spans("t2") == ROWS["spans"][1:]
    assert len(run.spans()) == 2
    assert run.events("fault off") == ROWS["events"][1:]
    assert run.events() == ROWS["events"]
    assert run.left("shop") == run.left() == ROWS["left"]
    assert run.left("bank") == []


def test_requests_are_those_of_the_load_unless_a_link_is_named(run):
    """Without a link come the load's own, in the order they were intended; links are listed in order of first sight."""
    assert run.links() == [OUTER, INNER]
    assert [r.request_id for r in run.requests()] == ["a", "b"]
    assert run.requests(INNER) == ROWS["requests"][2:]
    assert run.requests("shop->stock") == []
    assert Record().close(make_info()).requests() == []


def test_ok_and_latency():
    """Only 2xx is ok; latency counts from the intended time, and is None for what never ended."""
    assert [make_request(0, status=s).ok for s in (0, 199, 200, 299, 300, 503)] == [False, False, True, True, False, False]
    assert make_request(1.0, 0.5, sent=1.25).latency == 0.5
    assert make_request(1.0, None).latency is None


def test_save_and_load_give_the_same_run(run, tmp_path):
    """A record read back holds every row and the run's own description, and overwrites what was there."""
    path = tmp_path / "deep" / "run.sqlite"
    assert run.save(path) == path
    loaded = Run.load(path)
    assert same(loaded, run)
    assert loaded.info == run.info
    make_storm(load_s=2.0).save(path)
    assert not same(Run.load(path), run)
    assert [p.name for p in path.parent.iterdir()] == ["run.sqlite"]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    """Two runs with the same rows are the same file; other rows are another."""
    one = make_storm(load_s=5.0).save(tmp_path / "one.sqlite").read_bytes()
    two = make_storm(load_s=5.0).save(tmp_path / "two.sqlite").read_bytes()
    assert one == two
    assert one != make_storm(load_s=5.0, seed=1).save(tmp_path / "other.sqlite").read_bytes()


def test_a_saved_record_opens_with_plain_sql(run, tmp_path):
    """A learner needs nothing of ours to read a record."""
    with sqlite3.connect(run.save(tmp_path / "run.sqlite")) as db:
        assert db.execute("select count(*), sum(status = 200) from requests").fetchone() == (3, 2)
    db.close()


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"x" * 200])
def test_a_file_that_is_no_record_is_one_clear_error(tmp_path, content):
    """Empty, foreign and damaged files raise ValueError naming the file, and leave nothing open."""
    path = tmp_path / "run.sqlite"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.sqlite is not a record of a run"):
        Run.load(path)


def test_a_database_of_something_else_is_no_record(tmp_path):
    """A database without our tables, or with another `run` table, is refused in the same way."""
    for number, sql in enumerate(("create table pets (name)", "create table run (name); insert into run values (1)")):
        path = tmp_path / f"{number}.sqlite"
        other = sqlite3.connect(path)
        other.executescript(sql)
        other.close()
        with pytest.raises(ValueError, match="is not a record of a run"):
            Run.load(path)


def test_a_missing_record_says_how_to_make_one(tmp_path):
    """The error names the path and the command that writes a record."""
    with pytest.raises(ValueError, match=r"no record at .*nothing\.sqlite; `breakfix run LAB --record FILE`"):
        Run.load(tmp_path / "nothing.sqlite")


def test_a_run_says_in_a_line_what_it_is(run):
    """The text of a run names lab, repair, world, seed and how it ended."""
    assert repr(run) == "<Run lab06_retries outage of broken, simulated world, seed 0, 12 s: pass>"
    assert run.status is Status.PASS
    assert Record().close(make_info(status="hung")).status is Status.HUNG


def test_a_row_as_json_names_its_fields():
    """One row is one JSON object on one line, keys sorted."""
    row = make_request(0.5, request_id="a\nb")
    line = as_json(row)
    assert "\n" not in line
    assert Request(**json.loads(line)) == row
    assert list(json.loads(line)) == sorted(json.loads(line))


def test_a_record_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch) -> None:
    """Where the last step fails, as on a full disk, the error goes on and no part of a file stays."""
    run = make_run([make_request(0.5)])

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        run.save(tmp_path / "run.sqlite")
    assert list(tmp_path.iterdir()) == []
