"""The runs on which the evidence in a diagnosis is judged: of the broken code, with the learner's own seed.

Where a scenario has no secret, the load counts its names: order-0, order-1. In a record of one's own they are drawn from the
seed, so that an id cannot be known by one who has not looked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labs.kit.judging.evaluate import one_way, steady_run
from labs.kit.model.lab import BROKEN, Lab, Progress, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED
from labs.kit.worlds.parallel import run_each
from labs.kit.worlds.sandbox.tiers import Tier


class NoRecord(RuntimeError):
    """A run of the broken code said nothing, time after time: the machine's fault, and nothing about the answer."""


def own_scenario(lab: Lab, name: str, seed: int) -> Scenario:
    """The scenario of a learner's own record. Raises UnknownName."""
    return lab.scenario(name).with_(secret=one_way(f"own record {lab.name} {seed}"))


def own_records(
    lab: Lab, scenarios: Sequence[str], seed: int, progress: Callable[[int, int], None] | None = None
) -> Mapping[str, Run]:
    """The simulated runs of the broken code in these scenarios, by their names. `progress` gets (runs done, all runs).

    Raises:
        NoRecord: one of them failed, and not by the code.
    """
    broken = lab.fix(BROKEN)

    def made(name: str, look: Progress) -> Run:
        return steady_run(lab, broken, "simulated", own_scenario(lab, name, seed), seed, look, Tier.OPEN)

    runs = run_each(made, scenarios, length=lambda name: lab.scenario(name).seconds, progress=progress)
    for name, run in zip(scenarios, runs, strict=True):
        if run.status in REPEATED:
            raise NoRecord(f"the broken code could not be run in {name!r} with the seed {seed}: {run.info.detail}")
    return dict(zip(scenarios, runs, strict=True))
