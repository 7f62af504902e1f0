"""What the tests of the command line share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from breakfix.cli import app
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status, Verdict


def breakfix(*arguments: str | Path) -> Result:
    """Call the command line in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def process(*arguments: str | Path) -> list[str]:
    """The command line as a process of its own, that hears Ctrl-C even if this test run was started in the background."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from breakfix.cli import main; main()"
    return [sys.executable, "-c", code, *map(str, arguments)]


def one_complaint(result: Result) -> str:
    """The one line on standard error; nothing on standard output, no traceback."""
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


@dataclass
class Judge:
    """Stands for `evaluate`: notes what it was asked, gives each check the same status."""

    status: Status = Status.PASS
    measured: float | None = 1.0
    message: str = "Seen."
    asked: tuple[Fix, list[int]] | None = None

    def __call__(self, lab: Lab, fix: Fix, seeds: Sequence[int], progress: Any = None) -> list[Verdict]:
        """What evaluate would say."""
        self.asked = (fix, list(seeds))
        points = {c.name: c.points if self.status is Status.PASS else 0.0 for c in lab.checks}
        return [
            Verdict(c.name, self.status, points[c.name], c.points, self.measured, c.goal, c.unit, self.message, "Look.")
            for c in lab.checks
        ]  # fmt: skip


@dataclass
class World:
    """Stands for the simulated world: every run of it is the given one."""

    run: Run

    def __call__(self, lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Any, *_: object) -> Run:
        """What the world would hand out."""
        progress(1.0, 2.0)
        return self.run
