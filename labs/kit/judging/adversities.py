"""The ways in which production differs from a demonstration, and each lab's answer to each of them.

A lab answers in its `adversities.py`: ADVERSITIES maps each slug to `Asked`, `Cannot` or `NotAsked`. Nothing that runs or
judges imports the lab's file, so that a change of it makes no run and no verdict again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labs.kit.model.lab import Lab

FILE = "adversities"


@dataclass(frozen=True)
class Adversity:
    """One way in which production differs from a demonstration."""

    slug: str
    told: str


@dataclass(frozen=True)
class Asked:
    """The check `check` asks it, in the scenario `scenario`."""

    scenario: str
    check: str


@dataclass(frozen=True)
class Cannot:
    """It cannot happen in this lab; `why` says what rules it out."""

    why: str


@dataclass(frozen=True)
class NotAsked:
    """It can happen, and no check asks it; `why` says for what reason the lab leaves it out."""

    why: str


Adversities = Mapping[str, Asked | Cannot | NotAsked]
"""A lab's answers, by slug."""

ADVERSITIES = (
    Adversity("error", "A dependency answers with an error."),
    Adversity("late", "A dependency answers just after its caller's timeout: the work is done all the same."),
    Adversity("half", "A dependency answers half and stops."),
    Adversity("drip", "A dependency answers drop by drop."),
    Adversity("refused", "A dependency refuses connections, or resets them."),
    Adversity("slow", "A dependency is slow while something is scarce: connections, threads, places, memory."),
    Adversity("leaves", "A caller leaves in the middle."),
    Adversity("again", "The same request comes twice."),
    Adversity("at_once", "The same request comes twice at once."),
    Adversity("one_key", "Two callers want one key at the same moment."),
    Adversity("stopped", "The service is told to stop in the middle of its work."),
    Adversity("killed", "The service is killed in the middle of its work, and started again."),
    Adversity("many_clients", "There are many clients, each with little."),
    Adversity("one_client", "One client asks for much, or for all."),
    Adversity("burst", "For a while nothing comes, then much."),
    Adversity("small", "An item is very small, or empty."),
    Adversity("large", "An item is very large."),
    Adversity("soak", "The service runs for long."),
    Adversity("between_writes", "A write fails between two writes that belong together."),
    Adversity("background", "Something raises in a background task."),
)  # fmt: skip
SLUGS = tuple(row.slug for row in ADVERSITIES)


def answers(lab: Lab) -> Adversities:
    """The lab's answers; none if it has no adversities.py, or that defines no ADVERSITIES."""
    found: Adversities = getattr(lab.module(FILE), FILE.upper(), {})
    return found


def faults(lab: Lab) -> Iterator[str]:
    """What is wrong with the lab's table, one line each: rows without an answer, answers that name what does not exist."""
    given = answers(lab)
    for slug in sorted(given.keys() - set(SLUGS)):
        yield f"{FILE}.py: there is no row {slug!r}; the rows are: {', '.join(SLUGS)}"
    for row in ADVERSITIES:
        if wrong := _wrong(lab, given.get(row.slug)):
            yield f"{FILE}.py: {row.slug} ({row.told.rstrip('.')}): {wrong}"


def _wrong(lab: Lab, answer: Asked | Cannot | NotAsked | None) -> str:
    """What is wrong with an answer, "" if nothing is."""
    match answer:
        case Asked(scenario, check):
            known = {each.name: each.needs for each in lab.checks}
            if scenario not in lab.scenarios:
                return f"unknown scenario {scenario!r}; the scenarios are: {', '.join(lab.scenarios)}"
            if check not in known:
                return f"unknown check {check!r}; the checks are: {', '.join(known)}"
            if scenario not in known[check]:
                return f"the check {check} reads no run of {scenario!r}; it reads {', '.join(known[check])}"
            return ""
        case Cannot(why) | NotAsked(why) if isinstance(why, str) and why.strip():
            return ""
    return 'no answer; write Asked("scenario", "check"), Cannot("why it cannot happen here") or NotAsked("why not")'
