"""`breakfix lab-check`: lists what a lab still lacks, one line per fault, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import labs
from breakfix.commands import shell
from breakfix.commands.shell import DONE, OURS, progress_bars, stops_at_once

if TYPE_CHECKING:
    from labs.kit.judging.expectations import Expectations
    from labs.kit.model.lab import Lab
    from labs.kit.model.record import Run

SLOW_CPU_S = 5.0
"""The CPU seconds above which a simulated run is called slow."""
NEEDS_ROLE = {
    "lab.check(": "check",
    "lab.predict(": "predict",
    'world="live"': "live",
    "%%fix": "fix",
    "%%diagnosis": "diagnosis",
}
"""Texts that may occur only in a cell of this role."""


def lab_check(lab_name: str) -> int:
    """Print the faults of a lab: first those of its files, then those that runs on one seed show. Returns 1 if there is one.

    Raises:
        labs.UnknownLab, labs.BrokenLab: before any check.
    """
    from labs.kit.judging import adversities

    lab = labs.load(lab_name)
    faults = [
        *_checks(lab),
        *_repairs(lab),
        *_scenarios(lab),
        *adversities.faults(lab),
        *runbook_faults(lab),
        *_outages(lab),
        *_chapter(lab),
    ]
    hints: list[str] = []
    with stops_at_once(), progress_bars() as bars:
        bars.add_task(f"Running {lab.name}, the reference and the broken code, on one seed", total=None)
        faults += _runs(lab, hints)
    for line in faults:
        print(f"{lab.name}: {shell.one_line(line)}")
    for line in hints:
        print(f"{lab.name}: hint: {shell.one_line(line)}")
    if not faults:
        print(f"{lab.name}: nothing to mend")
    return OURS if faults else DONE


def _said(lab: Lab) -> tuple[dict[str, Expectations], list[str]]:
    """The expectations of each repair in fixes/, and a line for each repair whose expectations cannot be read."""
    from labs.kit.judging.expectations import expectations

    said, wrong = {}, []
    for name in lab.fix_names()[2:]:
        try:
            said[name] = expectations(lab.fix(name).source)
        except ValueError as error:
            wrong.append(f"fixes/{name}.py: {error}")
    return said, wrong


def _checks(lab: Lab) -> Iterator[str]:
    from labs.kit.judging import audit

    lost = {check for expected in _said(lab)[0].values() for check in expected.loses}
    for check in lab.checks:
        if check.name not in lost and check.name != audit.NAME:
            yield f"no repair loses the check {check.name}; add fixes/wrong_NAME.py that does, and says so in LOSES"
        for part in ("title", "hint", "unit"):
            if not getattr(check, part):
                yield f"the check {check.name} has no {part}; give it one in checks.py"


def _repairs(lab: Lab) -> Iterator[str]:
    from labs.kit.judging.fix_cell import problems

    said, wrong = _said(lab)
    yield from wrong
    known = [check.name for check in lab.checks]
    broken = lab.fix("broken").source
    for name, expected in said.items():
        file = f"fixes/{name}.py"
        if name.startswith("wrong_") and not expected.loses and expected.knife_edge is None:
            yield f'{file} says of no check that it loses it; add LOSES = {{"check": "reason"}}'
        if name.startswith("right_") and expected.loses:
            yield f"{file} is called right, and its LOSES names {', '.join(expected.loses)}; call it wrong_..., or mend it"
        for check in expected.loses:
            if check not in known:
                yield f"{file}: LOSES names {check!r}; the checks are: {', '.join(known)}"
        for problem in problems(lab.fix(name).source, broken):
            yield f"{file} would be refused by the repair cell: {problem.message}"
    for kind, names in (
        ("right", [n for n in said if n.startswith("right_")]),
        ("wrong", [n for n in said if n[:6] == "wrong_"]),
    ):
        if not names:
            yield f"there is no {kind} repair; add fixes/{kind}_NAME.py"


def _scenarios(lab: Lab) -> Iterator[str]:
    needed = {name for check in lab.checks for name in check.needs} | {lab.compared_in, *lab.diagnosis.needs}
    elsewhere = {"scenarios.py", "__init__.py", "adversities.py"}  # where they are declared, or only listed
    text = "\n".join(p.read_text(encoding="utf-8") for p in lab.folder.glob("*.py") if p.name not in elsewhere)
    for name in lab.scenarios:
        if name not in needed and not re.search(rf"""["']{re.escape(name)}["']""", text):
            yield f"nobody needs the scenario {name!r}: no check, no action and no cell names it; delete it"


def runbook_faults(lab: Lab) -> Iterator[str]:
    """What is wrong with the blocks of the model entry; a lab with a desk has some."""
    from labs.kit.model.runbook import FENCE, RunbookError

    file = lab.folder / "runbook.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    if lab.desk is None and FENCE not in text:
        return
    try:
        lab.runbook(text)
    except RunbookError as error:
        yield from (f"runbook.md: {problem}" for problem in error.problems)


def _outages(lab: Lab) -> Iterator[str]:
    """What is wrong with the public outages, as far as it shows without a run."""
    from labs.kit.model import outage

    known = outage.names(lab)
    page = (lab.folder / "notebook.py").read_text(encoding="utf-8") if known else ""
    for name in known:
        told = outage.load(lab, name)
        if f'lab.outage("{name}")' not in page:
            yield f'notebook.py: no cell shows the outage {name}; add lab.outage("{name}")'
        for fact in told.public:
            if not fact.source.startswith("http"):
                yield f"outages/{name}.py: the fact {fact.name} has the source {fact.source!r}; give its page"
        if not told.left_out:
            yield f"outages/{name}.py: left_out is empty; say what the scenario does not show"


def _chapter(lab: Lab) -> Iterator[str]:
    import jupytext

    from grader.build import FORMAT, BuildError, source

    try:
        source(lab)
    except (BuildError, ValueError) as error:  # ValueError: a repair cannot be assembled
        yield str(error).removeprefix(f"{lab.name}: ")
        return
    for cell in jupytext.read(lab.folder / "notebook.py", fmt=FORMAT).cells:
        given = cell.metadata.get("breakfix", {}).get("role")
        for words, role in NEEDS_ROLE.items():
            if cell.cell_type == "code" and given is None and words in cell.source:
                yield f'notebook.py: the cell {cell.source[:40]!r} has no role; give it breakfix={{"role": "{role}"}}'


def _runs(lab: Lab, hints: list[str]) -> Iterator[str]:
    """The faults that runs on the first seed show. Checks with world="live" are not judged here; `hints` says so."""
    from labs.kit.judging import audit
    from labs.kit.judging.evaluate import evaluate, judge_runs
    from labs.kit.model.lab import BROKEN, REFERENCE
    from labs.kit.model.verdict import Status

    if lab.reference not in _said(lab)[0]:
        yield f"there is no reference repair fixes/{lab.reference}.py that can be read, so nothing was run"
        return
    live = [check.name for check in lab.checks if check.world == "live"]
    if live:
        hints.append(f"live runs judge {', '.join(live)}: `breakfix check {lab.name} --fix reference` makes them")
    told = replace(lab, checks=tuple(check for check in lab.checks if check.world != "live"))
    runs: dict[tuple[str, int], Run] = {}
    for name in lab.scenarios:
        if lab.graded_in(name) != "live":
            runs[name, 0], cpu_s = _measured(lab, name)
            if cpu_s > SLOW_CPU_S:
                hints.append(f"the scenario {name!r} takes {cpu_s:.1f} s of CPU time; a smaller load may show the same")
    for verdict in judge_runs(told, runs, (0,)):
        if verdict.status is not Status.PASS:
            yield f"the {REFERENCE} ({lab.reference}) does not pass {verdict.check}: {verdict.message} Mend one of the two"
    for verdict in evaluate(told, lab.fix(BROKEN), (0,)):
        if verdict.points:
            yield f"broken.py earns {verdict.points:g} points in {verdict.check}; broken code must lose it, or it is a gate"
        if verdict.gate and verdict.check != audit.NAME and verdict.status is not Status.PASS:
            yield f"broken.py loses the gate {verdict.check}: {verdict.message} Give it points, or let it judge less"


def _measured(lab: Lab, scenario: str) -> tuple[Run, float]:
    """A new run of the reference, and its CPU seconds in all processes."""
    from labs.kit.model.lab import REFERENCE
    from labs.kit.worlds.run import shown, tailored
    from labs.kit.worlds.simulated.world import run_simulated

    before = _cpu_s()
    reference, asked = lab.fix(REFERENCE), lab.scenario(scenario)
    asked = asked if isinstance(told := tailored(lab, reference, asked), str) else told
    fix, seed = shown(lab, reference, asked, 0)
    run = run_simulated(lab.taking_part(asked), fix, asked, seed)
    return run, _cpu_s() - before


def _cpu_s() -> float:
    """CPU seconds of this process and of all its descendants, including ended ones."""
    import psutil

    here = psutil.Process()
    return sum(sum(p.cpu_times()[:4]) for p in (here, *here.children(recursive=True)))
