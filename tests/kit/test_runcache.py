"""Kept runs: read when everything is the same, never when anything differs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import labs
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds import run as experiment
from labs.kit.worlds import run_cache
from labs.kit.worlds.simulated import world
from tests.kit.handmade import make_run

LAB = labs.load(labs.names()[0])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep runs in a folder of this test; the seeds that were really run are noted."""
    seeds: list[int] = []

    def run(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: object, tier: object) -> Run:
        seeds.append(seed)
        return make_run(
            [],
            lab=lab.name,
            fix_sha=fix.sha,
            fix=fix.name,
            scenario=scenario.name,
            seed=seed,
            status=Status.INFRA_ERROR if seed == 9 else Status.PASS,
        )

    monkeypatch.setenv(run_cache.VARIABLE, str(tmp_path))
    monkeypatch.setattr(run_cache, "_kept", 0)
    monkeypatch.setattr(world, "run_simulated", run)
    return seeds


def test_the_same_run_is_made_once(made: list[int]) -> None:
    """The second time it is read, and it is the same."""
    first, second = (experiment.run(LAB, LAB.fix("broken"), seed=3) for _ in range(2))
    assert made == [3]
    assert first.info == second.info


def test_the_same_source_under_another_name_is_the_same_run(made: list[int], tmp_path: Path) -> None:
    """It is read again, under the name that it goes by now; it can be saved, and what is kept stays as it is."""
    source = LAB.fix("broken").source
    experiment.run(LAB, Fix("broken", source), seed=3)
    other = experiment.run(LAB, Fix("fix", source), seed=3)
    assert made == [3]
    assert other.info.fix == Run.load(other.save(tmp_path / "other.sqlite")).info.fix == "fix"
    assert experiment.run(LAB, Fix("broken", source), seed=3).info.fix == "broken"


def test_another_seed_repair_or_scenario_is_another_run(made: list[int]) -> None:
    """Whatever decides a run is in its name."""
    experiment.run(LAB, LAB.fix("broken"), seed=3)
    experiment.run(LAB, LAB.fix("broken"), seed=4)
    experiment.run(LAB, Fix("broken", LAB.fix("broken").source + "\n"), seed=3)
    scenario = next(iter(LAB.scenarios.values()))
    experiment.run(LAB, LAB.fix("broken"), scenario=scenario.with_(settle_s=scenario.settle_s + 1), seed=3)
    assert made == [3, 4, 3, 3]


def test_a_run_that_says_nothing_of_the_repair_is_not_kept(made: list[int]) -> None:
    """A machine's failure is not remembered."""
    for _ in range(2):
        assert experiment.run(LAB, LAB.fix("broken"), seed=9).status is Status.INFRA_ERROR
    assert made == [9, 9]


def test_a_damaged_file_is_run_again(made: list[int], tmp_path: Path) -> None:
    """A file that is no record, or only half of one, does not count: it is replaced, and nothing is said."""
    for spoil in (lambda whole: b"not a database", lambda whole: whole[: len(whole) // 2], lambda whole: b""):
        made.clear()
        experiment.run(LAB, LAB.fix("broken"), seed=3)
        (kept,) = tmp_path.rglob("*.sqlite")
        whole = kept.read_bytes()
        kept.write_bytes(spoil(whole))
        made.clear()
        assert experiment.run(LAB, LAB.fix("broken"), seed=3).info.seed == 3
        assert made == [3]
        assert kept.read_bytes() == whole


def test_another_run_under_that_name_is_not_believed(made: list[int], tmp_path: Path) -> None:
    """A sound record of another seed is run again."""
    experiment.run(LAB, LAB.fix("broken"), seed=3)
    (kept,) = tmp_path.rglob("*.sqlite")
    experiment.run(LAB, LAB.fix("broken"), seed=4)
    (other,) = set(tmp_path.rglob("*.sqlite")) - {kept}
    kept.write_bytes(other.read_bytes())
    assert experiment.run(LAB, LAB.fix("broken"), seed=3).info.seed == 3
    assert made == [3, 4, 3]


def test_the_runs_used_longest_ago_make_room(made: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for two, the third run takes the place of the one that was read longest ago, not of the oldest."""
    fix = LAB.fix("broken")
    files = {}
    for seed in (1, 2):
        experiment.run(LAB, fix, seed=seed)
        (files[seed],) = set(tmp_path.rglob("*.sqlite")) - set(files.values())
    for seed, used in ((1, 1_000), (2, 2_000)):
        os.utime(files[seed], (used, used))
    experiment.run(LAB, fix, seed=1)
    monkeypatch.setattr(run_cache, "MOST_BYTES", 2 * files[1].stat().st_size)
    monkeypatch.setattr(run_cache, "_kept", 0)
    experiment.run(LAB, fix, seed=3)
    assert [files[1].exists(), files[2].exists(), len(list(tmp_path.rglob("*.sqlite")))] == [True, False, 2]


def test_a_folder_that_takes_no_file_costs_time_alone(
    made: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BREAKFIX_RUN_CACHE names a file, say: nothing is kept, nothing fails."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(run_cache.VARIABLE, str(tmp_path / "file"))
    for _ in range(2):
        experiment.run(LAB, LAB.fix("broken"), seed=3)
    assert made == [3, 3]


def test_the_user_s_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME, or else where the system keeps such things."""
    monkeypatch.delenv("BREAKFIX_KEPT", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run_cache.user_folder() == tmp_path / "breakfix"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert run_cache.user_folder() == tmp_path / ".cache" / "breakfix"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert run_cache.user_folder() == tmp_path / "Library" / "Caches" / "breakfix"


def test_runs_are_not_kept_unless_asked(made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable every run is a run."""
    monkeypatch.delenv(run_cache.VARIABLE)
    for _ in range(2):
        experiment.run(LAB, LAB.fix("broken"), seed=3)
    assert made == [3, 3]


def test_the_cache_never_confuses_two_runbooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The text is part of what a kept run is known by."""
    monkeypatch.setenv(run_cache.VARIABLE, str(tmp_path))
    lab = labs.load("lab06")
    paths = {
        run_cache.path_of(lab, lab.fix("broken"), "simulated", lab.scenario("outage").with_(runbook=text), 0)
        for text in ("", "one", "another")
    }
    assert len(paths) == 3
