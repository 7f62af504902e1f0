"""evaluate(lab, fix, seeds) -> verdicts. Learner, autograder and CI all call this one function."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from labs.kit.judging.off_limits import off_limits
from labs.kit.judging.runbook_cell import parted
from labs.kit.model.lab import Check, Fix, Lab, Progress, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED, Finding, Status, Verdict
from labs.kit.worlds.parallel import run_each
from labs.kit.worlds.run import run, tailored
from labs.kit.worlds.sandbox.tiers import Tier

TRIES = 3
"""How many runs are made, at most, if a run says nothing about the repair; then the verdict says so."""

Cell = tuple[str, int]
"""One run of an evaluation: (scenario name, seed)."""


def same_code(one: str, other: str) -> bool:
    """Are two sources the same program apart from comments and layout? False if one of them is not Python."""
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def attempted(lab: Lab, source: str) -> bool:
    """Does the source differ, as a program, from the lab's broken code and from an empty source? Or does its runbook, where
    one is handed in, from the given one and from a blank one?"""
    broken = lab.fix("broken").source
    if lab.runbook_graded:
        (source, runbook), (broken, given) = parted(source), parted(broken)
        if runbook.strip() not in ("", given.strip()):
            return True
    return not any(same_code(source, other) for other in ("", broken))


def not_attempted(lab: Lab) -> list[Verdict]:
    """The verdicts on a repair that the learner has not begun."""
    message = "Nothing to judge yet: the repair cell holds the code that failed in production, or none."
    return [_ended(check, Status.NOT_ATTEMPTED, message) for check in lab.checks]


def evaluate(
    lab: Lab,
    fix: Fix,
    seeds: Sequence[int],
    *,
    private: str = "",
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    tier: Tier = Tier.OPEN,
) -> list[Verdict]:
    """Judge a repair in every scenario that its checks need, on every seed. A check passes if it passes on all seeds.

    Live runs come last, one at a time, and only on the first seed: a live run is not reproducible by its seed. A repair
    that imports the judge has tampered, and is not run.

    Args:
        private: a secret that varies each scenario through `lab.vary`, and from which names and seeds are drawn; ""
            leaves the scenarios as the learner knows them.
        jobs: number of simulated runs at the same time; by default one per core, at most 4.
        progress: called with (runs done, all runs).
        tier: the sandbox round the repair, see `labs.kit.worlds.sandbox`.
    """
    if reached := off_limits(fix.source):
        told = f"Line {reached[0]} imports {reached[1]}, which belongs to the judge: a repair needs nothing of it."
        return [_ended(check, Status.TAMPERED, told) for check in lab.checks]
    scenarios = {name: lab.scenario(name) for check in lab.checks for name in check.needs}
    if private:
        varied = {n: lab.vary(s, Random(f"{private} {lab.name} {n}")) for n, s in scenarios.items()}
        scenarios = {n: s.with_(secret=one_way(f"{private} {lab.name} {n}")) for n, s in varied.items()}
    once = {name for name, s in scenarios.items() if getattr(tailored(lab, fix, s), "exhibit", None) is not None}
    live = [(name, seed) for name in scenarios for seed in seeds[:1] if lab.graded_in(name) == "live"]
    on = {name: seeds[:1] if name in once else seeds for name in scenarios if lab.graded_in(name) != "live"}
    simulated = [(name, seed) for name, some in on.items() for seed in some]

    def runs(world: str, cells: Sequence[Cell], at_once: int | None, before: int) -> dict[Cell, Run]:
        made = run_each(
            lambda cell, look: steady_run(lab, fix, world, scenarios[cell[0]], cell[1], look, tier),
            cells,
            length=lambda cell: scenarios[cell[0]].seconds,
            jobs=at_once,
            progress=lambda some, _: progress(before + some, len(simulated) + len(live)) if progress else None,
        )
        return dict(zip(cells, made, strict=True))

    done = runs("simulated", simulated, jobs, 0)
    done |= {(name, seed): done[name, seeds[0]] for name in once & on.keys() for seed in seeds}
    return judge_runs(lab, done | runs("live", live, 1, len(simulated)), seeds)


def one_way(text: str) -> str:
    """What the processes of a run get of a secret: who learns it knows one scenario, and not the secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def steady_run(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, look: Progress, tier: Tier) -> Run:
    """One run, made again while it says nothing about the repair, at most TRIES times."""
    for _ in range(TRIES):
        outcome = run(lab, fix, world, scenario, seed, look, tier)
        if outcome.status not in REPEATED:
            break
    return outcome


def judge_runs(lab: Lab, done: Mapping[Cell, Run], seeds: Sequence[int]) -> list[Verdict]:
    """The verdicts from finished runs, one per check, with the gates applied."""
    verdicts = [_over_seeds(check, done, seeds) for check in lab.checks]
    broken = [c for c, v in zip(lab.checks, verdicts, strict=True) if c.gate and v.status is not Status.PASS]
    return [
        _scaled(verdict, [gate for gate in broken if gate.part == check.part])
        for check, verdict in zip(lab.checks, verdicts, strict=True)
    ]


def _scaled(verdict: Verdict, gates: Sequence[Check]) -> Verdict:
    """The verdict with the share of its points that the failed gates leave; it names the gates if that costs points."""
    share = min((gate.keeps for gate in gates), default=1.0)
    if not verdict.points or share == 1:
        return verdict
    left = "None of its points count" if share == 0 else "Only a part of its points counts"
    message = f"{verdict.message} {left}, for a gate failed: {', '.join(gate.name for gate in gates)}."
    return replace(verdict, points=round(verdict.points * share, 4), message=message)


def _over_seeds(check: Check, done: Mapping[Cell, Run], seeds: Sequence[int]) -> Verdict:
    if check.world == "live":
        seeds = seeds[:1]
    for seed in seeds:
        for name in check.needs:
            outcome = done[name, seed]
            if outcome.status is not Status.PASS:
                return _ended(check, outcome.status, outcome.info.detail)
    try:
        findings = [check({name: done[name, seed] for name in check.needs}) for seed in seeds]
    except Exception as error:  # noqa: BLE001 - our slip, or a row that the check did not expect: the other checks go on
        return _ended(check, Status.INFRA_ERROR, f"This check could not read the run: {type(error).__name__}: {error}")
    failed = [f for f in findings if not f.passed]
    shown = _worst(check, failed or findings)
    message = shown.message
    if not failed and abs(shown.measured - check.goal) < check.narrow:
        message += " That is a narrow pass."
    if failed and len(seeds) > 1:
        message += f" (Failed on {len(failed)} of {len(seeds)} seeds.)"
    return Verdict(
        check=check.name,
        status=Status.FAIL if failed else Status.PASS,
        points=0.0 if failed else check.points,
        max_points=check.points,
        measured=shown.measured,
        goal=check.goal,
        unit=check.unit,
        message=message,
        hint=check.hint if failed else "",
        reason=shown.reason,
        title=check.title,
        bound=check.bound,
        gate=check.gate,
    )


def _worst(check: Check, findings: Sequence[Finding]) -> Finding:
    pick = min if check.bound == "at least" else max
    return pick(findings, key=lambda f: f.measured)


def _ended(check: Check, status: Status, message: str) -> Verdict:
    return Verdict(
        check=check.name,
        status=status,
        points=0.0,
        max_points=check.points,
        measured=None,
        goal=check.goal,
        unit=check.unit,
        message=message,
        hint=check.hint,
        reason=str(status),
        title=check.title,
        bound=check.bound,
        gate=check.gate,
    )
