"""A public outage as a small scenario: what was published, and what the scenario measured beside it.

`labs/LAB/outages/NAME.py` defines `OUTAGE = Outage(...)`. An outage is a small system of its own. It is run twice: as it
was, and with the mending, in which its shape must not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labs.kit.model.lab import Lab, Scenario, Service, UnknownName
from labs.kit.model.load import Draws, HttpRequest

if TYPE_CHECKING:
    from labs.kit.model.record import Run

FOLDER = "outages"
ALIKE = 3.0
"""Durations, counted in the trigger's own unit, have the same shape if neither is more than so many times the other."""


@dataclass(frozen=True)
class Fact:
    """One published fact: its name, the fact and its figure, and the page on which the figure was read.

    `digest` marks a page that retells the post-mortem and is not the post-mortem itself.
    """

    name: str
    fact: str
    figure: str
    source: str
    digest: bool = False


@dataclass(frozen=True)
class Found:
    """What a run measured beside one fact, in words, and whether it has the same shape."""

    measured: str
    same: bool


@dataclass(frozen=True)
class Outage:
    """One public outage.

    `title` names company and day. `services`, `entry` and `request` are as in `Lab`; no service runs a repair. `scenarios`
    are the runs of the outage, the first of which is drawn. `mended` holds the settings that switch the mechanism off, and
    `mending` says in words what they stand for. `shape` takes the runs of `scenarios`, in their order, and returns for each
    fact of `public` what was measured; it must also work on the mended runs. `left_out` says what the scenario does not
    show. `chart` holds the arguments of `charts.before_after`; `wrong` is as in `Lab`.
    """

    title: str
    services: tuple[Service, ...]
    entry: str
    request: Callable[[int, Draws], HttpRequest]
    scenarios: tuple[Scenario, ...]
    mended: Mapping[str, Any]
    mending: str
    public: tuple[Fact, ...]
    shape: Callable[[Sequence[Run]], Mapping[str, Found]]
    left_out: tuple[str, ...]
    chart: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    wrong: Callable[[HttpRequest, bytes, Mapping[str, Any]], str] | None = None

    def system(self, lab: Lab) -> Lab:
        """The outage's own system, as a lab without checks: what its runs depend on, and nothing of the lab's services."""
        plain: Any = {field.name: field.default for field in fields(Lab)}
        return replace(
            lab,
            services=self.services, entry=self.entry, request=self.request,
            scenarios={scenario.name: scenario for scenario in self.scenarios}, checks=(), world="simulated", database="",
            paced={}, wrong=self.wrong, measures={}, desk=None, incident=None, policies=None,
            vary=plain["vary"], doubt=plain["doubt"], prepares=plain["prepares"],
        )  # fmt: skip


def alike(measured: float, public: float, factor: float = ALIKE) -> bool:
    """Have two durations or ratios, both above 0, the same shape: is neither more than `factor` times the other?"""
    return 0 < public / factor <= measured <= public * factor


def names(lab: Lab) -> list[str]:
    """The names of the lab's outages, sorted; loads none."""
    return sorted(file.stem for file in (lab.folder / FOLDER).glob("[a-z]*.py"))


def load(lab: Lab, name: str) -> Outage:
    """The lab's outage of this name. Raises UnknownName."""
    known = names(lab)
    module = lab.module(f"{FOLDER}.{name}") if name in known else None
    if module is None:
        if not known:
            raise UnknownName("outage", name, [f"none, for {lab.name} has no outage"])
        raise UnknownName("outage", name, known)
    found: Outage = module.OUTAGE
    return found
