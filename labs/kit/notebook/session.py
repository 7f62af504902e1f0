"""One open lab of one learner: the progress so far, and the runs that were made and kept."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from labs.kit.model.lab import YOURS, Fix, Lab, Scenario, UnknownName, named
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED
from labs.kit.notebook import notes, progress_bar
from labs.kit.notebook.checking import LIVE_START_S, RUNBOOK_FILE, Checking
from labs.kit.notebook.errors import LearnerError, one_line_errors, one_line_interrupt, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.progress import Progress, State
from labs.kit.notebook.repair_cell import RepairCell, no_such_repair, shipped
from labs.kit.notebook.workspace import WorkFolderError, Workspace
from labs.kit.worlds.parallel import Job, run_all, run_each

WALL_SHARE = 0.15
"""A high estimate of the wall seconds for one simulated second, used until a run was measured here."""
SLOWER = "times its estimate"
"""The key under which `State.walls` has how many times its estimate the last wait took."""
Title = TypeVar("Title")
_SECONDS = {False: "simulated seconds", True: "seconds of real time"}


class Session:
    """The learner's progress, repair cell and runs; `Learner` adds the actions of a notebook."""

    def __init__(self, lab: Lab) -> None:
        with one_line_errors():
            self.workspace = Workspace(lab.name)
        self.lab = lab
        self.progress = Progress(self.workspace)
        self.cell = RepairCell(lab, self.workspace)
        self.checking = Checking(lab, self.cell, self.progress, self.waiting)
        self.latest: dict[tuple[str, str, int, str], Run] = {}
        """The last run of each (scenario as text, SHA-256 of the repair, seed, world), in the order of the runs."""
        self.runbook_text = self.workspace.noted(RUNBOOK_FILE)
        """The text of the last `%%runbook` cell."""
        self.acts: dict[str, Run] = {}
        """What was done about the broken code on call, and doing nothing: the runs, in their order."""
        self._records: dict[tuple[str, str, int, str], Run] = {}

    def state(self) -> State:
        """The learner's progress in this lab; shows a note once if its file was damaged."""
        return self._change(None)

    def predicted(self, name: str) -> Mapping[str, Any] | None:
        """The last prediction of this name, with its value and unit; None if none was made."""
        return next((p for p in reversed(self.state().predictions) if p["name"] == name), None)

    def _change(self, alter: Callable[[State], None] | None) -> State:
        with one_line_errors():
            state = self.progress.change(alter) if alter else self.progress.read()
        while self.progress.notices:
            notes.show(Note((self.progress.notices.pop(0),), "warn"))
        return state

    @contextmanager
    def waiting(self, key: str, label: str, estimate_s: float) -> Iterator[progress_bar.Throttled]:
        """A progress bar with the expected time: the time of the last wait of this kind, or at most `estimate_s`.

        Where the last wait of any kind took longer than its estimate, this one is estimated longer, too.
        """
        walls = self.state().walls
        last, slower = walls.get(key), max(1.0, walls.get(SLOWER, 1.0))
        wait = progress_bar.at_most_in_words(slower * estimate_s) if last is None else progress_bar.wait_in_words(last)
        begun = time.monotonic()
        with one_line_interrupt(), progress_bar.bar(f"{label}: {wait}.") as bar:
            yield bar
        wall = round(time.monotonic() - begun, 2)
        self._change(lambda state: state.walls.update({key: wall, SLOWER: round(wall / max(estimate_s, 1.0), 2)}))

    def repair(self, name: str = YOURS) -> Fix | None:
        """The repair called `name`; "fix" is the learner's own, or the broken code until a `%%fix` cell ran.

        None if the learner's own repair cannot run; then a note has told the learner why.

        Raises:
            LearnerError: there is no such repair.
        """
        if name != YOURS:
            if name not in self.lab.fix_names():
                raise LearnerError(no_such_repair(self.lab, name))
            return shipped(self.lab, name)
        if self.cell.blocked:
            notes.show(Note(("This waits for the repair cell (%%fix), which cannot run yet:",), "warn", self.cell.told()))
            return None
        return self.cell.fix

    def simulate(
        self, fix: Fix, scenario: str | Scenario | None = None, seed: int = 0, world: str | None = None
    ) -> Run | None:
        """Run one repair with a progress bar and keep its record; None if no run is wanted, which a note then says.

        nbgrader's Validate has no time for runs; BREAKFIX_LIVE=off excludes live runs.
        """
        from labs.kit.worlds import run as experiment

        world = self.lab.world if world is None else world
        with one_line_errors():
            chosen = self.scenario(scenario)
            if world not in experiment.WORLDS:
                raise UnknownName("world", world, list(experiment.WORLDS))
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise LearnerError(f"the seed is {seed!r}; expected a whole number such as 0")
        if not self._wanted(world):
            return None
        live = world == "live"
        what = f"Running the scenario {chosen.name} with {named(fix.name)}, {chosen.seconds:g} {_SECONDS[live]}"
        estimate = chosen.seconds + LIVE_START_S if live else WALL_SHARE * chosen.seconds
        if not progress_bar.visible():
            print(f"{what}: {progress_bar.at_most_in_words(estimate)}.")
        with self.waiting(f"run {chosen.name} {fix.name}" + " live" * live, what, estimate) as bar:
            try:
                finished = experiment.run(self.lab, fix, world, chosen, seed, bar.update)
            except KeyboardInterrupt as stopped:
                if isinstance(run := getattr(stopped, "run", None), Run):
                    self.keep(run, chosen, fix, seed)
                raise
        self.keep(finished, chosen, fix, seed)
        return finished

    def _wanted(self, world: str) -> bool:
        """Are runs wanted now? If not, a note says why."""
        if validating():
            notes.show(Note(("Not run: Validate looks at the checks alone.",)))
            return False
        if world == "live" and os.environ.get("BREAKFIX_LIVE") == "off":
            notes.show(Note(("Not run: BREAKFIX_LIVE=off, so live runs are left out.",)))
            return False
        if world == "live":
            insist_on_quiet()
        return True

    def keep(self, finished: Run, scenario: Scenario, fix: Fix, seed: int) -> None:
        """Remember a run that took place, and keep its record in the workspace."""
        key = _key(scenario, fix, seed, finished.info.world)
        self.latest.pop(key, None)  # so that the last run is the last entry
        self.latest[key] = finished
        self._change(lambda state: setattr(state, "runs", state.runs + 1))
        try:
            self.workspace.save_record(finished)
        except WorkFolderError as error:
            notes.show(Note((f"The run is done, but its record was not kept: {error}",), "warn"))

    def job(self, fix: str, scenario: str | Scenario, seed: int = 0) -> Job:
        """The job for a run of a repair that ships with the lab. Raises UnknownName."""
        return Job(shipped(self.lab, fix), self.scenario(scenario), seed)

    def records(self, what: str, jobs: Mapping[Title, Job], each_s: float) -> dict[Title, Run]:
        """The simulated run of each job, by its title; each run is made once per session.

        Args:
            what: the name under which the measured time is kept, for the next estimate.
            each_s: the largest real time of one run in seconds, used until a run was measured here.
        """
        keys = {title: _key(job.scenario, job.fix, job.seed, "simulated") for title, job in jobs.items()}
        missing = {keys[title]: job for title, job in jobs.items() if keys[title] not in self._records}
        if missing:
            with self.waiting(f"{what} {len(missing)}", f"{len(missing)} runs", each_s * len(missing)) as bar:
                made = run_all(self.lab, list(missing.values()), bar.update)
            self._records.update(zip(missing, made, strict=True))
        return {title: self._records[key] for title, key in keys.items()}

    def live_records(self, what: str, jobs: Mapping[Title, Job], each_s: float) -> dict[Title, Run] | None:
        """The live run of each job, by its title; None if no run is wanted, which a note then says.

        A run that this session has made is not made again. Two are made at a time, for such a run waits more than it
        computes; one that the machine disturbed is made once more, alone. Arguments: see `records`.
        """
        from labs.kit.worlds import run as experiment

        if not self._wanted("live"):
            return None
        by_key = {_key(job.scenario, job.fix, job.seed, "live"): job for job in jobs.values()}
        if missing := [job for key, job in by_key.items() if key not in self.latest]:
            with self.waiting(f"{what} {len(missing)} live", f"{len(missing)} live runs", each_s * len(missing) / 2) as bar:
                made = run_each(
                    lambda job, look: experiment.run(self.lab, job.fix, "live", job.scenario, job.seed, look),
                    missing, length=lambda job: job.scenario.seconds, jobs=2, progress=bar.update,
                )  # fmt: skip
            for job, run in zip(missing, made, strict=True):
                self.keep(run, job.scenario, job.fix, job.seed)
        again = {title: self._run_of(job.fix, job.scenario, job.seed, "live") for title, job in jobs.items()}
        return {title: run for title, run in again.items() if run is not None}

    def scenario(self, chosen: str | Scenario | None) -> Scenario:
        """A scenario by its name; the lab's first scenario for None. Raises UnknownName."""
        if isinstance(chosen, Scenario):
            return chosen
        return self.lab.scenario(next(iter(self.lab.scenarios)) if chosen is None else chosen)

    def _run_of(self, fix: Fix | None, scenario: str | Scenario | None, seed: int, world: str | None = None) -> Run | None:
        if fix is None:
            return None
        with one_line_errors():
            chosen = self.scenario(scenario)
        known = self.latest.get(_key(chosen, fix, seed, world or self.lab.world))
        return known if known and known.status not in REPEATED else self.simulate(fix, chosen, seed, world)


def insist_on_quiet() -> None:
    """Raise LearnerError while a dashboard steers a live run."""
    if (open := sys.modules.get("labs.kit.notebook.dashboard.open")) is not None:  # otherwise no dashboard was opened
        open.insist_on_quiet()


def _key(scenario: Scenario, fix: Fix, seed: int, world: str) -> tuple[str, str, int, str]:
    return repr(scenario), fix.sha, seed, world
