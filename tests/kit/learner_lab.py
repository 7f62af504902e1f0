"""A lab small enough to see through, for tests of the learner's surface: the repair has to double a number.

`install` writes it to a folder of its own and makes it known as lab99_doubling, with a world in the place of the simulated
one that runs the repair in this very process. A notebook under test installs it in its kernel in the same way.
"""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import labs
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.names import PAGED, RUNBOOK
from labs.kit.model.record import Event, Record, Request, Run, RunInfo
from labs.kit.model.verdict import Status
from labs.kit.worlds import run

NAME = "lab99_doubling"
RIGHT = "import math\n\n\ndef double(n):\n    return math.trunc(2 * n)\n"
HALF = "def double(n):\n    return 2 * n if n < 5 else 0\n"
BROKEN = '"""Doubles."""\n\n\ndef double(n):\n    return n\n'

Cell = Callable[[str], str]
"""Runs a cell and gives all that it wrote."""

_SIMULATED = run.WORLDS["simulated"]
_INIT = """
from labs.kit.model.lab import Check, Diagnosis, Lab, Policies, Question, Scenario
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.runbook import Desk
from labs.kit.model.verdict import Finding


def share(run):
    rows = run.requests()
    return sum(r.ok for r in rows) / len(rows)


def doubled(runs):
    got = share(runs["outage"])
    return Finding(got == 1, got, "all_doubled" if got == 1 else "some_wrong", f"{got:.0%} of the numbers were doubled.")


def answers(runs):
    got = len(runs["calm"].requests())
    return Finding(got == 10, got, "answers" if got == 10 else "silent", f"{got} of 10 requests were seen.")


LAB = Lab(
    name="lab99_doubling", title="The doubler", failure="it does not double", signal="answers", minutes=5, services=(),
    entry="shop", request=lambda index, rng: HttpRequest("GET", "/", f"r{index}"),
    scenarios={"outage": Scenario("outage", (Phase(1, 10),)), "calm": Scenario("calm", (Phase(1, 10),))},
    checks=(
        Check("doubled", "Numbers are doubled", ("outage",), doubled, 1.0, "at least", "of all", "Is 2 a factor?", points=4),
        Check("answers", "Requests are answered", ("calm",), answers, 10, "at least", "answers", "", gate=True, keeps=0.5),
    ),
    diagnosis=Diagnosis(
        (
            Question("line", "Which?", lambda v: v == 5, "a line number", lambda v: isinstance(v, int), "It returns n."),
            Question("cause", "Why?", lambda v: v == "n", '"n" or "2n"', lambda v: v in ("n", "2n"), "It returns n."),
        ),
        2,
        "Read double().",
    ),
    hints=("Look at double().", "What does it return?"),
    reference="right_twice",
    policies=Policies({"as it was": "broken", "twice": "right_twice"}, "What was measured:", 1.0),
    measures={"share": (share, "of all"), "broken measure": (lambda run: 1 / 0, "ms")},
    foretold={"why": ""},
    desk=Desk(),
)
"""
_ACTIONS = '''
from labs.kit import action


@action
def shout(learner, word, times=1):
    """Say it."""
    return f"{learner.lab.name}: {word * times}"


@action
def lost(learner):
    """Ask for a scenario that there is not."""
    return learner.lab.scenario("flood")


def helper(something):
    """Not an action: it is not marked."""


def hidden(learner):
    """Not an action either."""
'''


def install(folder: Path) -> Lab:
    """Write the lab below `folder`, put it in the place of the course's labs, and hand it out."""
    home = folder / NAME
    (home / "fixes").mkdir(parents=True, exist_ok=True)
    for name, text in (("__init__", _INIT), ("actions", _ACTIONS), ("broken", BROKEN), ("fixes/right_twice", RIGHT)):
        (home / f"{name}.py").write_text(text)
    if str(folder) not in labs.__path__:
        labs.__path__.append(str(folder))
    labs.FOLDER = folder
    run.WORLDS["simulated"] = World()
    return labs.load(NAME)


def remove(folder: Path) -> None:
    """Forget the lab again, and put the world back."""
    run.WORLDS["simulated"] = _SIMULATED
    labs.FOLDER = Path(labs.__file__).parent
    labs.__path__.remove(str(folder))
    for name in [n for n in sys.modules if n.startswith(f"labs.{NAME}")]:
        del sys.modules[name]
    if hasattr(labs, NAME):
        delattr(labs, NAME)
    shutil.rmtree(folder, ignore_errors=True)


class World:
    """Ten requests, each answered 200 if the repair doubles its number. `runs` counts how often it ran."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, str, int]] = []

    def __call__(self, lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: run.Progress | None, *_: object) -> Run:
        """Run it here and now."""
        self.runs.append((fix.source, scenario.name, seed))
        record, status, detail, rows = Record(), Status.PASS, "", []
        names: dict[str, object] = {}
        try:
            exec(compile(fix.source, "fix.py", "exec"), names)
            for n in range(10):
                right = names["double"](n) == 2 * n  # type: ignore[operator]  # what is no function fails here, as it should
                rows.append(_request(n, 200 if right else 500))
                if progress:
                    progress(n + 1, 10)
        except Exception as error:  # noqa: BLE001 - whatever the repair raises is the outcome
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
            status, detail = Status.CRASHED, f"{type(error).__name__}: {error} (fix.py:{line})"
        record.add("requests", rows)
        if scenario.runbook:
            record.add("events", [Event(0.0, RUNBOOK, "operator", "0"), Event(1.5, PAGED, "operator", "p99 > 1 for 1 s")])
        return record.close(
            RunInfo(
                lab.name, scenario.name, fix.name, fix.sha, "simulated", seed, scenario.load_s, scenario.seconds,
                str(status), detail, "test",
            )
        )  # fmt: skip


def _request(number: int, status: int) -> Request:
    return Request("load->shop", f"r{number}", "/", 1, float(number), float(number), number + 0.5, status, "")


def fix(source: str) -> str:
    """The repair cell with this code."""
    return f"%%fix\n{source}"
