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
from labs.kit.model.load import Draws, HttpRequest, Phase

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

    `title` names company and day. `services`, `entry`, `request` and `wrong` are as in `Lab`; no service runs a repair.
    `load` holds the parts of the load, (requests a second, seconds), and `settings` reach the services. The first run is
    drawn; `more` holds the changed settings of further ones. `mended` are the settings that switch the mechanism off, and
    `mending` says in words what they stand for.

    `shape` takes the runs, in this order, and returns for each fact of `public` what was measured; an empty mapping stands
    for "nothing failed", so that no fact has its shape. `left_out` says what the scenario does not show. `chart` holds the
    arguments of `charts.public`.
    """

    title: str
    services: tuple[Service, ...]
    entry: str
    request: Callable[[int, Draws], HttpRequest]
    load: tuple[tuple[float, float], ...]
    settings: Mapping[str, Any]
    mended: Mapping[str, Any]
    mending: str
    public: tuple[Fact, ...]
    shape: Callable[[Sequence[Run]], Mapping[str, Found]]
    left_out: tuple[str, ...]
    chart: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    more: tuple[Mapping[str, Any], ...] = ()
    wrong: Callable[[HttpRequest, bytes, Mapping[str, Any]], str] | None = None

    def scenarios(self, name: str, mended: bool = False) -> list[Scenario]:
        """The scenarios of the outage of this name, as it was or mended."""
        phases = tuple(Phase(rate, seconds) for rate, seconds in self.load)
        first = Scenario(name, phases, (), {**self.settings, **(self.mended if mended else {})}, settle_s=1.0)
        return [first, *(first.with_(name=f"{name}_{n}", settings=more) for n, more in enumerate(self.more, 2))]

    def system(self, lab: Lab) -> Lab:
        """The outage's own system, as a lab without checks: what its runs depend on, and nothing of the lab's services."""
        plain: Any = {field.name: field.default for field in fields(Lab)}
        return replace(
            lab,
            services=self.services, entry=self.entry, request=self.request, wrong=self.wrong, scenarios={}, checks=(),
            world="simulated", database="", paced={}, measures={}, desk=None, incident=None, policies=None,
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
