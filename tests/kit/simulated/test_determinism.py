"""The same lab, repair and seed give the same record, byte by byte: what the simulated world is for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import labs
from labs.kit.model.load import Phase
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.zygote import ROOT
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.simulated.judge import digest, mixed_run

REPEATS = 20


@contextmanager
def busy_cores() -> Iterator[None]:
    """Every core of this machine has something else to do."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


@pytest.fixture(scope="module")
def first() -> Run:
    """The run that the others are compared with."""
    return mixed_run()


def test_the_run_is_worth_comparing(first: Run) -> None:
    """Its requests were answered, and its logs are full of what could have been different."""
    assert first.status is Status.PASS
    assert {request.status for request in first.requests()} == {200}
    logs = [json.loads(log.fields) for log in first.logs("me")]
    assert len(logs) == len(first.requests()) > 30
    assert len({json.dumps(row["order"]) for row in logs}) > 5
    assert logs[-1]["freed"] > 100
    assert {tuple(row["cancelled"]) for row in logs} != {()}


def test_repeats_are_identical(first: Run) -> None:
    """Twenty repeats give identical bytes; the zygote's age, and with it every address, makes no difference."""
    assert {digest(mixed_run()) for _ in range(REPEATS)} == {digest(first)}


def test_what_ran_before_makes_no_difference(first: Run) -> None:
    """A zygote that has imported other labs gives the same bytes: the modules it holds move no turn of the collector."""
    for name in ("lab06_retries", "lab00_signals"):
        lab = labs.load(name)
        brief = lab.scenario(next(iter(lab.scenarios))).with_(load=(Phase(2.0, 1.0),), faults=(), settle_s=1.0)
        run_simulated(lab, lab.fix("reference"), brief, 0)
    assert digest(mixed_run()) == digest(first)


def test_repeats_under_load_are_identical(first: Run) -> None:
    """With every core busy with something else the bytes are the same."""
    with busy_cores():
        assert {digest(mixed_run()) for _ in range(5)} == {digest(first)}


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"}, {"PYTHONHASHSEED": "99", "JUNK": "x" * 5000}],
)
def test_another_judge_gives_the_same(first: Run, environment: dict[str, str]) -> None:
    """A judge in a process of its own, with another hash seed and another environment, gets the same bytes."""
    command = [sys.executable, "-m", "tests.kit.simulated.judge", "digest"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(first)


def test_another_seed_gives_another_record(first: Run) -> None:
    """What is compared here can differ at all."""
    assert digest(mixed_run(seed=2)) != digest(first)
