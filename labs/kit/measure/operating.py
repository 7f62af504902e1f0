"""What an operator did in a run, and what a run cost its users."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.model.names import (
    ACTION,
    ACTION_FAILED,
    BY_OPERATOR,
    MET,
    NOT_MET,
    PAGED,
    RESTART,
    ROLLED_BACK,
    RUNBOOK_OVER,
    STEP,
)
from labs.kit.model.record import JUDGE, Event, Run

_IN_WORDS = {
    PAGED: "page: {detail}",
    STEP: "step {subject}",
    ACTION: "  {detail}",
    ACTION_FAILED: "  failed: {detail}",
    RESTART: "  {subject} is back",
    MET: "  as expected: {detail}",
    NOT_MET: "  not met: {detail}",
    ROLLED_BACK: "  rolled back",
    RUNBOOK_OVER: "the runbook is over; armed again",
}


@dataclass(frozen=True)
class Deed:
    """One thing that an operator saw or did, at a second of the run; `kind` as in names.py."""

    time: float
    kind: str
    text: str


def deeds(run: Run) -> list[Deed]:
    """What the operator of a run saw and did, in the order of time; empty for a run without one."""
    return [
        Deed(event.time, event.kind, _IN_WORDS[event.kind].format(subject=event.subject, detail=event.detail))
        for event in run.events()
        if _is_operators(event)
    ]


def actions(run: Run) -> list[Event]:
    """The operator's actions, with their text as `detail`."""
    return [event for event in run.events(ACTION) if event.by == JUDGE]


def failed(run: Run) -> int:
    """The requests of the load that were not answered 2xx, or wrongly."""
    return sum(not request.ok or bool(request.wrong) for request in run.requests())


def _is_operators(event: Event) -> bool:
    """A restart is told as an event by whoever made it."""
    return event.by == JUDGE and event.kind in _IN_WORDS and (event.kind != RESTART or event.detail == BY_OPERATOR)
