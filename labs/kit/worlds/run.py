"""run(lab, fix, world, scenario, seed) -> Run: the one path from a repair to a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labs.kit.model.lab import BROKEN, Fix, Lab, Progress, Scenario, UnknownName
from labs.kit.model.literals import SubmissionError
from labs.kit.model.record import Record, RunInfo
from labs.kit.model.runbook import RunbookError
from labs.kit.model.verdict import Status
from labs.kit.worlds.plan import repaired, toolchain
from labs.kit.worlds.sandbox.tiers import Tier

if TYPE_CHECKING:
    from labs.kit.model.record import Run


def _simulated(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None, tier: Tier) -> Run:
    from labs.kit.worlds import run_cache
    from labs.kit.worlds.simulated.world import run_simulated

    kept_at = run_cache.path_of(lab, fix, "simulated", scenario, seed, tier)
    kept = run_cache.read(kept_at, fix, scenario, seed)
    if kept is not None:
        return kept
    finished = run_simulated(lab, fix, scenario, seed, progress, tier=tier)
    run_cache.keep(kept_at, finished)
    return finished


def _live(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None, tier: Tier) -> Run:
    from labs.kit.worlds.live.world import run_live

    return run_live(lab, fix, scenario, seed, progress, tier=tier)


WORLDS: dict[str, Callable[[Lab, Fix, Scenario, int, Progress | None, Tier], Run]] = {"simulated": _simulated, "live": _live}


def run(
    lab: Lab,
    fix: Fix,
    world: str = "simulated",
    scenario: Scenario | str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    tier: Tier = Tier.OPEN,
) -> Run:
    """Run `lab` once with the code in `fix`, by default in its first scenario, and return the record.

    A repair that crashes, hangs or cheats does not raise: `Run.status` and `Run.info.detail` say what happened.
    `tier` is the sandbox round the repair; without one, it may do all that the caller may.

    Raises:
        UnknownName: there is no such world or scenario.
        RunbookError: the scenario's runbook is none for this lab.
    """
    if world not in WORLDS:
        raise UnknownName("world", world, list(WORLDS))
    if not isinstance(scenario, Scenario):
        scenario = lab.scenario(next(iter(lab.scenarios)) if scenario is None else scenario)
    asked = tailored(lab, fix, scenario)
    if isinstance(asked, str):
        return _unread(lab.taking_part(scenario), fix, world, scenario, seed, asked)
    fix, seed = shown(lab, fix, asked, seed)
    return WORLDS[world](lab.taking_part(asked), fix, asked, seed, progress, tier)


def shown(lab: Lab, fix: Fix, asked: Scenario, seed: int) -> tuple[Fix, int]:
    """The code and the seed of a run of a tailored scenario: those of an exhibit are the same for all."""
    return (fix, seed) if asked.exhibit is None else (lab.fix(BROKEN), asked.exhibit)


def tailored(lab: Lab, fix: Fix, scenario: Scenario) -> Scenario | str:
    """The scenario as this repair asks for it, see `Lab.tailored`; a line that says why it cannot be read."""
    try:
        asked = lab.tailored(fix.source, scenario)
        if asked.runbook and asked.runbook != scenario.runbook:
            lab.taking_part(asked).runbook(asked.runbook)
    except (SubmissionError, RunbookError) as error:
        return f"Your text cannot be read: {error}."
    return asked if asked.exhibit is None else asked.with_(secret="")


def _unread(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, told: str) -> Run:
    """The record of a run that did not begin, for what the repair says of itself cannot be read."""
    return Record().close(
        RunInfo(
            lab.name, scenario.name, fix.name, fix.sha, world, seed, scenario.load_s, scenario.seconds,
            Status.CRASHED, told, toolchain(), repaired(lab.services),
        )
    )  # fmt: skip


def played(
    lab: Lab,
    fix: Fix,
    scenario: Scenario | str,
    seed: int,
    runbook: str,
    world: str = "simulated",
    progress: Progress | None = None,
    tier: Tier = Tier.OPEN,
) -> Run:
    """Run a scenario once with an operator who follows the runbook of this text (docs/runbooks.md), and return the record.

    Raises:
        RunbookError: the text is no runbook of this lab.
        UnknownName: there is no such world or scenario.
    """
    chosen = scenario if isinstance(scenario, Scenario) else lab.scenario(scenario)
    lab.taking_part(chosen).runbook(runbook)  # "" would be a run without an operator
    return run(lab, fix, world, chosen.with_(runbook=runbook), seed, progress, tier)
