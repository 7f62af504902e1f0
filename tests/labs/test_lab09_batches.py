"""Lab09's events are what its judge takes them for, its store stalls where it says, and a night is counted exactly."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labs.kit import Run, names
from labs.kit.model.load import arrivals
from labs.lab09_batches import data, model, readings, store
from labs.lab09_batches.scenarios import (
    ASIDE_S,
    BURST_CALLERS,
    CALM_CALLERS,
    CROWD_FROM_S,
    KILL_AT_S,
    NIGHT_RESET_S,
    SILENCE_S,
    STALL_S,
    asks,
    reset,
    twins,
)

SCHEMA = "create table scores (event_id, score); create table set_aside (event_id, reason);"


def stored() -> list[tuple[int, Any]]:
    """The events of the small file."""
    data.ensure()
    with closing(data.raw_connect(data.address("small"), uri=True)) as events:
        return list(events.execute("select id, payload from events order by id"))


def test_the_file_holds_what_the_judge_computes_again() -> None:
    """Each event of the file has the score, or the reason, that the judge makes without the file."""
    rows, right = stored(), data.scores("small", 7)
    assert {event: reason for event, payload in rows if (reason := model.reason(payload))} == data.refused("small")
    good = [(event, payload) for event, payload in rows if event in right]
    assert len(good) + len(data.refused("small")) == data.EVENTS["small"]
    scored = model.matrix([payload for _, payload in good]) @ model.weights(7)
    assert [int(score) for score in scored] == [right[event] for event, _ in good]


def test_two_refused_events_of_different_kinds_share_a_batch() -> None:
    """Otherwise the reason of the batch would be that of its only bad record."""
    assert any(
        first // 512 == second // 512 and data.POISON[first] != data.POISON[second]
        for first, second in zip(data.POISON, list(data.POISON)[1:], strict=False)
    )


def test_each_stall_ends_with_its_kill_and_no_reset_falls_into_one() -> None:
    """What a kill does and what a reset does are told apart."""
    stalls = [STALL_S] * (len(KILL_AT_S) - 1) + [ASIDE_S]
    for at, stall_s in zip(KILL_AT_S, stalls, strict=True):
        assert all(end < at - stall_s or begin > at for begin, end in NIGHT_RESET_S)


def test_ids_and_places_belong_together() -> None:
    """Also around a wide gap, a night that has passed an event has passed all before it."""
    for place in (0, 1, 4_320, 4_321, 21_699, 21_700, 31_999):
        assert data.passed(data.event_id(place)) == place + 1
        assert data.passed(data.event_id(place) - 1) == place
    assert data.event_id(4_321) - data.event_id(4_320) > data.GAP


@pytest.mark.parametrize("seed", range(5))
def test_each_of_reset_knows_its_part(seed: int) -> None:
    """The numbers of callers in the first phases are the same on every seed: they say who is asked what."""
    at = [moment / 1e9 for moment in arrivals(reset().load, seed)]
    assert sum(moment < SILENCE_S for moment in at) == BURST_CALLERS
    assert sum(SILENCE_S < moment < CROWD_FROM_S for moment in at) == CALM_CALLERS


def test_of_two_twins_one_leaves() -> None:
    """Those who share a record are two, and one of them goes: the first of some pairs, the second of others."""
    pairs: dict[int, list[str]] = {}
    for index in range(1_000):
        if (pair := twins("rush", index)) >= 0:
            pairs.setdefault(pair, []).append(asks("rush", index))
    assert len(pairs) == 13
    assert {tuple(pair) for pair in pairs.values()} == {("score", "leaves"), ("leaves", "score")}


def test_one_stall_waits_for_a_refused_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits without one pass; the next one that has a row for set_aside waits, before it is durable."""
    waited: list[int] = []
    monkeypatch.setattr("time.sleep", lambda seconds: waited.append(len(committed)))
    committed: list[str] = []
    with closing(store.open_store(str(tmp_path / "scores.sqlite"), [(0.0, 9.0, store.ASIDE)], lambda: 1.0)) as kept:
        kept.executescript(SCHEMA)
        for table in ("scores", "set_aside", "scores"):
            with kept:
                kept.execute(f"insert into {table} values (1, 1)")
            committed.append(table)
    assert waited == [1]


