"""What lab08's cells say beside their charts."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labs.kit.notebook.learner import Learner
from labs.kit.notebook.notes import Note
from labs.lab08_workers import actions, bench


def curve_told(monkeypatch: pytest.MonkeyPatch, alone: float) -> list[Note]:
    """The notes of `lab.live_curve()` on a machine whose one process makes `alone` of what its core can."""
    made = {"processes": alone / bench.JOB_S, "threads": 1 / bench.JOB_S}
    points = [bench.Point("compute", pool, size, speed) for pool, speed in made.items() for size in bench.SIZES]
    notes: list[Note] = []
    monkeypatch.setenv("BREAKFIX_LIVE", "on")
    monkeypatch.setattr(bench, "machine", lambda: points)
    monkeypatch.setattr(actions.figures, "machine", lambda made, job_s: None)
    monkeypatch.setattr(actions.notes, "show", notes.append)
    actions.live_curve(cast(Learner, SimpleNamespace(waiting=lambda *said: nullcontext())))
    return notes


def test_a_busy_machine_s_curve_is_not_to_be_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process that made half of what a core can: the points are shown with a warning before them."""
    warning, table = curve_told(monkeypatch, 0.5)
    assert warning.kind == "warn"
    assert "One process made 50% of what one core can: the machine was busy." in warning.lines[0]
    assert [row[0] for row in cast(Any, table.table)[1:]] == ["processes that compute", "threads that compute"]


def test_an_idle_machine_s_curve_comes_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly all of a core: the table alone."""
    (table,) = curve_told(monkeypatch, 0.97)
    assert table.kind != "warn"
