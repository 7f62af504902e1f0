"""`lab.act("restart payments")`: what an operator does about a running failure, beside doing nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labs.kit.charts.chart import percent
from labs.kit.measure import operating, stats
from labs.kit.model.lab import Lab
from labs.kit.model.names import PAGED
from labs.kit.model.record import Run
from labs.kit.model.runbook import FENCE, FENCE_END, RunbookError
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.notes import Note
from labs.kit.notebook.runbooks import book_of

NOTHING = "nothing"
LAST_S = 5.0
"""The end of the load, in which it shows whether the users are well again."""
FAILING = "error_rate > 0.1 for 1 s"
MATTERS = 0.1
"""A share of the failures that was spared or added is called an effect from here on."""
_NEVER = "expect offered < 0 for 1 s within 600 s"


def page_of(lab: Lab) -> str:
    """What calls the operator, by the lab's own runbook, or failing requests. Raises LearnerError without a desk."""
    if lab.desk is None:
        raise LearnerError(f"{lab.name} has no operator: it declares no desk that takes orders")
    try:
        return str(book_of(lab, (lab.folder / "runbook.md").read_text(encoding="utf-8")).page)
    except (OSError, RunbookError):
        return FAILING


def text_of(lab: Lab, orders: Sequence[str], then: Sequence[str], after_s: float) -> str:
    """The runbook of these orders, which are given when the page has come, and of those that follow after so many seconds.

    Raises:
        LearnerError: an order is none of this lab's; the message lists what its desk takes.
    """
    lines = [f"page {page_of(lab)}", "step act", *(f"do {order}" for order in orders)]
    if then:
        lines += [f"expect offered >= 0 for {after_s:g} s within 600 s", *(f"then {order}" for order in then), "step stay"]
    text = "\n".join([FENCE, *lines, _NEVER, FENCE_END])
    try:
        book_of(lab, text)
    except RunbookError as error:
        told = error.problems[0].partition(": ")[2]
        raise LearnerError(f"{told}. This desk takes: {'; '.join(orders_of(lab))}") from error
    return text


def orders_of(lab: Lab) -> tuple[str, ...]:
    """What the lab's desk takes, one form a line, with the values that are possible."""
    if lab.desk is None:
        return ()
    settings = (
        f'"set {service} {key} N" with N from {least:g} to {most:g}'
        for service, keys in lab.desk.settings.items()
        for key, (least, most) in keys.items()
    )
    client = ' or "shed 80% client NAME"' if lab.desk.client else ""
    return (*(f'"restart {service}"' for service in lab.desk.restarts), *settings, f'"shed 80%"{client}')


def listed(lab: Lab) -> Note:
    """What can be done in this lab, and when."""
    told = f"You are called when {page_of(lab)}. Your order is carried out 2 s later. This desk takes:"
    return Note((told,), listed=orders_of(lab))


def table(acts: Mapping[str, Run]) -> Note:
    """What was tried, and what it did to the users, beside doing nothing."""
    nothing = acts[NOTHING]
    rows = [("you did", "failed requests", f"answered in the last {LAST_S:g} s", "so it")]
    rows += [(told, f"{operating.failed(run)}", _answered(run), effect(nothing, run)) for told, run in acts.items()]
    ended = (f"The run with {told!r} {run.why_not}." for told, run in acts.items() if run.why_not)
    lines = (f"{operating.failed(nothing)} of {len(nothing.requests())} requests fail if nobody does anything.",)
    return Note((*lines, *ended), table=tuple(rows))


def effect(nothing: Run, run: Run) -> str:
    """What an act did, in a few words, from its failures, the end of its load, and its best seconds."""
    if run is nothing:
        return "-"
    if not run.events(PAGED):
        return "came to nothing: nobody was called"
    without, failed, last = operating.failed(nothing), operating.failed(run), _share(run, run.info.load_s)
    if failed > without * (1 + MATTERS):
        return "makes it worse"
    began = min(event.time for event in run.events(PAGED))
    best = max((_share(run, at) for at in range(int(began + LAST_S), int(run.info.load_s))), default=0.0)
    well, was_well = last >= stats.LEVEL, best >= stats.LEVEL
    if well and _share(nothing, run.info.load_s) < stats.LEVEL:
        return "helps" if failed <= without * (1 - MATTERS) else "ends it, and costs as much as it saves"
    if failed > without * (1 - MATTERS):
        return "seems to help, and does not last" if was_well and not well else "changes nothing"
    return "seems to help, and does not last" if was_well and not well else "eases it, and does not end it"


def _share(run: Run, until: float) -> float:
    """The share of the requests in the seconds up to this one that was answered; 0 if there was none."""
    try:
        return stats.success_rate(run, until - LAST_S, until)
    except ValueError:
        return 0.0


def _answered(run: Run) -> str:
    return percent(_share(run, run.info.load_s))
