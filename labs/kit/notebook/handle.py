"""The part of `Learner` (learner.py) that other modules of the notebook use, so that they need not import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.notebook.progress import State
from labs.kit.notebook.repair_cell import RepairCell
from labs.kit.notebook.workspace import Workspace
from labs.kit.worlds.parallel import Job

Title = TypeVar("Title")


class Handle(Protocol):
    """One open lab."""

    lab: Lab
    workspace: Workspace
    cell: RepairCell

    def state(self) -> State:
        """The learner's progress."""

    def take_diagnosis(self, text: str) -> None:
        """Keep the text of the `%%diagnosis` cell."""

    def take_runbook(self, text: str) -> None:
        """Keep the text of the `%%runbook` cell."""

    def repair(self, name: str = ...) -> Fix | None:
        """A repair by its name, by default the learner's own; None if the learner's own cannot run."""

    def scenario(self, chosen: str | Scenario | None) -> Scenario:
        """A scenario by its name."""

    def job(self, fix: str, scenario: str | Scenario, seed: int = 0) -> Job:
        """The job for a run of a repair that ships with the lab."""

    def keep(self, finished: Run, scenario: Scenario, fix: Fix, seed: int) -> None:
        """Remember a run."""

    def records(self, what: str, jobs: Mapping[Title, Job], each_s: float) -> dict[Title, Run]:
        """The simulated run of each job, made once per session."""

    def live_records(self, what: str, jobs: Mapping[Title, Job], each_s: float) -> dict[Title, Run] | None:
        """The live run of each job, made once per session, two at a time; None if no run is wanted."""
