"""What lab13 adds to the learner's handle for the evenings in the town: each function marked `@action`."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labs.kit import (
    BROKEN,
    Chart,
    Job,
    Learner,
    Note,
    Run,
    Status,
    action,
    chart,
    charts,
    given_runbook,
    names,
    operating,
    stats,
)  # fmt: skip
from labs.lab13_hazards import town_readings as readings
from labs.lab13_hazards.town_checks import WELL
from labs.lab13_hazards.town_scenarios import PREFIX, RUNBOOK_FAULTS

EACH_S = 12.0
SEES_S = 5.0
"""So long after the beginning of a cause, a table shows what a dashboard shows."""
GIVEN, YOURS = "given", "yours"
SAVED = "saved by a restart"
"""The name of the prediction: which share of the failures of the first cause the given runbook saves, in percent."""
BOOKS = {
    "restart it (given)": BROKEN,
    "restart first, then ask": "wrong_book_restart_first",
    "restart while the bank stands": "wrong_book_during",
    "refuse nine of ten of everybody": "wrong_book_refuses_all",
    "more time, no restart": "wrong_book_more_time",
    "restart the store as well": "wrong_book_restarts_store",
    "retries off, for ever": "wrong_book_retries_off",
}
"""The runbooks that most people write, by their titles."""


@action(makes_runs=True)
def evening(learner: Learner, name: str, runbook: str = YOURS) -> Iterator[Note | Chart]:
    """Play a runbook, "given" or "yours", on an evening, and lay the run over the one without an operator."""
    lab = learner.lab
    jobs = {"with": learner.job(BROKEN, name) if runbook == GIVEN else Job(learner.cell.fix, lab.scenario(name))}
    if name in RUNBOOK_FAULTS:
        jobs["without"] = learner.job(BROKEN, PREFIX + name)
    runs = learner.records("evening", jobs, EACH_S)
    with_, without = runs["with"], runs.get("without")
    if with_.status is not Status.PASS:
        yield Note((with_.info.detail,), "bad")
        return
    if without is not None:
        yield charts.operated(without, with_, noun="request")
    yield _card(learner, name, with_, without, runbook == GIVEN)


def _card(learner: Learner, name: str, with_: Run, without: Run | None, given: bool) -> Note:
    rows = [("second", "what"), *((f"{deed.time:.1f}", deed.text) for deed in operating.deeds(with_))]
    told = [f"{readings.failed(with_)} requests failed with the runbook"]
    if without is not None:
        nobody = readings.failed(without)
        saved = 1 - readings.failed(with_) / nobody
        told[0] += f", {nobody} without an operator: {chart.percent(saved)} were saved."
        if given and name == "stall" and (said := learner.predicted(SAVED)) is not None:
            told.append(f"You predicted {said['value']:g} %." if isinstance(said["value"], int | float) else "")
    left = ", ".join(readings.left_behind(with_)) or "nothing"
    lines = (told[0] + "." * (without is None), *told[1:], f"Left behind at the end: {left}.")
    if len(rows) == 1:
        return Note((*lines, "Nothing called the operator."))
    return Note(lines, table=tuple(rows))


@action(makes_runs=True)
def signs(learner: Learner) -> Note:
    """What a dashboard shows of each cause five seconds after it began, and of an evening without one at that time."""
    evenings = {"all is well": "healthy", **{name: PREFIX + name for name in RUNBOOK_FAULTS}}
    runs = learner.records("signs", {title: learner.job(BROKEN, name) for title, name in evenings.items()}, EACH_S)
    rows = [("metric", *runs)]
    seen = [_seen(run) for run in runs.values()]
    rows += [(metric, *(one[metric] for one in seen)) for metric in seen[0]]
    return Note((f"Figures of the last 2 s, {SEES_S:g} s after the cause began:",), table=tuple(rows))


def _seen(run: Run) -> dict[str, str]:
    begins, _ = readings.cause(run) or (8.0, 0.0)
    until = begins + SEES_S
    since = until - readings.UNTIL_S
    sent = [r for r in run.requests("load->gateway") if since < r.sent <= until]
    ended = [r for r in run.requests("load->gateway") if r.done is not None and since < r.done <= until]

    def rate(link: str) -> float:
        return sum(since < r.sent <= until for r in run.requests(link)) / readings.UNTIL_S

    def last(signal: str, host: str) -> float:
        return next((s.value for s in reversed(run.samples(signal, host)) if s.time <= until), 0.0)

    return {
        "offered": f"{len(sent) / readings.UNTIL_S:.0f} /s",
        "error_rate": f"{1 - sum(r.ok for r in ended) / len(ended):.2f}",
        "p99": f"{stats.percentile([r.done - r.sent for r in ended if r.done is not None], 99):.2g} s",
        "calls_per_request(orders->payments)": f"{rate('orders->payments') * readings.UNTIL_S / len(sent):.1f}",
        "rate(orders->payments)": f"{rate('orders->payments'):.0f} /s",
        "rate(payments->bank)": f"{rate('payments->bank'):.0f} /s",
        "queue_depth@payments": f"{last(names.QUEUE_DEPTH, 'payments'):.0f}",
        "http_server_active_requests@store": f"{last(names.ACTIVE_REQUESTS, 'store'):.0f}",
    }


@action(makes_runs=True)
def books(learner: Learner) -> Note:
    """The runbooks that most people write, and yours, on the three causes: what failed, and when all was well."""
    lab = learner.lab
    titles = [*BOOKS, YOURS]
    jobs = {(title, name): learner.job(fix, name) for title, fix in BOOKS.items() for name in RUNBOOK_FAULTS}
    jobs |= {(YOURS, name): Job(learner.cell.fix, lab.scenario(name)) for name in RUNBOOK_FAULTS}
    jobs |= {("", name): learner.job(BROKEN, PREFIX + name) for name in RUNBOOK_FAULTS}
    runs = learner.records("books", jobs, EACH_S)
    rows: list[tuple[str, ...]] = [("runbook", *(name.replace("_", " ") for name in RUNBOOK_FAULTS), "left behind")]
    for title in titles:
        mine = {name: runs[title, name] for name in RUNBOOK_FAULTS}
        if any(run.status is not Status.PASS for run in mine.values()):
            rows.append((title, *("-" for _ in mine), "cannot be read"))
            continue
        cells = [_cell(run, runs["", name]) for name, run in mine.items()]
        left = dict.fromkeys(told for run in mine.values() for told in readings.left_behind(run))
        rows.append((title, *cells, ", ".join(left) or "-"))
    told = "Failed requests, in percent of those without an operator, and when all was well after the cause was gone."
    return Note((told,), table=tuple(rows))


def _cell(run: Run, without: Run) -> str:
    share, took = readings.failed(run) / readings.failed(without), readings.well_after_s(run, WELL)
    return f"{100 * share:.0f} %, {'never' if took == math.inf else f'{took:.0f} s'}"


@action
def given(learner: Learner) -> None:
    """Show the runbook that the team has."""
    print(given_runbook(learner.lab))


@action
def both_evenings(learner: Learner, simulated: Run, live: Run | None) -> Note:
    """What the operator did in both worlds, and what failed."""
    if live is None:
        return Note(("Nothing to compare: the live run has not taken place.",))
    rows: list[tuple[str, ...]] = [("world", "requests that failed", "called at", "restarts", "well after the cause")]
    for world, run in (("simulated", simulated), ("live", live)):
        took = readings.well_after_s(run, WELL)
        called = ", ".join(f"{at:.1f} s" for at in readings.pages(run)) or "never"
        restarts = sum(act.verb == "restart" for act in readings.acts(run))
        when = "never" if took == math.inf else f"{took:.0f} s"
        rows.append((world, f"{readings.failed(run)}", called, f"{restarts}", when))
    return Note(("The same evening in both worlds:",), table=tuple(rows))
