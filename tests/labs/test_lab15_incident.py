"""lab15: pairs are harmless alone and an outage together, no simple rule finds both places, rows are labelled rightly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from statistics import median

import pytest

from labs.kit import BROKEN, Fix, Job, SubmissionError, run_all, stats
from labs.kit.model.record import Event, Log, Record, Request, Run, Sample, Span
from labs.kit.worlds.run import tailored
from labs.lab15_incident import LAB, checks, citing, evidence, readings, submissions
from labs.lab15_incident.pairs import HERRINGS, KINDS, PAIRS
from labs.lab15_incident.scenarios import HANDED_IN, SCENARIOS, WATCHED
from labs.lab15_incident.variants import Variant, variant
from labs.town.policies import DEFAULTS, SETTABLE
from tests.kit.handmade import make_info

TAIL_S = 12.0
MOST_BY_RULE = 0.8
ORDER = ("gateway", "catalog", "orders", "recs", "payments", "store")


def four(evening: Variant) -> dict[str, Run]:
    """The four evenings of a variant, without a submission."""
    jobs = []
    for name in HANDED_IN:
        changes = evening.changes(name in ("both", "x"), name in ("both", "y"))
        asked = SCENARIOS[name].with_(settings={"changes": changes, "policies": {}})
        jobs.append(Job(Fix("none", "NAME = 'none'\n"), asked, evening.seed))
    plain = replace(LAB, tailored=lambda source, scenario: scenario)
    return dict(zip(HANDED_IN, run_all(plain, jobs), strict=True))


def rules(run: Run, since: float) -> dict[str, list[str]]:
    """What two-line rules blame: by failures, by growth of the median and of the failing share, the deepest that fails."""
    errors: Counter[str] = Counter()
    growth: dict[str, float] = {}
    share: dict[str, float] = {}
    for link in run.links():
        called = link.split("->")[1]
        rows = run.requests(link)
        first, then = [r for r in rows if r.sent < since], [r for r in rows if r.sent >= since]
        errors[called] += sum(not r.ok for r in then)
        before, after = ([(r.done or run.info.seconds) - r.sent for r in part] for part in (first, then))
        if before and after:
            growth[called] = max(growth.get(called, 0), median(after) / max(median(before), 1e-4))
            failing = [sum(not r.ok for r in part) / len(part) for part in (first, then)]
            share[called] = max(share.get(called, 0), failing[1] - failing[0])

    def two(scores: Mapping[str, float]) -> list[str]:
        return sorted(scores, key=lambda name: -scores[name])[:2]

    deepest = [name for name in ORDER if share.get(name, 0) > 0.1][-1:]
    return {"errors": two(errors), "growth": two(growth), "share": two(share), "deepest": deepest}


@pytest.mark.parametrize("name", ["ada", pytest.param("bob", marks=pytest.mark.release)])
@pytest.mark.parametrize("pair", list(PAIRS))
def test_a_pair_is_harmless_alone_and_an_outage_together(pair: str, name: str) -> None:
    """Neither, X and Y keep the objective at the end, both breaks it; no rule finds both; each cause leaves evidence."""
    evening = variant(name, pair)
    runs = four(evening)
    end = runs["both"].info.load_s
    well = {key: stats.success_rate(run, end - TAIL_S, end) for key, run in runs.items()}
    assert all(well[key] >= readings.WELL for key in ("x", "y", "neither")), well
    assert 0.25 <= 1 - well["both"] <= 0.75, well
    right = set(evening.culprits)
    scores = {rule: readings.f1(blamed, right) for rule, blamed in rules(runs["both"], evening.herring_at).items()}
    assert max(scores.values()) <= MOST_BY_RULE, scores
    found = readings.labels(*(runs[key] for key in HANDED_IN))
    count = Counter(found.values())
    for label in (evidence.X, evidence.Y):
        assert count[label] >= 10 or any(row[0] == "events" for row, shows in found.items() if shows == label), count
    for strategy in citing.STRATEGIES.values():
        cited = readings.shares(strategy(runs["both"]), found)
        for label in (evidence.X, evidence.Y):
            assert cited[label] < checks.PRECISION * max(1, sum(cited.values()))
    began = readings.harmed_at(runs["both"], runs["neither"])
    assert evening.onset - 3 <= began <= evening.onset + 15


def test_pairs_and_herrings_are_of_the_town() -> None:
    """What changes is a policy of the town; kinds are among those on the page; what was deployed can be undone."""
    for pair in PAIRS.values():
        for fault in (pair.x, pair.y):
            assert fault.kind in KINDS
            assert {service for _, service, *_ in fault.changes} == {fault.where}
        assert all(key in SETTABLE[service] for _, service, key, _, _ in pair.y.changes)
        assert pair.herring not in (pair.x.where, pair.y.where)
        for _, service, key, _, _ in (*pair.x.changes, *pair.y.changes, *HERRINGS[pair.herring]):
            assert key in DEFAULTS[service]


def test_a_name_always_has_the_same_evening() -> None:
    """Upper case and blanks aside; and names draw all pairs."""
    assert variant("ada") == variant(" Ada ")
    assert {variant(f"name {n}").pair_name for n in range(100)} == set(PAIRS)


def made(*, requests: int, logs: int = 0) -> Run:
    """A record with so many failed attempts from second 1 on, and so many error logs."""
    record = Record()
    rows = (Request("a->b", f"r{n}", "GET /x", 1, 1.0, 1.0, 1.5, 500, "") for n in range(requests))
    record.add("requests", [*rows, Request("a->b", "well", "GET /x", 1, 1.0, 1.0, 1.01, 200, "")])
    record.add("logs", [Log(1.0, "b", "error", "failed", f"r{n}", "Boom", "{}") for n in range(logs)])
    record.add("samples", [Sample(1.0, "queue.depth", "b", 3.0)])
    record.add("spans", [Span("t", "s", "", "b", "GET /x", 1.0, 1.01, "OK", "{}")])
    record.add("events", [Event(1.0, "deploy", "b", "b 2", "b")])
    return record.close(make_info(lab="lab15_incident"))


def test_a_row_is_labelled_by_where_its_kind_is_met() -> None:
    """Failures in X's run are X's, logs in neither run are of both together, and what is as in health is normal."""
    found = evidence.labelled(made(requests=3, logs=2), made(requests=3), made(requests=0), made(requests=0))
    assert [found["requests", n] for n in (1, 2, 3, 4)] == [evidence.X] * 3 + [evidence.NORMAL]
    assert found["logs", 1] == evidence.TOGETHER
    assert found["events", 1] == found["spans", 1] == found["samples", 1] == evidence.NORMAL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NAME = ''\n", "NAME"),
        ("NAME = 'ada'\nPOLICIES = {'bank': {}}\n", "policies belong to"),
        ("NAME = 'ada'\nPOLICIES = {'payments': {'FRAUD': 0}}\n", "no policy"),
        ("NAME = 'ada'\nPOLICIES = {'payments': {'BOUND': -1}}\n", "expected 0 to"),
        ("NAME = 'ada'\nPOLICIES = []\n", "no dict"),
        ("NAME = 'ada'\nRUNBOOK = 3\n", "no text"),
        ("def", "not Python"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, said: str) -> None:
    """One line each."""
    with pytest.raises(SubmissionError, match=said):
        submissions.read(text), submissions.runbook(text), submissions.policies(text)


@pytest.mark.parametrize("rows", [None, 3, {}, {"store": 1}, {"store": [(1, 2, 3), "x", ("requests", "y"), ({}, [])]}])
def test_rows_of_any_form_are_read(rows: object) -> None:
    """What is no row is none that counts."""
    assert readings.cited({"rows": rows}, "store") == []


def test_every_evening_is_an_exhibit_and_what_is_mended_stays() -> None:
    """No service runs what is handed in, so each evening is made once; a mended policy is not changed by a deploy.

    The example's evenings for an alert are made with any seed, and whatever is handed in does not change them.
    """
    fix = Fix(BROKEN, "NAME = 'grace'\nPOLICIES = {'orders': {'ATTEMPTS': 1}}\n")
    for scenario in SCENARIOS.values():
        asked = tailored(LAB, fix, scenario)
        assert not isinstance(asked, str)
        assert (asked.exhibit is None) is (scenario.name in WATCHED)
        if scenario.name in WATCHED:
            assert asked == tailored(LAB, LAB.fix(BROKEN), scenario)
    mended = tailored(LAB, fix, SCENARIOS["replayed"])
    assert not isinstance(mended, str)
    assert not [change for change in mended.settings["changes"] if change[1:3] == ("orders", "ATTEMPTS")]
    assert mended.settings["policies"] == {"orders": {"ATTEMPTS": 1}}
