"""An outage beside its public figures: runs it as it was and mended, and says which facts have the same shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labs.kit.model.lab import Fix, Lab
from labs.kit.model.outage import Fact, Found, Outage, load
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.parallel import Job, run_all

NO_REPAIR = Fix("none", "")
"""No service of an outage runs a repair."""


@dataclass(frozen=True)
class Row:
    """One fact, what was measured as it was, and what was measured with the mending."""

    fact: Fact
    found: Found
    mended: Found


@dataclass(frozen=True)
class Fidelity:
    """An outage that was run: its rows in the order of its facts, and both lists of runs."""

    name: str
    outage: Outage
    rows: tuple[Row, ...]
    runs: tuple[Run, ...]
    control: tuple[Run, ...]

    @property
    def holds(self) -> bool:
        """Has every fact the same shape as it was, and not every fact with the mending?"""
        return all(row.found.same for row in self.rows) and not all(row.mended.same for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """All that the table shows, as values that JSON can hold."""
        return {
            "outage": self.name,
            "title": self.outage.title,
            "holds": self.holds,
            "mending": self.outage.mending,
            "facts": [
                {
                    "name": row.fact.name, "fact": row.fact.fact, "public": row.fact.figure, "source": row.fact.source,
                    "digest": row.fact.digest, "measured": row.found.measured, "same_shape": row.found.same,
                    "mended": row.mended.measured, "mended_same_shape": row.mended.same,
                }
                for row in self.rows
            ],
            "left_out": list(self.outage.left_out),
        }  # fmt: skip


def fidelity(lab: Lab, name: str, seed: int = 0, progress: Callable[[int, int], None] | None = None) -> Fidelity:
    """Run an outage of a lab in the simulated world, as it was and mended, and hold both beside its facts.

    Raises:
        UnknownName: the lab has no outage of this name.
        ValueError: a run did not take place, or `shape` did not measure exactly the facts of `public`.
    """
    outage = load(lab, name)
    mended = outage.scenarios(name, mended=True)
    jobs = [Job(NO_REPAIR, scenario, seed) for scenario in (*outage.scenarios(name), *mended)]
    made = run_all(outage.system(lab), jobs, progress)
    for run in made:
        if run.status is not Status.PASS:
            raise ValueError(f"the outage {name}, scenario {run.info.scenario}: {run.status}, {run.info.detail}")
    runs, control = tuple(made[: len(mended)]), tuple(made[len(mended) :])
    found, without = _measured(name, outage, runs), _measured(name, outage, control)
    rows = tuple(Row(fact, found[fact.name], without[fact.name]) for fact in outage.public)
    return Fidelity(name, outage, rows, runs, control)


def _measured(name: str, outage: Outage, runs: Sequence[Run]) -> Mapping[str, Found]:
    """What the runs measured beside each fact. Raises ValueError."""
    facts = [fact.name for fact in outage.public]
    found = outage.shape(runs) or dict.fromkeys(facts, Found("nothing failed", same=False))
    if list(found) != facts:
        raise ValueError(f"the outage {name}: shape() measured {', '.join(found)}; expected {', '.join(facts)}")
    return found
