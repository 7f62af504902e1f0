"""The frozen values that describe one lab: its system, its load, its checks."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

import labs
from labs.kit.model import repairs
from labs.kit.model.load import Draws, HttpRequest, Phase
from labs.kit.model.record import Event

if TYPE_CHECKING:
    from labs.kit.model.faults import Fault
    from labs.kit.model.record import Run
    from labs.kit.model.verdict import Finding

REFERENCE = "reference"
BROKEN = "broken"
YOURS = "fix"
"""The name of the learner's own repair."""

Measure = tuple[Callable[["Run"], float | None], str]
"""How something that learners predict is measured, and its unit. None is a moment that never came."""

Progress = Callable[[float, float], None]
"""Called now and then with (seconds of the run done, seconds of the run in all)."""


def named(fix: str) -> str:
    """A repair's name in a sentence."""
    return {YOURS: "your repair", BROKEN: "the broken code", REFERENCE: "the reference repair"}.get(fix, fix)


class UnknownName(ValueError):
    """A scenario, repair, check, fault or world that does not exist; the message lists those that do."""

    def __init__(self, kind: str, name: str, valid: list[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; the valid ones are: {', '.join(valid)}")


@dataclass(frozen=True)
class Service:
    """One process of the system under test.

    `app` names a callable, "package.module:function", that takes an `Env` (see `labs.kit.service.env`) and returns an
    `aiohttp.web.Application`. Only a service with `runs_fix` ever loads the code under repair.

    Live, a service with `memory_limit_mb` is killed when it and its children hold more, and started again, as a container
    runtime does; one with `open_files` may hold so many files and sockets open (RLIMIT_NOFILE). 0 is no limit.

    Live, every service works in the run's folder. Simulated, one that `keeps_files` has a folder of its own as its working
    directory, empty at first, which outlives a restart and not the run.

    `sees` names the settings of a scenario that reach it; None is all. A service that runs the repair should see no more
    than it needs: what tells the scenarios apart tells a repair which of them is being graded.
    """

    name: str
    app: str
    port: int = 8080
    runs_fix: bool = False
    cores: int = 2
    calls: tuple[str, ...] = ()
    memory_limit_mb: float = 0.0
    open_files: int = 0
    keeps_files: bool = False
    sees: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Scenario:
    """A load and what goes wrong under it. Times are seconds from the first possible arrival.

    `settings` reach every service's `Env`. The run ends `settle_s` after the load does. `send_lag_s` is how late the load of
    a live run may be, where that is more than the rule's: for checks that count, and time nothing finer. `secret` is the
    judge's, where a repair is graded: names are drawn from it, and no service that runs the repair is told.
    """

    name: str
    load: tuple[Phase, ...]
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settle_s: float = 6.0
    send_lag_s: float = 0.0
    secret: str = ""

    @property
    def load_s(self) -> float:
        """Seconds during which requests arrive."""
        return sum(phase.seconds for phase in self.load)

    @property
    def seconds(self) -> float:
        """Seconds the whole run lasts."""
        return self.load_s + self.settle_s

    def with_(self, **changes: Any) -> Scenario:
        """A copy with some fields changed; `settings` are merged into the old ones."""
        if "settings" in changes:
            changes["settings"] = MappingProxyType({**self.settings, **changes["settings"]})
        return replace(self, **changes)


@dataclass(frozen=True)
class Check:
    """One graded point, or one gate.

    `world` grades it: "simulated" where time decides, "live" where a real server's own count does.
    A gate awards nothing: where it fails, every graded check keeps only the share `keeps` of its points. `needs` are
    the names of the scenarios whose runs `judge` reads. A pass nearer to the goal than `narrow` is called so.
    `simulated_only` says why live runs cannot show what a check of the simulated world measures; "" where they can.
    `hears` names the tables in which it judges the words of services that run the repair (see `Run.believed`).
    """

    name: str
    title: str
    needs: tuple[str, ...]
    judge: Callable[[Mapping[str, Run]], Finding]
    goal: float
    bound: str  # "at least" or "at most"
    unit: str
    hint: str
    points: float = 0.0
    gate: bool = False
    keeps: float = 0.0
    narrow: float = 0.0
    world: str = "simulated"
    simulated_only: str = ""
    hears: tuple[str, ...] = ()

    def __call__(self, runs: Mapping[str, Run]) -> Finding:
        """Judge the runs that it needs, by the names of their scenarios: what may be believed of them, and what it hears."""
        return self.judge({name: runs[name].believed(self.hears) for name in self.needs})


@dataclass(frozen=True)
class Question:
    """One field of a diagnosis: its right answers, and of what form an answer must be."""

    name: str
    ask: str
    right: Callable[[Any], bool]
    form: str  # what a well-formed answer looks like, for the message
    well_formed: Callable[[Any], bool]
    why: str  # told once the answer may be known


@dataclass(frozen=True)
class Diagnosis:
    """The graded diagnosis: a dict literal with one entry a question."""

    questions: tuple[Question, ...]
    points: float
    hint: str


@dataclass(frozen=True)
class Fix:
    """The code under repair: source text that exports the same names as the lab's `broken.py`."""

    name: str
    source: str

    @property
    def sha(self) -> str:
        """SHA-256 of the source, in hex."""
        return hashlib.sha256(self.source.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True)
class Policies:
    """What most people try first: the rows of `lab.policies()`, to which the learner's own repair is added.

    `rows` has the name of a repair in fixes/ by its title on the page. `told` says what the figures are. One run takes at
    most `each_s` real seconds, before any was measured.
    """

    rows: Mapping[str, str]
    told: str
    each_s: float


@dataclass(frozen=True)
class Lab:
    """One failure: everything the kit needs to run it, judge it and teach it.

    `world` is where the page's runs take place unless it says otherwise. `database` is "postgres" where a live run needs a
    server of its own: services find its address as `env.urls["database"]` (see labs/kit/worlds/live/postgres/keeper.py).
    `paced` names links whose capacity the lab makes, and the seconds from one answer to the next while there is a line: a
    live run in which that took longer measured the machine (see `too_slow` of labs/kit/worlds/live/world.py). `compared_in`
    is the scenario in which each push compares both worlds, where the first one would take too long. `doubt` looks at the
    events of a live run and its seconds, and says in a sentence why it measured the machine and not the system; "" if it
    did not.

    `wrong` looks at each answer 2xx that the simulated load gets: what is wrong with it, in a few words, "" if nothing is.
    It is given the request, the body and the scenario's settings; the body is hostile. An exception is a wrong answer, too.

    `measures` are what learners predict, by name; `chart` holds the keyword arguments of the lab's charts (see
    labs/kit/charts/outage.py).
    """

    name: str
    title: str
    failure: str  # one line of the syllabus
    signal: str  # what to watch
    minutes: int
    services: tuple[Service, ...]
    entry: str
    request: Callable[[int, Draws], HttpRequest]
    scenarios: Mapping[str, Scenario]
    checks: tuple[Check, ...]
    diagnosis: Diagnosis
    hints: tuple[str, ...]
    reference: str  # the file in fixes/ that the solution shows, without ".py"
    vary: Callable[[Scenario, Random], Scenario] = lambda scenario, rng: scenario
    world: str = "simulated"
    database: str = ""
    paced: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    compared_in: str = ""
    wrong: Callable[[HttpRequest, bytes, Mapping[str, Any]], str] | None = None
    doubt: Callable[[Sequence[Event], float], str] = lambda events, seconds: ""
    measures: Mapping[str, Measure] = field(default_factory=lambda: MappingProxyType({}))
    chart: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    policies: Policies | None = None

    @property
    def package(self) -> str:
        """The package that holds the lab: labs.NAME, or that of its entry point."""
        return labs.package(self.name)

    @property
    def folder(self) -> Path:
        """Where the lab's files are. Raises labs.BrokenLab."""
        return labs.folder(self.name)

    @property
    def import_from(self) -> str:
        """The folder that a process needs on its path to import a lab from elsewhere; "" for ours."""
        return str(self.folder.parents[self.package.count(".")]) if self.name in labs.elsewhere() else ""

    def module(self, name: str) -> ModuleType | None:
        """A module of the lab, such as "actions"; None if it has none of that name."""
        whole = f"{self.package}.{name}"
        if whole in sys.modules or importlib.util.find_spec(whole) is not None:
            return importlib.import_module(whole)
        return None

    @property
    def max_points(self) -> float:
        """Points that a repair can earn (the diagnosis and hand-graded cells come on top)."""
        return sum(check.points for check in self.checks)

    def scenario(self, name: str) -> Scenario:
        """The scenario called `name`. Raises UnknownName."""
        if name not in self.scenarios:
            raise UnknownName("scenario", name, list(self.scenarios))
        return self.scenarios[name]

    @property
    def judged_live(self) -> bool:
        """Do live runs decide any of its checks?"""
        return any(check.world == "live" for check in self.checks)

    def graded_in(self, scenario: str) -> str:
        """The world in which the runs of a scenario are judged. Raises ValueError if its checks differ about that."""
        worlds = {check.world for check in self.checks if scenario in check.needs}
        if len(worlds) > 1:
            raise ValueError(f"checks of two worlds need the scenario {scenario!r} of {self.name}; give each its own")
        return next(iter(worlds), self.world)

    def check(self, name: str) -> Check:
        """The check called `name`. Raises UnknownName."""
        for check in self.checks:
            if check.name == name:
                return check
        raise UnknownName("check", name, [check.name for check in self.checks])

    def fix_names(self) -> list[str]:
        """The repairs that ship with the lab: "broken", "reference", then those in fixes/."""
        return [BROKEN, REFERENCE, *sorted(p.stem for p in (self.folder / "fixes").glob("*.py"))]

    def fix(self, name: str) -> Fix:
        """A repair that ships with the lab, by name; whole, also if its file is an edit. Raises UnknownName, RepairError."""
        if name not in self.fix_names():
            raise UnknownName("repair", name, self.fix_names())
        file = self.reference if name == REFERENCE else name
        return Fix(name, repairs.resolved(file, self._text, self.fix_names()[2:], f"{self.name}/fixes"))

    def like(self, name: str) -> str:
        """The repair that a file in fixes/ changes; "broken" for one that is whole. Raises UnknownName, RepairError."""
        if name not in self.fix_names():
            raise UnknownName("repair", name, self.fix_names())
        file = self.reference if name == REFERENCE else name
        edit = repairs.edit_in(self._text(file), f"{self.name}/fixes/{file}.py")
        return BROKEN if edit is None else edit.like

    def _text(self, file: str) -> str:
        path = self.folder / ("broken.py" if file == BROKEN else f"fixes/{file}.py")
        return path.read_text(encoding="utf-8")
