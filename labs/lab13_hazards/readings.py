"""What the record of a run says of a linter: how its findings fit what the judge knows. All is told by the review."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labs.kit import Run, stats
from labs.lab13_hazards import course
from labs.lab13_hazards.twins import CLAUSES, DRESSED, PAIRS, PLAIN, Twins

NEAR = 1
"""A finding counts for a labelled line if it names that line, or one this far from it."""


@dataclass(frozen=True)
class Verdict:
    """What a linter said of one half of a pair: the half is hazardous or not, its own rule found something or not.

    `line` is the line of the snippet, `came_from` the line of the repair, of the first finding; 0 without one.
    """

    pair: int
    bad: bool
    variant: str
    found: bool
    line: int = 0
    came_from: int = 0

    @property
    def right(self) -> bool:
        """Is it found just if it is a hazard?"""
        return self.found is self.bad


@dataclass(frozen=True)
class Score:
    """Of `hazards`, `caught` were found; `false` findings had no cause."""

    hazards: int
    caught: int
    false: int

    @property
    def recall(self) -> float:
        """The share of the hazards that were found."""
        return self.caught / self.hazards if self.hazards else 0.0

    @property
    def precision(self) -> float:
        """The share of the findings that are hazards; 0 without any finding."""
        return self.caught / (self.caught + self.false) if self.caught else 0.0


def ended(run: Run) -> bool:
    """Did the review get to its end?"""
    return bool(run.events("review end"))


def verdicts(run: Run) -> list[Verdict]:
    """All verdicts on twins, in the order of the table."""
    found = []
    for event in run.events("piece"):
        pair, half, variant = event.subject.split()
        if int(pair) < 0:
            continue
        line, came_from = json.loads(event.detail).get(PAIRS[int(pair)].code, (0, 0))
        found.append(Verdict(int(pair), half == "bad", variant, line > 0, line, came_from))
    return sorted(found, key=lambda v: (v.pair, not v.bad, v.variant == DRESSED))


def of_twins(run: Run, code: str = "", practice: bool = False, variants: tuple[str, ...] = (PLAIN, DRESSED)) -> Score:
    """The score on the twins that are judged, or on those for practice; of one rule, or of all."""
    some = [v for v in verdicts(run) if PAIRS[v.pair].practice is practice and code in ("", PAIRS[v.pair].code)]
    some = [v for v in some if v.variant in variants]
    bad = [v for v in some if v.bad]
    noise = 0 if practice else in_noise(run, code)
    return Score(len(bad), sum(v.found for v in bad), sum(v.found for v in some if not v.bad) + noise)


def recall(run: Run, code: str) -> float:
    """The share of a rule's judged hazards that it found, dressed: under secret names, several in a module."""
    return of_twins(run, code, variants=(DRESSED,)).recall


def cries(run: Run, code: str) -> float:
    """The share of a rule's mended twins, of those that are judged, that it reports as well; dressed."""
    good = [v for v in verdicts(run) if PAIRS[v.pair].code == code and not PAIRS[v.pair].practice and not v.bad]
    dressed = [v.found for v in good if v.variant == DRESSED]
    return sum(dressed) / len(dressed) if dressed else 0.0


def precision(run: Run) -> float:
    """The share of the findings that are true: on the judged twins or in the course's own code, the smaller one."""
    return min(of_twins(run).precision, labelled(run).score.precision)


def in_noise(run: Run, code: str = "") -> int:
    """How many pieces of harmless code a rule, or all rules, found something in: each piece counts once per rule."""
    found = set()
    for event in run.events("piece"):
        pair = event.subject.split()[0]
        if int(pair) < 0:
            found |= {(pair, one) for one in json.loads(event.detail) if code in ("", one)}
    return len(found)


def changed(run: Run) -> tuple[int, int]:
    """How many verdicts differ between the plain and the dressed variant, and of how many."""
    said: dict[tuple[int, bool], dict[str, bool]] = {}
    for v in verdicts(run):
        said.setdefault((v.pair, v.bad), {})[v.variant] = v.found
    both = [found for found in said.values() if len(found) == 2]
    return sum(found[PLAIN] is not found[DRESSED] for found in both), len(both)


def clauses(run: Run) -> list[tuple[Twins, bool, bool]]:
    """Each clause's twins, in the order of the table: was the hazard found, and was the mended one reported?"""
    found = {event.subject: bool(json.loads(event.detail)) for event in run.events("clause")}
    return [(pair, found.get(f"{n} bad", False), found.get(f"{n} good", True)) for n, pair in enumerate(CLAUSES)]


def in_course(run: Run) -> Mapping[str, list[tuple[str, int]]]:
    """The findings in the course's own code, by path: rule and line."""
    found: dict[str, list[tuple[str, int]]] = {}
    for event in run.events("course"):
        found[event.subject] = [(code, line) for code, lines in json.loads(event.detail).items() for line in lines]
    return found


