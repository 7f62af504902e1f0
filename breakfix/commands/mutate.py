"""`breakfix mutate`: makes small slips in each right repair of a lab, and counts how many of them the checks notice."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import labs
from breakfix.commands import kept_rows, shell
from breakfix.commands.kept_rows import KeptRows
from breakfix.commands.mutants import Mutant, evenly, mutants
from breakfix.commands.shell import DONE, OURS, BadInput, OurFault, progress_bars, stops_at_once, whole_number

if TYPE_CHECKING:
    from labs.kit.model.lab import Fix, Lab, Progress
    from labs.kit.model.record import Run

GOAL = 0.9
"""The share of its wrong mutants that a lab's checks have to kill."""
SEED = 0
MOST = 100_000
FORM = "(repair, where, kind, before, after, why the mutant is still right), each a string"

Key = tuple[str, str, str, str, str]
"""(repair, where, kind, before, after): what names a mutant."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: "killed" by a check and for a reason, "survived", or "undecided" where the machine failed.

    `by` is "" if the run itself ended early; `reason` is then the run's status.
    """

    result: str
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no check notices; `why` says why it is still right, "" if nobody has said so yet."""

    repair: str
    where: str
    kind: str
    line: int
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Score:
    """What became of a lab's mutants. `problems` are sentences: whatever makes the command exit 1."""

    lab: str
    killed: int
    made: int
    survivors: tuple[Survivor, ...]
    problems: tuple[str, ...]

    @property
    def right(self) -> int:
        """The number of mutants that are still right: those that survive and have a reason."""
        return sum(bool(each.why) for each in self.survivors)

    @property
    def score(self) -> float | None:
        """The share of the wrong mutants that were killed; None if there is none."""
        wrong = self.made - self.right
        return self.killed / wrong if wrong else None


def mutate(names: Sequence[str], repairs: Sequence[str], given_most: str | None, as_json: bool) -> int:
    """Judge the mutants of the right repairs of the named labs, by default of all: by checks that simulated runs judge.

    Returns 1 if a lab has a problem.

    Raises:
        BadInput, labs.UnknownLab, UnknownName: before any run.
        OurFault: survivors.py of a lab cannot be read.
    """
    chosen = [labs.load(name).simulated() for name in names or labs.ours()]
    live = [lab for lab in chosen if not lab.checks]
    if names and live:
        raise BadInput(f"{live[0].name} is judged by live runs; mutants are made only where simulated runs judge")
    most = None if given_most is None else whole_number(given_most, "--most", 1, MOST, "12")
    work = [(lab, _right(lab, repairs), reasons(lab)) for lab in chosen if lab not in live]
    kept = KeptRows(kept_rows.file_of("mutants"))
    scores = []
    with stops_at_once():
        for lab, right, said in work:
            scores.append(score(lab, right, said, most, kept, quiet=as_json))
    if as_json:
        shell.print_json({"labs": [_as_json(each) for each in scores], "not_made": [lab.name for lab in live]})
    else:
        for lab in live:
            print(f"{lab.name}: not made, for live runs judge it")
    return OURS if any(each.problems for each in scores) else DONE


def _right(lab: Lab, wanted: Sequence[str]) -> list[str]:
    """The right repairs of a lab, or those of them that are wanted. Raises BadInput."""
    right = [name for name in lab.fix_names() if name.startswith("right_")]
    right = right or [lab.reference]
    for name in wanted:
        if name not in (*right, "reference"):
            raise BadInput(f"--repair {name!r} is no right repair of {lab.name}; these are: reference, {', '.join(right)}")
    asked = [lab.reference if name == "reference" else name for name in wanted]
    return [name for name in right if name in asked] if asked else right


# Judging ---------------------------------------------------------------------------------------------------------------


