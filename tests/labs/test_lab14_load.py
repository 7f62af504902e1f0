"""lab14: the planted regressions are what the page says, no test is told which it meets, and what the wire shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.kit.model.record import Event, Record, Request, Run
from labs.lab14_load import LAB, readings, service, versions
from tests.kit.handmade import make_info


def record(*events: Event, requests: tuple[Request, ...] = ()) -> Run:
    """A run with these events and requests."""
    made = Record()
    made.add("events", events)
    made.add("requests", requests)
    return made.close(make_info(lab="lab14_load", load_s=20.0, seconds=21.0))


def asked(*sent: float, took: float | None = 0.1) -> tuple[Request, ...]:
    """Requests of the tester at these times."""
    return tuple(
        Request(readings.LINK, f"r{n}", "POST /orders", 1, at, at, None if took is None else at + took, 200, "")
        for n, at in enumerate(sent)
    )


@pytest.mark.parametrize("name", list(versions.REGRESSIONS))
def test_a_regression_is_a_line_or_two(name: str) -> None:
    """Each is a version that loads, and differs from the good one in two lines at most."""
    assert callable(versions.module(name).gateway)
    changed = versions.diff(name)
    assert 1 <= sum(line.startswith("-") for line in changed) <= 2
    assert sum(line.startswith("+") for line in changed) <= 2


def test_the_page_names_every_version() -> None:
    """All eighteen regressions must be found and all good versions pass: a learner reads which."""
    page = Path(versions.__file__).with_name("notebook.py").read_text("utf-8")
    asked = page[page.index("# ## Prove it") :]
    assert len(versions.REGRESSIONS) == 18
    assert not [name for name in (*versions.REGRESSIONS, *versions.GOOD) if f"`{name}`" not in asked]


def test_the_good_versions_differ() -> None:
    """Three texts, none of them a regression's."""
    texts = {name: versions.source(name) for name in (*versions.GOOD, *versions.REGRESSIONS)}
    assert len(set(texts.values())) == len(versions.GOOD) + len(versions.REGRESSIONS)


def test_no_setting_tells_a_test_which_version_it_meets() -> None:
    """The tester sees none, and the CI server, which asks it, only the job."""
    sees = {each.name: each.sees for each in LAB.services}
    assert sees["tester"] == ()
    assert set(sees["ci"] or ("all",)) == {"job", "rate", "seconds"}
    assert [each.name for each in LAB.services if each.runs_fix] == ["tester"]


def test_the_first_outcome_counts() -> None:
    """A test that answers again has said what it said; one that never answered has said nothing."""
    twice = record(Event(3, "outcome", "fail", "late", "ci"), Event(4, "outcome", "pass", "", "ci"))
    assert readings.outcome(twice) == readings.Outcome("fail", "late")
    assert readings.killed(twice)
    assert readings.outcome(record()).word == "no answer"


@pytest.mark.parametrize(
    ("word", "why", "figure"), [("capacity", "12.5", 12.5), ("capacity", "inf", None), ("error", "3", None)]
)
def test_a_capacity_is_a_finite_number(word: str, why: str, figure: float | None) -> None:
    """What is none is nan, and never a figure that could be near the truth."""
    stated = readings.stated(record(Event(3, "outcome", word, why, "ci")))
    assert stated == figure if figure is not None else stated != stated


def test_arrivals_are_counted_before_and_during_a_trouble() -> None:
    """Ten a second before, none in the trouble; what is sent in its first moments does not count."""
    trouble = (Event(6, "fault on", "gateway->payments", "stall"), Event(9, "fault off", "gateway->payments", "stall"))
    run = record(*trouble, requests=asked(*(2 + n / 10 for n in range(40)), 6.1))
    before, during = readings.rates(run)
    assert before == pytest.approx(10)
    assert during == 0


def test_what_is_sent_after_the_outcome_goes_on() -> None:
    """Not what was under way then, nor what leaves in the same moment; and without an outcome nothing does."""
    ended = Event(3, "outcome", "fail", "", "ci")
    assert readings.goes_on(record(ended, requests=asked(1.0, 2.95, 3.05, 3.2, 9.0))) == 2
    assert readings.goes_on(record(requests=asked(1.0, 9.0))) == 0


def test_answers_that_were_dropped_are_missed() -> None:
    """Of three requests two were returned; a request that was sent twice is one."""
    sent = asked(1.0, 2.0, 3.0)
    run = record(Event(4, "outcome", "loaded", "2", "ci"), requests=(*sent, sent[0]))
    assert (readings.named(run), readings.returned(run)) == (3, 2)


def test_a_request_without_an_answer_took_the_whole_patience() -> None:
    """It is as slow as any user would wait, and a test with such a request is not over before the run is."""
    run = record(requests=(*asked(1.0), *asked(5.0, took=None)))
    assert readings.times(run) == pytest.approx([0.1, 1.0])
    assert readings.times(run, 2.0) == [1.0]
    assert readings.took_s(run) == pytest.approx(20.0)
    assert readings.asked(run) == 2


@pytest.mark.parametrize(("text", "known"), [("7", True), ("nan", False), ("-inf", False), ("ten", False)])
def test_a_figure_is_finite(text: str, known: bool) -> None:
    """The CI server gets a text from a process that runs the repair."""
    assert (service.figure(text) == service.figure(text)) is known
