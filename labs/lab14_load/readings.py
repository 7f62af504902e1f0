"""Readings of a record: what the test said, as the CI server wrote it down, and what it did, as seen on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labs.kit import Run, stats
from labs.lab14_load.scenarios import BEFORE_S, BEGINS_S, LAUNCH_S, LOAD_S, PATIENCE_S
from labs.lab14_load.service import figure

LINK = "tester->gateway"
SEEN_S = 4.0
"""So many seconds before a trouble are compared with it."""
TAUGHT_S = 0.2
"""From the beginning of a trouble to the first request that is counted as sent during it."""
ENDED_S = 0.1
"""What is sent so long after a job's end was left running."""


@dataclass(frozen=True)
class Outcome:
    """What a job of the tester came to: a word ("pass", "fail", "error", "late", ...) and a sentence or a figure."""

    word: str
    why: str


def served(run: Run) -> float:
    """In percent: the share of the launch's orders that were confirmed in time."""
    return 100 * stats.success_rate(run, BEFORE_S, BEFORE_S + LAUNCH_S)


def outcome(run: Run) -> Outcome:
    """What the CI server was answered first."""
    events = run.events("outcome")
    return Outcome(events[0].subject, events[0].detail) if events else Outcome("no answer", "")


def killed(run: Run) -> bool:
    """Did the test say no, by an assertion, to the version of this run?"""
    return outcome(run).word == "fail"


def stated(run: Run) -> float:
    """The capacity that was stated, orders a second; nan if there is none."""
    found = outcome(run)
    return figure(found.why) if found.word == "capacity" else figure("")


def truth(run: Run) -> float:
    """Orders a second that the shop of this run can confirm, as its payments tells: it runs no repair."""
    return float(run.events("capacity")[0].subject)


def asked(run: Run) -> int:
    """Requests that the tester sent."""
    return len(run.requests(LINK))


def returned(run: Run) -> int:
    """How many different requests the answers that load() returned belong to."""
    return int(outcome(run).why)


def named(run: Run) -> int:
    """How many different requests the tester sent."""
    return len({r.request_id for r in run.requests(LINK)})


def goes_on(run: Run) -> int:
    """Requests that the tester sent when its job had an outcome."""
    ends = [event.time for event in run.events("outcome")[:1]]
    return sum(r.sent > end + ENDED_S for end in ends for r in run.requests(LINK))


def took_s(run: Run) -> float:
    """Seconds from the tester's first request to the end of its last one."""
    rows = run.requests(LINK)
    return max(r.done or run.info.seconds for r in rows) - min(r.sent for r in rows) if rows else 0.0


def rates(run: Run) -> tuple[float, float]:
    """Requests a second that the tester sent: in the last seconds before the trouble, and during it."""
    trouble = stats.fault_windows(run)[0]
    end = min(trouble.end, BEGINS_S + LOAD_S)
    return sent(run, trouble.start - SEEN_S, trouble.start), sent(run, trouble.start + TAUGHT_S, end)


def sent(run: Run, start: float, end: float) -> float:
    """Requests a second of the tester in a window."""
    return sum(start <= r.sent < end for r in run.requests(LINK)) / (end - start)


def offered(run: Run, seconds: float) -> float:
    """Requests a second of the tester in its last seconds."""
    last = max(r.sent for r in run.requests(LINK))
    return sent(run, last - seconds, last)


def times(run: Run, start: float = 0.0) -> list[float]:
    """Seconds of each request of the tester sent from `start` on, ascending; without an answer the patience."""
    return sorted(min(PATIENCE_S, (r.done or run.info.seconds) - r.sent) for r in run.requests(LINK) if r.sent >= start)


def survivors(runs: Mapping[str, Run], names: tuple[str, ...]) -> list[str]:
    """The versions of these names that the test did not say no to."""
    return [name for name in names if not killed(runs[name])]