def score(
    lab: Lab, right: Sequence[str], said: Mapping[Key, str], most: int | None, kept: KeptRows, *, quiet: bool = False
) -> Score:
    """Judge the mutants of these repairs of a lab, at most `most` of each repair, and print what comes of it."""
    made = {name: mutants(lab.fix(name).source) for name in right}
    chosen = [(name, mutant) for name in right for mutant in (evenly(made[name], most) if most else made[name])]
    sources = {lab.fix(name).source: name for name in right} | {mutant.source: name for name, mutant in chosen}
    outcomes = _outcomes(lab, sources, kept, quiet)
    judged = [(name, mutant, outcomes[mutant.source]) for name, mutant in chosen]
    survivors = [
        Survivor(name, m.where, m.kind, m.line, m.before, m.after, said.get((name, *m.key), ""))
        for name, m, outcome in judged
        if outcome.result == "survived"
    ]
    found = Score(
        lab.name,
        sum(outcome.result == "killed" for *_, outcome in judged),
        len(judged),
        tuple(survivors),
        (
            *_lost_as_they_are(right, {name: outcomes[lab.fix(name).source] for name in right}),
            *_undecided(judged),
            *_outdated(
                said, {(name, *m.key) for name in right for m in made[name]}, set(_right(lab, ())) - set(right), judged
            ),
            *_weak(survivors),
        ),
    )
    if found.score is not None and found.score < GOAL:
        found = replace(found, problems=(*found.problems, f"its score is {found.score:.2f}; at least {GOAL:g} is needed"))
    if not quiet:
        for line in told(found):
            print(shell.one_line(line), flush=True)
    return found


def _outcomes(lab: Lab, sources: Mapping[str, str], kept: KeptRows, quiet: bool) -> dict[str, Outcome]:
    """The outcome of each source, from the kept rows or judged now, several at once; `sources` has the repair of each."""
    from labs.kit.model.lab import Fix
    from labs.kit.worlds.parallel import run_each

    keys = {source: _key(lab, source) for source in sources}
    found = {source: row for source, key in keys.items() if (row := as_outcome(kept.rows.get(key)))}
    left = [source for source in sources if source not in found]
    writing = threading.Lock()

    def work(source: str, look: Progress) -> Outcome:
        outcome = judge(lab, Fix(sources[source], source), look)
        if outcome.result != "undecided":
            with writing:
                kept.add(keys[source], asdict(outcome))
        return outcome

    with progress_bars() as bars:
        if not quiet:
            shell.say_beside(bars, f"{lab.name}: {len(found)} of {len(sources)} are judged, {len(left)} left.")
        bar = bars.add_task(f"Mutants of {lab.name}", total=len(left))
        judged = run_each(work, left, length=lambda _: 0.0, progress=lambda done, _: bars.update(bar, completed=done))
    return found | dict(zip(left, judged, strict=True))


def _key(lab: Lab, source: str) -> str:
    """The digest of all that the outcome of a repair depends on."""
    from labs.kit.worlds.fingerprint import digest, verdict_fingerprint

    return digest(verdict_fingerprint(lab, source), "mutate", str(SEED))


def judge(lab: Lab, fix: Fix, look: Progress | None = None) -> Outcome:
    """Judge a repair on one seed, the cheapest scenarios first, until the first check that it does not pass."""
    from labs.kit.judging.evaluate import judge_runs
    from labs.kit.model.verdict import REPEATED, Status
    from labs.kit.worlds import run as worlds

    def requests(name: str) -> float:
        return sum(phase.rate * phase.seconds for phase in lab.scenario(name).load)

    done: dict[tuple[str, int], Run] = {}
    for name in sorted({name for check in lab.checks for name in check.needs}, key=lambda name: (requests(name), name)):
        outcome = done[name, SEED] = worlds.run(lab, fix, "simulated", name, SEED, look)
        if outcome.status is not Status.PASS:
            bad = outcome.status in REPEATED
            return Outcome("undecided" if bad else "killed", "", outcome.info.detail if bad else str(outcome.status))
        ready = [c for c in lab.checks if name in c.needs and all((needed, SEED) in done for needed in c.needs)]
        for verdict in judge_runs(replace(lab, checks=tuple(ready)), done, (SEED,)):
            if verdict.status in REPEATED:
                return Outcome("undecided", verdict.check, verdict.message)
            if verdict.status is not Status.PASS:
                return Outcome("killed", verdict.check, verdict.reason)
    return Outcome("survived")