@dataclass(frozen=True)
class Labelled:
    """How the findings in some files fit the labels: which labels were met and which were not; findings where nothing can be
    decided from the text, and findings without a label."""

    met: tuple[course.Label, ...]
    missed: tuple[course.Label, ...]
    hard: tuple[tuple[str, str, int], ...]
    false: tuple[tuple[str, str, int], ...]
    """Path, rule and line."""

    @property
    def score(self) -> Score:
        """In numbers."""
        return Score(len(self.met) + len(self.missed), len(self.met), len(self.false))


def labelled(run: Run, kind: str = "") -> Labelled:
    """The findings in the course's code against the labels: in broken code ("broken"), in repairs ("right"), or in all."""
    found, sources = in_course(run), course.files()
    paths = [path for path in found if kind == "" or (kind == "broken") is path.endswith(" broken")]
    met: list[course.Label] = []
    missed: list[course.Label] = []
    false: list[tuple[str, str, int]] = []
    hard: list[tuple[str, str, int]] = []
    for path in paths:
        labels = [label for label in course.LABELS if label.path == path]
        spots = {label: course.lines_of(label, sources.get(path, "")) for label in labels}
        for label in labels:
            if not label.hard:
                hit = any(code == label.code and _near(line, spots[label]) for code, line in found[path])
                (met if hit else missed).append(label)
        for code, line in sorted(set(found[path])):
            here = [label for label in labels if label.code == code and _near(line, spots[label])]
            if not here:
                false.append((path, code, line))
            elif all(label.hard for label in here):
                hard.append((path, code, line))
    return Labelled(tuple(met), tuple(missed), tuple(hard), tuple(false))


def _near(line: int, lines: Iterable[int]) -> bool:
    return any(abs(line - other) <= NEAR for other in lines)


Place = tuple[str, str, str]
"""Where a finding is: path, the line's text, code."""


@dataclass(frozen=True)
class Gated:
    """What the gate did with a change: what it brings, if anything, and what was stopped; `error` if there was no answer."""

    name: str
    brings: Place | None
    stops: tuple[Place, ...]
    error: str

    @property
    def right(self) -> bool:
        """Was just that stopped which the change brings?"""
        return not self.error and self.stops == ((self.brings,) if self.brings else ())


def gated(run: Run) -> list[Gated]:
    """All changes that the gate was asked about, by name."""
    found = []
    for event in run.events("change"):
        told: dict[str, Any] = json.loads(event.detail)
        brings = tuple(told["brings"]) if told["brings"] else None
        found.append(Gated(event.subject, brings, tuple(tuple(one) for one in told["stops"]), told["error"]))
    return sorted(found, key=lambda g: g.name)


def large(run: Run) -> Mapping[str, tuple[list[str], float]]:
    """Of each large or unusual source: the errors, and the seconds until the answer."""
    told = {event.subject: json.loads(event.detail) for event in run.events("large")}
    return {name: (one["errors"], one["seconds"]) for name, one in told.items()}


@dataclass(frozen=True)
class Snippet:
    """A snippet under names of its own: the pair that it was written from, and is it the hazardous half? Its source, and the
    lines in which its rule found something."""

    name: str
    pair: int
    bad: bool
    source: str
    lines: tuple[int, ...]

    @property
    def code(self) -> str:
        """The rule that its pair is for."""
        return PAIRS[self.pair].code


def snippets(run: Run) -> dict[str, Snippet]:
    """The snippets of a run in "renamed", by their names."""
    told = {event.subject: json.loads(event.detail) for event in run.events("snippet")}
    return {name: Snippet(name, one["pair"], one["bad"], one["source"], tuple(one["lines"])) for name, one in told.items()}


def unseen(run: Run, name: str) -> bool:
    """Is this snippet a hazard in which its rule found nothing?"""
    found = snippets(run)
    return name in found and found[name].bad and not found[name].lines


def seen(run: Run, name: str) -> bool:
    """Is this snippet a hazard that its rule found?"""
    found = snippets(run)
    return name in found and found[name].bad and bool(found[name].lines)


def waits(run: Run) -> dict[int, float]:
    """The longest wait for an answer that came in each second, of editors and of the review, in seconds."""
    longest = dict.fromkeys(range(int(run.info.load_s)), 0.0)
    for row in [*run.requests("load->linter"), *run.requests("review->linter")]:
        if row.done is not None:
            longest[int(row.done)] = max(longest.get(int(row.done), 0.0), row.done - row.sent)
    return longest


def fires_at(run: Run, slower_ms: float, for_s: float) -> float | None:
    """The second at which an answer has taken longer than `slower_ms` in each of the last `for_s` seconds; None if never."""
    return stats.lasts((1000 * wait > slower_ms for wait in waits(run).values()), for_s)