@pytest.mark.parametrize("commit", ["method", "with", "statement", "autocommit"])
def test_every_way_to_commit_meets_the_stall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commit: str) -> None:
    """commit(), `with connection`, a COMMIT of one's own, and autocommit wait, before and after the write is durable."""
    file = str(tmp_path / "scores.sqlite")
    seen: list[int] = []

    def rows_there(seconds: float) -> None:
        with closing(sqlite3.connect(file)) as other:
            seen.append(other.execute("select count(*) from t").fetchone()[0])

    with closing(sqlite3.connect(file)) as made:
        made.execute("create table t (a)")
    monkeypatch.setattr("time.sleep", rows_there)
    stalls = [(0.0, 9.0, store.BEFORE), (0.0, 9.0, store.AFTER)]
    with closing(store.open_store(file, stalls, lambda: 1.0)) as connection:
        if commit == "with":
            with connection:
                connection.execute("insert into t values (1)")
        elif commit == "method":
            connection.execute("insert into t values (1)")
            connection.commit()
        else:
            connection.isolation_level = None
            if commit == "statement":
                connection.execute("begin")
            connection.execute("insert into t values (1)")
            if commit == "statement":
                connection.execute("commit")
    assert seen == [0, 1]


def counted(change: str) -> readings.Night:
    """What is read of a right night on the small file after a change of its tables."""
    with closing(sqlite3.connect(":memory:")) as kept:
        kept.executescript(SCHEMA)
        kept.executemany("insert into scores values (?, ?)", data.scores("small", 7).items())
        kept.executemany("insert into set_aside values (?, ?)", data.refused("small").items())
        kept.executescript(change)
        rows = kept.execute(readings.KEPT.sql).fetchall()
    told = SimpleNamespace(subject="7", detail="small")
    read = SimpleNamespace(subject=readings.NIGHT, by="judge", detail=json.dumps({"rows": rows}))
    run = SimpleNamespace(
        events=lambda kind: {"model": [told], names.KEPT: [read]}.get(kind, []), info=SimpleNamespace(world="simulated")
    )
    return readings.night(cast(Run, run))


def test_a_night_is_counted_exactly() -> None:
    """A right night has no fault; each kind of fault is counted as what it is."""
    right = counted("")
    assert (right.lost, right.rows_twice, right.invented, right.wrong, right.aside_twice) == (0, 0, 0, 0, 0)
    assert right.aside == data.refused("small")
    assert counted("delete from scores where event_id < 700").lost_behind == 100
    assert counted("insert into scores select * from scores where event_id < 700").rows_twice == 100
    assert counted("update scores set score = score + 1 where event_id < 700").wrong == 2
    assert counted("insert into scores values (9999999, 1)").invented == 1
    assert counted("insert into set_aside select * from set_aside").aside_twice == len(data.refused("small"))


def test_a_reset_comes_once_at_the_record_alone_after_a_refused_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after a call that was answered, not for a batch, and not a second time."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    good, bad = bytes(model.RECORD_BYTES), b""
    asked = model.Model(7, pairs=lambda: True)

    def told(*payloads: bytes) -> str:
        try:
            return str(asked.predict(payloads))
        except (ValueError, ConnectionError) as error:
            return type(error).__name__

    assert [told(good), told(good, bad), told(good, good), told(good)] == ["[0]", "ValueError", "[0, 0]", "[0]"]
    assert [told(good, bad), told(good), told(good)] == ["ValueError", "ConnectionError", "[0]"]
    assert [told(good, bad), told(good)] == ["ValueError", "[0]"]
