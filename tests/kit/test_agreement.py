"""Comparing the worlds: what counts as agreement, and where two runs part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from labs.kit.judging import agreement
from labs.kit.model.lab import Check, Diagnosis, Fix, Lab, Scenario, Service, UnknownName
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding, Status
from labs.kit.worlds import run as experiment
from tests.kit.handmade import make_request, make_run

FIX = Fix("mine", "")


def share(runs: dict[str, Run]) -> Finding:
    """Passes if half of the requests were answered."""
    rows = runs["outage"].requests()
    measured = sum(r.ok for r in rows) / len(rows)
    return Finding(measured >= 0.5, measured, "r", f"{measured:.0%} were answered.")


def make_lab() -> Lab:
    """One check on the scenario "outage", one on "calm", and one that only the live world grades."""
    checks = (
        Check("most", "", ("outage",), share, 0.5, "at least", "share", "", points=1),
        Check("calm", "", ("calm",), lambda runs: Finding(True, 1, "r", ""), 1, "at least", "", "", points=1),
        Check("counted", "", ("outage",), share, 0.5, "at least", "share", "", points=1, world="live"),
    )
    return Lab(
        name="lab98_testing", title="", failure="", signal="", minutes=1, services=(), entry="shop",
        request=lambda i, rng: HttpRequest("GET", "/", f"r{i}"),
        scenarios={name: Scenario(name, (Phase(1, 10),)) for name in ("outage", "calm")}, checks=checks,
        diagnosis=Diagnosis((), 0, ""), hints=(), reference="right",
    )  # fmt: skip


def answered(count: int, status: Status = Status.PASS) -> Run:
    """A run of ten requests, one a second, the first `count` of them answered."""
    rows = [make_request(s + 0.5, status=200 if s < count else 504) for s in range(10)]
    return make_run(rows, status=status, load_s=10.0, seconds=10.0)


Worlds = Callable[[Run, list[Run]], list[str]]


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """Set what each world gives; live runs come one after another. Returns the list of worlds asked."""
    asked: list[str] = []

    def given(simulated: Run, live: list[Run]) -> list[str]:
        queue = list(live)

        def in_live(*_: object) -> Run:
            asked.append("live")
            return queue.pop(0)

        def in_simulated(*_: object) -> Run:
            asked.append("simulated")
            return simulated

        monkeypatch.setitem(experiment.WORLDS, "simulated", in_simulated)
        monkeypatch.setitem(experiment.WORLDS, "live", in_live)
        return asked

    return given


def test_the_same_verdict_in_both_worlds_agrees(worlds: Worlds) -> None:
    """Passing in both agrees; what is measured may differ. Only checks whose scenarios all ran are compared."""
    worlds(answered(9), [answered(7)])
    found = agreement.compare(make_lab(), FIX, scenarios=["outage"])
    assert [(b.check, b.simulated.measured, b.live.measured, b.agree) for b in found.checks] == [("most", 0.9, 0.7, True)]
    assert found.differ == []


def test_another_verdict_differs(worlds: Worlds) -> None:
    """A pass here and a failure there is a disagreement, which names the check."""
    worlds(answered(9), [answered(2)])
    assert [b.check for b in agreement.compare(make_lab(), FIX, scenarios=["outage"]).differ] == ["most"]


def test_a_bad_measurement_is_repeated_and_never_a_disagreement(worlds: Worlds) -> None:
    """An invalid live run is run again, three times in all; after that the check is not compared."""
    bad = answered(2, Status.INVALID)
    asked = worlds(answered(9), [bad, answered(8)])
    assert agreement.compare(make_lab(), FIX, scenarios=["outage"]).checks[0].agree is True
    assert asked == ["simulated", "live", "live"]
    asked = worlds(answered(9), [bad, bad, bad])
    asked.clear()
    found = agreement.compare(make_lab(), FIX, scenarios=["outage"])
    assert (found.checks[0].agree, found.differ, asked.count("live")) == (None, [], 3)


def test_a_crash_here_is_a_failure_there(worlds: Worlds) -> None:
    """A repair that crashes live and fails simulated fails in both; one that the simulation cannot carry is not compared."""
    worlds(answered(2), [answered(0, Status.CRASHED)])
    assert agreement.compare(make_lab(), FIX, scenarios=["outage"]).checks[0].agree is True
    worlds(answered(0, Status.UNSUPPORTED), [answered(9)])
    assert agreement.compare(make_lab(), FIX, scenarios=["outage"]).checks[0].agree is None


def test_all_that_the_simulated_checks_need_is_run(worlds: Worlds) -> None:
    """Without a choice, every scenario of the checks that the simulated world grades is run in both worlds."""
    asked = worlds(answered(9), [answered(9), answered(9)])
    found = agreement.compare(make_lab(), FIX)
    assert [b.check for b in found.checks] == ["most", "calm"]
    assert asked == ["simulated", "live"] * 2


def test_an_unknown_scenario_is_told_before_anything_runs(worlds: Worlds) -> None:
    """The message lists the valid ones, and no world was asked."""
    asked = worlds(answered(9), [])
    with pytest.raises(UnknownName, match="the valid ones are: outage, calm"):
        agreement.compare(make_lab(), FIX, scenarios=["flood"])
    assert asked == []


def test_runs_part_where_their_shares_differ_for_two_seconds() -> None:
    """Ten answered against four answered part at second 4; one second's difference is no parting."""
    assert agreement.parted_at(answered(10), answered(4)) == 4.0
    assert agreement.parted_at(answered(10), answered(9)) is None
    assert agreement.parted_at(answered(7), answered(7)) is None


def test_nobody_is_killed_at_a_memory_limit_while_worlds_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated world kills nobody, so a live run that did would be another experiment."""
    limits: dict[str, list[float]] = {}

    def world(name: str) -> Callable[..., Run]:
        def run(lab: Lab, *_: object) -> Run:
            limits[name] = [service.memory_limit_mb for service in lab.services]
            return answered(10)

        return run

    for name in ("simulated", "live"):
        monkeypatch.setitem(experiment.WORLDS, name, world(name))
    lab = replace(make_lab(), services=(Service("shop", "none:app", memory_limit_mb=64.0),))
    agreement.compare(lab, FIX, scenarios=["outage"])
    assert limits == {"simulated": [64.0], "live": [0.0]}
