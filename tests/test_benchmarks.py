"""The benchmarks run and report. How fast they are is for `breakfix bench` to say, not for a test."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import benchmarks
from benchmarks import Row, checking, importing, labs_cost, relaying
from labs.kit.worlds import run_cache


def assert_reports(row: Row, name: str) -> None:
    """A row has its benchmark's name, and figures that are positive and fit together."""
    assert row.name == name
    assert name in benchmarks.BENCHMARKS
    assert row.what
    assert row.unit
    assert row.to_reach
    figures = (row.yardstick, row.ours, row.ratio)
    assert all(math.isfinite(figure) and figure > 0 for figure in figures)
    assert row.ratio == pytest.approx(row.ours / row.yardstick) or row.ratio == pytest.approx(row.yardstick / row.ours)


def test_the_relay_answers_every_request() -> None:
    """A few hundred requests go through the simulated relay, and all are answered: the benchmark asserts it itself."""
    assert_reports(relaying.two_hops(200), "two-hops")
    assert_reports(relaying.minute(1), "minute")


def test_a_check_is_never_measured_from_kept_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where runs are kept, the benchmark of a check reads none and keeps none, and leaves the setting as it was."""
    monkeypatch.setenv(run_cache.VARIABLE, str(tmp_path))
    assert_reports(checking.check(seeds=(0,)), "check")
    assert list(tmp_path.iterdir()) == []
    assert run_cache.folder() == tmp_path


def test_a_lab_s_cost_is_told_by_virtual_seconds_by_exchanges_and_by_cores() -> None:
    """One row a lab; a lab that live runs judge has none, since its seconds are real ones."""
    (row,) = labs_cost.labs_cost(["lab06_retries", "lab04_connections"], seeds=(0,))
    assert_reports(row, "labs")
    assert re.search(r"lab06_retries.* [\d,]+ exchanges of \d+\.\d\d ms each; \d\.\d\d cores busy", row.what)
    assert row.ratio == pytest.approx(row.yardstick / row.ours)


def test_importing_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import benchmark says what it found, and that matplotlib stayed out."""
    monkeypatch.setattr(importing, "TIMES", 1)
    row = importing.importing()
    assert_reports(row, "import")
    assert "MATPLOTLIB" not in row.what


def test_only_the_named_benchmarks_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """run_all runs those named, in that order; without names, all."""
    for name in benchmarks.BENCHMARKS:
        monkeypatch.setitem(benchmarks.BENCHMARKS, name, partial(Row, name, "", "s", 1, 1, 1, "", True))
    assert [row.name for row in benchmarks.run_all(["import", "check"])] == ["import", "check"]
    assert [row.name for row in benchmarks.run_all()] == list(benchmarks.BENCHMARKS)


def test_a_benchmark_may_have_several_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of one benchmark stand one after another between those of the others."""
    rows = [Row(name, "", "s", 1, 1, 1, "", True) for name in ("one", "two")]
    monkeypatch.setitem(benchmarks.BENCHMARKS, "stall", lambda: rows)
    monkeypatch.setitem(benchmarks.BENCHMARKS, "check", lambda: Row("check", "", "s", 1, 1, 1, "", True))
    assert [row.name for row in benchmarks.run_all(["stall", "check"])] == ["one", "two", "check"]


def test_an_unknown_benchmark_lists_the_valid_ones() -> None:
    """A misspelt name is one error that names all benchmarks."""
    with pytest.raises(
        ValueError,
        match=r"unknown benchmark 'two-hop'; they are: two-hops, minute, check, labs, grading, import, send-lag, stall",
    ):
        benchmarks.run_all(["two-hop"])


def test_importing_the_benchmarks_runs_nothing() -> None:
    """`import benchmarks` loads neither aiohttp nor the kit: the command line asks it for its names alone."""
    code = "import benchmarks, sys; sys.exit(any(m in sys.modules for m in ('aiohttp', 'labs', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(benchmarks.__file__).parents[1]).returncode == 0
