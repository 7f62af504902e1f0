"""run(lab, fix, world, scenario, seed) -> Run: the one path from a repair to a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labs.kit.lab import Fix, Lab, Scenario, UnknownName

if TYPE_CHECKING:
    from labs.kit.record import Run

Progress = Callable[[float, float], None]
"""Called now and then with (seconds of the run done, seconds of the run in all)."""


def _simulated(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None) -> Run:
    from labs.kit import runcache
    from labs.kit.runs import toolchain
    from labs.kit.simulated.world import run_simulated

    kept_at = runcache.path_of(lab, fix, "simulated", scenario, seed, toolchain())
    kept = runcache.read(kept_at, fix.name)
    if kept is not None:
        return kept
    finished = run_simulated(lab, fix, scenario, seed, progress)
    runcache.keep(kept_at, finished)
    return finished


def _live(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None) -> Run:
    from labs.kit.live.world import run_live

    return run_live(lab, fix, scenario, seed, progress)


WORLDS: dict[str, Callable[[Lab, Fix, Scenario, int, Progress | None], Run]] = {"simulated": _simulated, "live": _live}


def run(
    lab: Lab,
    fix: Fix,
    world: str = "simulated",
    scenario: Scenario | str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Run:
    """Run `lab` once with the code in `fix`, by default in its first scenario, and hand out the record.

    A repair that crashes, hangs or cheats does not raise: `Run.status` and `Run.info.detail` say what happened.

    Raises:
        UnknownName: no such world or scenario.
    """
    if world not in WORLDS:
        raise UnknownName("world", world, list(WORLDS))
    if not isinstance(scenario, Scenario):
        scenario = lab.scenario(next(iter(lab.scenarios)) if scenario is None else scenario)
    return WORLDS[world](lab, fix, scenario, seed, progress)
