"""`%%runbook` and `lab.runbook()`: the learner's runbook, and what it does to a run."""

from __future__ import annotations

from labs.kit.charts.chart import Chart
from labs.kit.measure import operating
from labs.kit.model.lab import Lab
from labs.kit.model.record import Run
from labs.kit.model.runbook import Runbook, RunbookError
from labs.kit.notebook.notes import Note


def book_of(lab: Lab, text: str) -> Runbook:
    """The runbook of a text, for the services among which the lab's operator is called. Raises RunbookError."""
    return lab.taking_part(lab.called_to).runbook(text)


def looked_at(lab: Lab, text: str) -> Note:
    """What is to be said of the text of a runbook: its problems, or how long it is."""
    try:
        book = book_of(lab, text)
    except RunbookError as error:
        return Note(("This is no runbook yet:",), "bad", error.problems)
    steps = f"{len(book.steps)} step{'s' * (len(book.steps) != 1)}"
    return Note((f"A runbook of {steps}, called by {book.page}. lab.runbook() plays it.",), "good")


def card(without: Run, with_: Run) -> Note:
    """What the operator did, and what it cost the users beside a run without one."""
    for run in (without, with_):
        if run.why_not:
            return Note((f"A run {'' if run.ended_early else 'is '}{run.why_not}. {run.info.detail}",), "bad")
    spared = operating.failed(without) - operating.failed(with_)
    lines = (
        f"{operating.failed(with_)} of {len(with_.requests())} requests failed with the runbook,"
        f" {operating.failed(without)} without.",
    )
    told = operating.deeds(with_)
    if not told:
        return Note((*lines, "Nothing called the operator."), "info")
    return Note(
        lines, "good" if spared > 0 else "warn", table=(("second", "what"), *((f"{d.time:.1f}", d.text) for d in told))
    )


def drawn(lab: Lab, without: Run, with_: Run, called: str = "with the runbook") -> Chart:
    """The chart of both runs."""
    from labs.kit import charts

    return charts.operated(without, with_, called=called, **lab.chart)
