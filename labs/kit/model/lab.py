"""The frozen dataclasses that describe one lab: its system, its load, its checks."""

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
from labs.kit.model.runbook import Desk, Runbook, RunbookError, parse

if TYPE_CHECKING:
    from labs.kit.model.faults import Fault
    from labs.kit.model.record import Run
    from labs.kit.model.verdict import Finding

REFERENCE = "reference"
BROKEN = "broken"
YOURS = "fix"
"""The name of the learner's own repair."""

Measure = tuple[Callable[["Run"], float | None], str]
"""(function, unit): measures a quantity that learners predict. The function returns None for a moment that never came."""

Progress = Callable[[float, float], None]
"""Called from time to time with (seconds of the run that are done, seconds of the whole run)."""


def named(fix: str) -> str:
    """The words for a repair in a sentence, such as "your repair"."""
    return {YOURS: "your repair", BROKEN: "the broken code", REFERENCE: "the reference repair"}.get(fix, fix)


class UnknownName(ValueError):
    """There is no scenario, repair, check, fault or world of this name; the message lists the valid names."""

    def __init__(self, kind: str, name: str, valid: list[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; the valid ones are: {', '.join(valid)}")


@dataclass(frozen=True)
class Kept:
    """What a service must have kept: the judge reads it once the service's process has ended, see `stats.kept`.

    `file` is an SQLite database in the service's working directory, `sql` a query of at most 1,000 rows of numbers and short
    texts. A transaction that was not committed is rolled back first, as by the next process that opens the file.
    """

    file: str
    sql: str
    scenarios: tuple[str, ...] = ()
    """In which it is read, all if none is named. In these the process is killed in the end, and not told to stop before."""

    def read_in(self, scenario: str) -> bool:
        """Is it read after this scenario?"""
        return not self.scenarios or scenario in self.scenarios


@dataclass(frozen=True)
class Service:
    """One process of the system under test.

    `app` names a callable, "package.module:function", that takes an `Env` (see `labs.kit.service.env`) and returns an
    `aiohttp.web.Application`. Only a service with `runs_fix` ever loads the code under repair.

    Live, a service is killed and started again, as by a container runtime, when it and its children hold more memory than
    `memory_limit_mb`; `open_files` limits its open files and sockets (RLIMIT_NOFILE). 0 means no limit.

    Live, the working directory of every service is the run's folder. Simulated, a service with `keeps_files` has a working
    directory of its own: it is empty at first, survives a restart, and is deleted after the run. `kept` says what the judge
    reads of it before that.

    With `handler_cancellation` a request is cancelled when its caller leaves (aiohttp's own name for it): the handler gets a
    CancelledError at its `await`. Without it, aiohttp's default, the handler goes on for nobody.

    With `stops`, each simulated run ends by telling it to stop: the repair's own stop() must return, and raise nothing.

    `sees` names the settings of a scenario that reach the service; None means all. A service that runs the repair should
    see only what it needs: a setting that tells the scenarios apart tells a repair which one is being graded.
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
    kept: Kept | None = None
    handler_cancellation: bool = False
    stops: bool = False
    sees: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Scenario:
    """A load and the faults under it. Times are seconds from the first possible arrival.

    `settings` reach every service's `Env`. The run ends `settle_s` after the load. `send_lag_s` is the largest send lag of a
    valid live run, where it may be larger than the usual bound: for checks that count and do not measure shorter times.
    `secret` is the judge's, set when a repair is graded: names are drawn from it. No service that runs the repair gets it.
    `runbook` is a text that an operator follows during the run (docs/runbooks.md), "" for a run without an operator.

    `services` names those of the lab's services that take part, all if it names none, and `entry` the one that the load
    asks, if it is not the lab's. `answer` is a text for the checks, which the judge writes into the record as an event; no
    service gets it. With `exhibit` the run is one that the learner has seen: of the broken code, with this seed and without
    a secret, whatever repair is judged on whatever seeds.
    """

    name: str
    load: tuple[Phase, ...]
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settle_s: float = 6.0
    send_lag_s: float = 0.0
    secret: str = ""
    runbook: str = ""
    services: tuple[str, ...] = ()
    entry: str = ""
    answer: str = ""
    exhibit: int | None = None

    @property
    def load_s(self) -> float:
        """Length of the load in seconds."""
        return sum(phase.seconds for phase in self.load)

    @property
    def seconds(self) -> float:
        """Length of the whole run in seconds."""
        return self.load_s + self.settle_s

    def with_(self, **changes: Any) -> Scenario:
        """A copy with some fields changed; new `settings` are merged into the existing ones."""
        if "settings" in changes:
            changes["settings"] = MappingProxyType({**self.settings, **changes["settings"]})
        return replace(self, **changes)


@dataclass(frozen=True)
class Check:
    """One graded point, or one gate.

    `world` is the world that grades it: "simulated" if time decides, "live" if the count of a real server decides.
    A gate gives no points: if it fails, every graded check keeps only the share `keeps` of its points. `needs` are
    the names of the scenarios whose runs `judge` reads. A pass closer to the goal than `narrow` is reported as narrow.
    `simulated_only` says why live runs cannot show what a check of the simulated world measures; "" if they can.
    `hears` names the tables in which it judges the reports of services that run the repair (see `Run.believed`).
    A gate concerns the checks of its own `part` alone: a lab in which two things are handed in names the second one.
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
    part: str = ""

    def __call__(self, runs: Mapping[str, Run]) -> Finding:
        """Judge the runs that it needs, by the names of their scenarios: what may be believed of them, and what it hears."""
        return self.judge({name: runs[name].believed(self.hears) for name in self.needs})


@dataclass(frozen=True)
class Question:
    """One field of a diagnosis: the question, its right answers, and the form of an answer.

    With `needs` it asks for evidence: what is right depends on runs of the broken code in these scenarios, with the
    learner's own seed. `right` then takes the answer and these runs, by the names of their scenarios.
    """

    name: str
    ask: str
    right: Callable[..., bool]
    form: str  # describes a well-formed answer, for the message
    well_formed: Callable[[Any], bool]
    why: str  # shown when the learner may know the answer
    needs: tuple[str, ...] = ()


LEAST_OWN_SEED, MOST_OWN_SEED = 1, 999_999
"""A learner's own seed. It is not 0: that run stands on the page, with its rows."""
OWN_SEED = Question(
    "seed", "the seed of your own record, as you gave it to lab.own()", lambda a: True,
    f"a whole number from {LEAST_OWN_SEED} to {MOST_OWN_SEED}",
    lambda a: type(a) is int and LEAST_OWN_SEED <= a <= MOST_OWN_SEED, "",
)  # fmt: skip
"""The first field of each diagnosis that asks for evidence; it is asked for, and earns nothing."""


@dataclass(frozen=True)
class Diagnosis:
    """The graded diagnosis: the learner writes a dict literal with one entry per field."""

    questions: tuple[Question, ...]
    points: float
    hint: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The scenarios in which the broken code is run to judge an answer, with the learner's own seed."""
        return tuple(dict.fromkeys(name for question in self.questions for name in question.needs))

    @property
    def fields(self) -> tuple[Question, ...]:
        """What is asked for: the questions, before them the learner's own seed if one of them needs a run."""
        return ((OWN_SEED,) if self.needs else ()) + self.questions


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
    """The repairs that most people try first: the rows of `lab.policies()`, which adds the learner's own repair.

    `rows` maps a title on the page to the name of a repair in fixes/. `told` explains the figures. `each_s` is the largest
    real time of one run in seconds, used as an estimate until a run was measured.
    """

    rows: Mapping[str, str]
    told: str
    each_s: float


@dataclass(frozen=True)
class Lab:
    """One failure: everything that the kit needs to run it, judge it and teach it.

    `world` is the default world of the page's runs. `database` is "postgres" if a live run needs a database server of its
    own: services find its address as `env.urls["database"]` (see labs/kit/worlds/live/postgres/keeper.py). `paced` names
    the links whose capacity the lab sets, with the seconds from one answer to the next while requests queue: a live run
    with longer times measured the machine (see `too_slow` of labs/kit/worlds/live/world.py). `compared_in` is the scenario
    in which each push compares both worlds, if the first scenario would take too long. `doubt` takes the events and the
    seconds of a live run, and returns a sentence if the run measured the machine and not the system, otherwise "".

    `wrong` takes a request of the simulated load, the body of its answer 2xx and the scenario's settings, and returns in a
    few words what is wrong with the answer, otherwise "". The body is hostile; an exception counts as a wrong answer.

    `prepares` makes the files that hosts read, and returns them. The judge calls it before the hosts start, because a
    sandboxed host sees no other files than its lab's own, and writes none that stay.

    `measures` are the quantities that learners predict, by name, and `measured_in` the scenarios to which they belong, all
    if none is named; `foretold` are predictions beside them, which the lab's own actions show, each with its unit, or ""
    where the answer is a word; `chart` holds the keyword arguments of the lab's charts (see labs/kit/charts/outage.py).

    `tailored` takes the text of a repair and a scenario, and returns the scenario as this repair asks for it: with its
    runbook, its answer, its variant. It reads constants with `literal`, and executes nothing. What it raises ends the run.

    `desk` is what an operator may do in a run; None for a lab without one. `incident` is the scenario to which he is called,
    by default the first one: it must last longer than he takes. With `runbook_graded` a runbook is handed in beside the
    repair, from a cell of its own: it is the constant RUNBOOK of the repairs in fixes/, for `tailored` to read.
    """

    name: str
    title: str
    failure: str  # one line of the syllabus
    signal: str  # the signal to watch, for the syllabus
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
    prepares: Callable[[], Sequence[Path]] = lambda: ()
    tailored: Callable[[str, Scenario], Scenario] = lambda source, scenario: scenario
    measures: Mapping[str, Measure] = field(default_factory=lambda: MappingProxyType({}))
    measured_in: tuple[str, ...] = ()
    foretold: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    chart: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    policies: Policies | None = None
    desk: Desk | None = None
    runbook_graded: bool = False
    incident: Scenario | None = None

    @property
    def package(self) -> str:
        """The package of the lab: labs.NAME, or the package of its entry point."""
        return labs.package(self.name)

    @property
    def folder(self) -> Path:
        """The folder of the lab's files. Raises labs.BrokenLab."""
        return labs.folder(self.name)

    @property
    def import_from(self) -> str:
        """The folder that sys.path needs to import a lab from elsewhere; "" for a lab of this course."""
        return str(self.folder.parents[self.package.count(".")]) if self.name in labs.elsewhere() else ""

    def module(self, name: str) -> ModuleType | None:
        """A module of the lab, such as "actions"; None if the lab has no module of that name."""
        whole = f"{self.package}.{name}"
        if whole in sys.modules or importlib.util.find_spec(whole) is not None:
            return importlib.import_module(whole)
        return None

    @property
    def max_points(self) -> float:
        """Points that a repair can earn, without the diagnosis and the hand-graded cells."""
        return sum(check.points for check in self.checks)

    def taking_part(self, scenario: Scenario) -> Lab:
        """The lab with the services that take part in a scenario. Raises UnknownName and ValueError."""
        if not scenario.services and not scenario.entry:
            return self
        known = [service.name for service in self.services]
        for name in (*scenario.services, *([scenario.entry] if scenario.entry else ())):
            if name not in known:
                raise UnknownName("service", name, known)
        here = tuple(s for s in self.services if s.name in (scenario.services or known))
        names, entry = {service.name for service in here}, scenario.entry or self.entry
        if missing := {entry, *(called for service in here for called in service.calls)} - names:
            told = f"the scenario {scenario.name!r} of {self.name} leaves out {', '.join(sorted(missing))}"
            raise ValueError(f"{told}, which its load or its services call; add them to its services")
        return replace(self, services=here, entry=entry)

    @property
    def called_to(self) -> Scenario:
        """The scenario to which an operator is called."""
        return self.incident or next(iter(self.scenarios.values()))

    def scenario(self, name: str) -> Scenario:
        """The scenario called `name`. Raises UnknownName."""
        if name not in self.scenarios:
            raise UnknownName("scenario", name, list(self.scenarios))
        return self.scenarios[name]

    @property
    def links(self) -> tuple[str, ...]:
        """The links between the load and the services, "caller->called", the load's own first."""
        inner = (f"{service.name}->{called}" for service in self.services for called in service.calls)
        return (f"load->{self.entry}", *inner)

    def runbook(self, text: str) -> Runbook:
        """The runbook of a text, for this lab. Raises RunbookError."""
        if self.desk is None:
            raise RunbookError([f"{self.name} has no operator: it declares no desk"])
        return parse(text, self.desk, self.links, [service.name for service in self.services])

    @property
    def judged_live(self) -> bool:
        """Is any of its checks graded by live runs?"""
        return any(check.world == "live" for check in self.checks)

    def simulated(self) -> Lab:
        """The lab with only those checks that simulated runs judge."""
        return replace(self, checks=tuple(check for check in self.checks if check.world == "simulated"))

    def graded_in(self, scenario: str) -> str:
        """The world whose runs of a scenario are judged. Raises ValueError if checks of both worlds need the scenario."""
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
        """A repair of the lab, by name; complete, also if its file is an edit. Raises UnknownName, RepairError."""
        if name not in self.fix_names():
            raise UnknownName("repair", name, self.fix_names())
        file = self.reference if name == REFERENCE else name
        return Fix(name, repairs.resolved(file, self._text, self.fix_names()[2:], f"{self.name}/fixes"))

    def like(self, name: str) -> str:
        """The repair that a file in fixes/ changes; "broken" for a complete file. Raises UnknownName, RepairError."""
        if name not in self.fix_names():
            raise UnknownName("repair", name, self.fix_names())
        file = self.reference if name == REFERENCE else name
        edit = repairs.edit_in(self._text(file), f"{self.name}/fixes/{file}.py")
        return BROKEN if edit is None else edit.like

    def _text(self, file: str) -> str:
        path = self.folder / ("broken.py" if file == BROKEN else f"fixes/{file}.py")
        return path.read_text(encoding="utf-8")