def as_outcome(plain: Any) -> Outcome | None:
    """A kept outcome; None if `plain` is not one."""
    try:
        outcome = Outcome(**plain)
    except TypeError:
        return None
    return outcome if outcome.result in ("killed", "survived") else None


# What is said of the survivors -----------------------------------------------------------------------------------------


def reasons(lab: Lab) -> dict[Key, str]:
    """The lines of a lab's survivors.py, by mutant: SURVIVORS is a literal, read without importing it. {} without the file.

    Raises:
        OurFault: the file is not of that form.
    """
    file = lab.folder / "survivors.py"
    if not file.is_file():
        return {}
    said: dict[Key, str] = {}
    try:
        [rows] = [
            ast.literal_eval(node.value)
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["SURVIVORS"]
        ]
        for row in rows:
            repairs, where, kind, before, after, why = row
            if not all(isinstance(part, str) for part in row) or not why.strip():
                raise ValueError(f"a line is {row!r}")
            said |= dict.fromkeys([(repair, where, kind, before, after) for repair in repairs.split()], why)
    except (ValueError, TypeError, SyntaxError) as error:
        message = f"{lab.name}/survivors.py cannot be read ({error}); expected SURVIVORS = (...), one line each: {FORM}"
        raise OurFault(message) from error
    return said


def _outdated(
    said: Mapping[Key, str], all_made: set[Key], unseen: set[str], judged: Sequence[tuple[str, Mutant, Outcome]]
) -> Iterator[str]:
    """A sentence for each reason for a mutant that is not made, or is killed; of the repairs `unseen` nothing is known."""
    killed = {(name, *mutant.key) for name, mutant, outcome in judged if outcome.result == "killed"}
    for key in said:
        if key[0] not in unseen and key not in all_made:
            yield f"survivors.py gives a reason for a mutant that is not made: {_named(key)}; take the line out"
        if key in killed:
            yield f"survivors.py gives a reason for a mutant that is killed: {_named(key)}; take the line out"


def _named(key: Key) -> str:
    repair, where, kind, before, after = key
    return f"{repair}, {where or 'top level'}, {kind}: {before} -> {after}"


def _lost_as_they_are(right: Sequence[str], outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for name in right:
        if outcomes[name].result != "survived":
            why = f"{outcomes[name].by} {outcomes[name].reason}".strip()
            yield f"{name} itself does not pass ({why}), so its mutants say nothing; mend it first"


def _undecided(judged: Sequence[tuple[str, Mutant, Outcome]]) -> Iterator[str]:
    for name, mutant, outcome in judged:
        if outcome.result == "undecided":
            yield f"no verdict was reached on {_named((name, *mutant.key))} ({outcome.reason}); run it again"


def _weak(survivors: Sequence[Survivor]) -> Iterator[str]:
    weak = sum(not each.why for each in survivors)
    if weak:
        yield f"survivors without a reason: {weak}; make a check better, or say in survivors.py why they are still right"


# Telling ---------------------------------------------------------------------------------------------------------------


def told(found: Score) -> Iterator[str]:
    """The lines of a lab: its survivors, its problems, its score."""
    for each in found.survivors:
        place = f"{each.repair}, line {each.line}, {each.where or 'top level'}, {each.kind}"
        yield f"{found.lab}: survived: {place}: {each.before} -> {each.after} ({each.why or 'NO REASON'})"
    yield from (f"{found.lab}: {problem}" for problem in found.problems)
    score = "none" if found.score is None else f"{found.score:.2f}"
    yield f"{found.lab}: {found.killed} of {found.made} mutants killed, {found.right} still right: score {score}."


def _as_json(found: Score) -> dict[str, Any]:
    return {
        "lab": found.lab,
        "killed": found.killed,
        "made": found.made,
        "right": found.right,
        "score": found.score,
        "goal": GOAL,
        "survivors": [asdict(each) for each in found.survivors],
        "problems": list(found.problems),
    }
