"""A learner's progress in each lab: predictions, hints, runs, attempts and the best verdicts. Nothing here is a grade.

Each lab has one file, work/<lab>/progress.json. Every change reads the file, changes it and writes it under the lab's lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import labs
from labs.kit.model.lab import Lab
from labs.kit.model.verdict import Status, Verdict, total
from labs.kit.notebook.workspace import WorkFolderError, Workspace, work_path, write_atomic

FILE = "progress.json"
VERSION = 1


@dataclass
class State:
    """One lab's progress, as in progress.json.

    predictions: in the order in which they were made: {"name", "value", "unit", "after_runs"}; `after_runs` is the number
        of runs that the learner had seen by then.
    attempts: SHA-256 of every repair that was evaluated and differs from the broken code.
    best: the verdicts of the attempt that earned the most points.
    walls: the last wall time of each kind of wait in seconds, by label.
    """

    version: int = VERSION
    runs: int = 0
    hints: int = 0
    predictions: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    best: list[dict[str, Any]] = field(default_factory=list)
    diagnosis: dict[str, Any] = field(default_factory=dict)
    walls: dict[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> State:
        """The state in the text of a progress.json. Raises ValueError, with the reason, if the text is damaged."""
        data = json.loads(text)
        if not isinstance(data, dict) or not isinstance(data.get("version"), int):
            raise ValueError("it has no version")
        if data["version"] > VERSION:
            raise ValueError(f"it was written by a later release (version {data['version']}, known: {VERSION})")
        empty = cls()
        for f in fields(cls):
            wanted, value = type(getattr(empty, f.name)), data.get(f.name, getattr(empty, f.name))
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise ValueError(f"{f.name} is {value!r}, expected a {wanted.__name__}")
        state = cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})
        state._validate()
        return state

    def _validate(self) -> None:
        for row in self.predictions:
            if not isinstance(row, dict) or not {"name", "value", "unit", "after_runs"} <= row.keys():
                raise ValueError(f"{row!r} is not a prediction")
        for row in [*self.best, *([self.diagnosis] if self.diagnosis else [])]:
            as_verdict(row)
        if not all(isinstance(sha, str) for sha in self.attempts):
            raise ValueError("attempts are not all strings")
        if not all(isinstance(wall, int | float) for wall in self.walls.values()):
            raise ValueError("walls are not all numbers")

    def record_attempt(self, sha: str, verdicts: Sequence[Verdict]) -> None:
        """Note that a repair was evaluated, and keep its verdicts if no attempt earned more."""
        if sha not in self.attempts:
            self.attempts.append(sha)
        if not self.best or total(verdicts) > sum(row["points"] for row in self.best):
            self.best = [asdict(v) for v in verdicts]


def as_verdict(row: Any) -> Verdict:
    """A verdict from its JSON. Raises ValueError if the JSON is not a verdict."""
    try:
        verdict = Verdict(**{**row, "status": Status(row["status"])})
        numbers = (verdict.points, verdict.max_points)
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{row!r} is not a verdict") from error
    if not all(isinstance(n, int | float) for n in numbers):
        raise ValueError(f"{row!r} is not a verdict")
    return verdict


class Progress:
    """The progress of one lab on disk.

    `notices` holds messages that the learner must see once, such as that a damaged file was renamed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.path = workspace.folder / FILE
        self.notices: list[str] = []

    def read(self) -> State:
        """The present state; a damaged file is renamed, and a new one begun."""
        with self.workspace.lock():
            return self._read()

    def change(self, alter: Callable[[State], None]) -> State:
        """Change the state under the lock and return the new state."""
        with self.workspace.lock():
            state = self._read()
            alter(state)
            write_atomic(self.path, json.dumps(asdict(state), indent=1))
            return state

    def _read(self) -> State:
        try:
            return _load(self.path)
        except ValueError as error:
            aside = _free_name(self.path)
            try:
                self.path.rename(aside)
            except OSError as problem:
                raise WorkFolderError(
                    f"{self.path} is damaged and cannot be renamed ({problem.strerror}); move it away."
                ) from error
            self.notices.append(
                f"{FILE} could not be read ({error}). It is now {aside.name}; your repairs are safe; progress starts anew."
            )
            return State()


def _load(path: Path) -> State:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return State()
    except OSError as error:
        raise WorkFolderError(f"cannot read {path} ({error.strerror}); make it readable or move it away.") from error
    return State.parse(text)


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}.json")).exists():
        number += 1
    return aside


def summary() -> list[dict[str, Any]]:
    """One row per lab that loads, in the order of the course, for `breakfix progress` and the start page.

    Keys: lab, title, state ("not started", "begun", "repaired"), points, max_points (with the diagnosis), attempts,
    hints, runs, predictions, notice ("" or the error in the file). Creates and changes no file.
    """
    return [_row(lab) for lab in labs.load_all()[0]]


def _row(lab: Lab) -> dict[str, Any]:
    notice, state = "", State()
    try:
        state = _load(work_path(lab.name) / FILE)
    except (ValueError, WorkFolderError) as error:
        notice = f"{FILE} could not be read: {error}"
    best = [as_verdict(row) for row in state.best]
    diagnosis = as_verdict(state.diagnosis).points if state.diagnosis else 0.0
    repaired = bool(best) and all(v.status is Status.PASS for v in best)
    begun = bool(state.runs or state.attempts or state.predictions or state.hints)
    return {
        "lab": lab.name,
        "title": lab.title,
        "state": "repaired" if repaired else "begun" if begun else "not started",
        "points": round(total(best) + diagnosis, 4),
        "max_points": lab.max_points + lab.diagnosis.points,
        "attempts": len(state.attempts),
        "hints": state.hints,
        "runs": state.runs,
        "predictions": len(state.predictions),
        "notice": notice,
    }
