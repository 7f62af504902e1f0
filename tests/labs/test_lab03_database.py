"""lab03's alert rule: the share of database time that slow statements have, second by second."""

from __future__ import annotations

import json
from unittest.mock import patch

import pytest

from labs.kit.model.record import Event
from labs.kit.service.sqlite_cost import Work
from labs.lab03_database import readings
from labs.lab03_database.cost import SLOTS
from labs.lab03_database.database import Done, rest_s
from labs.lab03_database.readings import doubt
from tests.kit.handmade import make_run


def test_a_rule_fires_below_the_highest_share_that_lasted() -> None:
    """The share of the column is the bound from which on the rule is quiet."""
    with patch.object(readings, "shares", return_value=[0.9, 0.1, 0.6, 0.5, 0.0]):
        assert readings.highest(make_run(), 0.05, 2) == 0.5
        assert readings.fires_at(make_run(), 0.49, 0.05, 2) == 4.0
        assert readings.fires_at(make_run(), 0.5, 0.05, 2) is None
        assert readings.highest(make_run(), 0.05, 9) == 0.0


def test_a_second_holds_the_work_of_all_places() -> None:
    """A statement counts in the second in which it ended, and only if it was slow."""

    class Statement:
        def __init__(self, time: float, took_s: float) -> None:
            self.time, self.took_s = time, took_s

    seen = [Statement(0.4, 0.3), Statement(0.9, 0.5), Statement(2.0, 1.0), Statement(2.5, 0.01)]
    with patch.object(readings, "statements", return_value=seen):
        shares = readings.shares(make_run(load_s=3.0), 0.05)
    assert shares == pytest.approx([0.8 / SLOTS, 0.0, 1.0 / SLOTS])


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
