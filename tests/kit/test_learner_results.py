"""What a learner is shown of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

import labs
from labs.kit.model.lab import Lab
from labs.kit.model.record import Log, Record, Run, RunInfo
from labs.kit.model.verdict import Status
from labs.kit.notebook import results

TRACEBACK = """Traceback:
  File "/srv/service.py", line 5, in order
  File "fix.py", line 12, in charge
  File "fix.py", line 31, in try_once
Boom"""


@pytest.fixture(scope="module")
def lab() -> Lab:
    """Any lab: these tests need its name alone."""
    return labs.load(labs.names()[0])


def run_with(lab: Lab, logs: Sequence[Log], status: Status = Status.PASS, detail: str = "") -> Run:
    """A run without requests, with these log lines."""
    record = Record()
    record.add("logs", logs)
    info = RunInfo(lab.name, "outage", "fix", "0" * 64, "simulated", 0, 1.0, 1.0, str(status), detail, "test")
    return record.close(info)


def unmeasured(run: Run) -> float:
    """A quantity for which a run has no data."""
    raise ValueError


def log(event: str, error: str, level: str = "error", **fields: object) -> Log:
    """A line of the shop's log."""
    return Log(1.0, "shop", level, event, "r1", error, json.dumps(fields))


def test_errors_in_the_log_are_counted_with_their_line(lab: Lab) -> None:
    """The most frequent kinds of error are listed, with the deepest line of fix.py where the log carries a traceback."""
    lines = [log("order failed", "Boom", exception=TRACEBACK)] * 3 + [log("order failed", "Late")] * 2
    lines += [log("fine", "", "info"), log("odd", "A"), log("odd", "B"), log("odd", "C")]
    note = results.note(lab, run_with(lab, lines), [])
    assert note.lines[-1] == "What the services logged; one request may leave several lines:"
    assert note.listed == (
        "3 x shop logged 'order failed': Boom at fix.py:31",
        "2 x shop logged 'order failed': Late",
        "1 x shop logged 'odd': A",
        "and 2 other kinds: 2 error logs",
    )


def test_a_coroutine_that_was_never_awaited_is_told(lab: Lab) -> None:
    """Python's warning stands in the run's note, once a line, with what it means: what it was to do never happened."""
    warning = "fix.py:53: RuntimeWarning: coroutine 'sleep' was never awaited"
    lines = [log("print", "", "info", stream="stderr", text=text) for text in (warning, "  asyncio.sleep(1)", warning)]
    assert results.note(lab, run_with(lab, lines), []).listed == (
        f"shop warned at {warning}",
        next(advice for words, advice in results.ADVICE.items() if "never awaited" in words),
    )


def test_an_error_of_pickling_says_what_may_go_to_a_process(lab: Lab) -> None:
    """The error alone names a type of Python's own that the learner has never heard of."""
    lines = [log("order failed", "TypeError", exception="Traceback\nTypeError: cannot pickle 'weakref' object")] * 2
    told = results.note(lab, run_with(lab, lines), []).listed
    assert told == ("2 x shop logged 'order failed': TypeError (cannot pickle 'weakref' object)", results.ADVICE["pickle"])


@pytest.mark.parametrize("fields", ["", "{", '"exception"', '["exception"]', '{"exception": 5}'])
def test_what_a_service_logs_is_not_trusted(lab: Lab, fields: str) -> None:
    """Fields that are no JSON, or not what they should be, cost the line number and nothing else."""
    odd = Log(1.0, "shop", "error", "x", "", "Boom", fields)
    assert results.note(lab, run_with(lab, [odd]), []).listed == ("1 x shop logged 'x': Boom",)


def test_quantities_are_shown_in_the_scenarios_to_which_they_belong(lab: Lab) -> None:
    """Elsewhere a run has no table; a lab that names no scenario shows them in each."""
    run, one = run_with(lab, []), replace(lab, measures={"waits": (lambda run: 2.0, "s"), "no matter": (unmeasured, "s")})
    assert results.note(one, run, []).table == (("", "measured"), ("waits", "2 s"))
    assert results.note(replace(one, measured_in=(run.info.scenario,)), run, []).table
    assert not results.note(replace(one, measured_in=("another",)), run, []).table


def test_a_run_that_ended_early_says_why(lab: Lab) -> None:
    """The note of a crash has the status in words and the detail; nothing is measured of it."""
    note = results.note(lab, run_with(lab, [], Status.CRASHED, "NameError (fix.py:3)"), [])
    assert note.lines == ("Scenario outage with your repair, seed 0: crashed. NameError (fix.py:3)",)
    assert [row[-1] for row in note.table[1:]] == ["not measured"] * len(lab.measures)


def test_a_run_that_the_machine_ended_shows_no_numbers(lab: Lab) -> None:
    """They would look like a measurement of the repair: neither its note nor a chart shows any."""
    run = run_with(lab, [Log(1.0, "shop", "error", "x", "", "Boom", "{}")], Status.INFRA_ERROR, "The disk is full.")
    note = results.note(lab, run, [])
    assert (note.table, note.listed) == ((), ())
    assert note.lines[0].endswith("seed 0: machine error. The disk is full.")
    assert results.took_place(run, None) == []


def test_words_and_truths_can_be_predicted() -> None:
    """A prediction is said back as it was meant, number, word or truth."""
    said = [results.said({"value": value, "unit": "s"}) for value in (12, 0.25, "never", True)]
    assert said == ["12 s", "0.25 s", "never", "True"]


@pytest.mark.parametrize(
    "raised", ["'coroutine' object is not subscriptable", "Object of type coroutine is not JSON serializable"]
)
def test_a_forgotten_await_is_explained(lab: Lab, raised: str) -> None:
    """What one gets to see of a coroutine that was not awaited is explained, in a log and as the end of a run."""
    trace = f'Traceback:\n  File "fix.py", line 3, in f\nTypeError: {raised}'
    logged = results.note(lab, run_with(lab, [log("order failed", "TypeError", exception=trace)]), [], "a\nb\nf()[0]\n")
    assert logged.listed[0].endswith(f"({raised}) at fix.py:3  >> f()[0]")
    assert "`await` does" in logged.listed[1]
    assert "`await` does" in str(results.note(lab, run_with(lab, [], Status.CRASHED, f"TypeError: {raised}"), []))


def test_an_exception_in_a_background_task_is_told(lab: Lab) -> None:
    """What asyncio prints of a task that nobody awaited stands in the run's note, once."""
    future = "future: <Task finished name='Task-7' coro=<Shop.tell() done, defined at fix.py:9> exception=KeyError('x')>"
    lines = [log("print", "", "info", stream="stderr", text=future)] * 2
    told = "shop: an exception in a background task reached nobody: KeyError('x') in Shop.tell"
    assert results.note(lab, run_with(lab, lines), []).listed == (told,)
