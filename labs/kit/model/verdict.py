"""Verdicts: the results of checks on a repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Status(StrEnum):
    """The outcome of a check."""

    PASS = "pass"
    FAIL = "fail"
    NOT_ATTEMPTED = "not_attempted"
    CRASHED = "crashed"  # the repair's process ended, or its module could not be loaded
    HUNG = "hung"  # the repair used its whole budget of CPU or wall time
    UNSUPPORTED = "unsupported"  # it uses a call that the grading world does not support
    TAMPERED = "tampered"  # it broke the protocol between a host and its judge
    INVALID = "invalid"  # the measurement was bad, not the repair
    INFRA_ERROR = "infra_error"  # the judge's machine failed, not the repair


REPEATED = (Status.INVALID, Status.INFRA_ERROR)
"""Statuses that say nothing about the repair: the run is repeated, and never counted as a zero."""


@dataclass(frozen=True)
class Finding:
    """The result of one check on the runs of one seed.

    `reason` is a slug for the cause of the pass or fail ("never_recovers"); the repairs in `fixes/` use it to say which
    failure they represent. `message` is one sentence for the learner.
    """

    passed: bool
    measured: float
    reason: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """The result of one check on one repair, over all its seeds."""

    check: str
    status: Status
    points: float
    max_points: float
    measured: float | None
    goal: float | None
    unit: str
    message: str
    hint: str
    reason: str = ""
    title: str = ""
    bound: str = ""
    gate: bool = False

    def as_json(self) -> dict[str, object]:
        """The public form, as `breakfix check --json` prints it."""
        row = asdict(self)
        for private in ("reason", "title", "bound", "gate"):
            del row[private]
        row["status"] = str(self.status)
        return row


def total(verdicts: Sequence[Verdict]) -> float:
    """Points earned over a list of verdicts."""
    return sum(v.points for v in verdicts)


def maximum(verdicts: Sequence[Verdict]) -> float:
    """Points that could be earned over a list of verdicts."""
    return sum(v.max_points for v in verdicts)
