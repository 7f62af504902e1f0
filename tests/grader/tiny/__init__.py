"""A lab for the grader's own tests. Its world reads LIMIT out of the repair's text and executes nothing of it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from labs.kit.model.lab import Check, Diagnosis, Fix, Lab, Progress, Question, Scenario
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.record import Record, Run, RunInfo, Sample
from labs.kit.model.verdict import Finding, Status
from labs.kit.worlds import run as experiment
from labs.kit.worlds.sandbox.tiers import Tier


def measure(source: str) -> tuple[Status, str, float]:
    """How a run of this repair ends: status, detail, LIMIT."""
    if "# ask for infra_error" in source:
        return Status.INFRA_ERROR, "the machine had a bad day", 0
    if "# end the judge" in source:
        os._exit(9)
    if "# leave a child behind" in source:
        leave_a_child(source.split("# leave a child behind ", 1)[1].split("\n")[0])
    if "while True" in source:
        return Status.HUNG, "No answer within 2 s.", 0
    if "os._exit" in source:
        return Status.CRASHED, "The process ended (exit code 0).", 0
    if "subprocess" in source:
        return Status.UNSUPPORTED, "subprocess.run cannot be carried by the simulated world.", 0
    if "raise " in source:
        return Status.CRASHED, source.split("raise ", 1)[1].strip(), 0
    try:
        tree = ast.parse(source)
        values = {t.id: ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) for t in n.targets}
        return Status.PASS, "", float(values["LIMIT"])
    except (SyntaxError, ValueError, KeyError) as error:
        return Status.CRASHED, f"fix.py: {type(error).__name__}: {error}", 0


def leave_a_child(note: str) -> None:
    """Fork twice, in a session of its own: the grandchild would outlive everybody, holding all descriptors it can."""
    code = (
        "import os, time; os.setsid(); os.fork() and os._exit(0); "
        f"open({note!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    subprocess.run([sys.executable, "-c", code], close_fds=False, check=True)
    while not (os.path.exists(note) and os.path.getsize(note)):
        pass


def world(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None, tier: Tier) -> Run:
    """Stands for the simulated world."""
    status, detail, limit = measure(fix.source)
    record = Record()
    record.add(
        "samples", [Sample(0.0, "limit", "service", limit), Sample(0.0, "most", "", float(scenario.settings["most"]))]
    )
    return record.close(
        RunInfo(lab.name, scenario.name, fix.name, fix.sha, "simulated", seed, 1, 1, str(status), detail, "none")
    )


experiment.WORLDS["simulated"] = world


def _limit(runs: Mapping[str, Run]) -> tuple[float, float]:
    run = runs["calm"]
    return run.samples("limit")[0].value, run.samples("most")[0].value


def bounded(runs: Mapping[str, Run]) -> Finding:
    """LIMIT is not above what the scenario allows."""
    limit, most = _limit(runs)
    return Finding(limit <= most, limit, "bounded" if limit <= most else "unbounded", f"The limit is {limit:g} of {most:g}.")


def useful(runs: Mapping[str, Run]) -> Finding:
    """LIMIT lets something through."""
    limit, _ = _limit(runs)
    return Finding(limit >= 2, limit, "useful" if limit >= 2 else "starved", f"The limit is {limit:g}.")


def whole(runs: Mapping[str, Run]) -> Finding:
    """LIMIT is a whole number."""
    limit, _ = _limit(runs)
    return Finding(limit == int(limit), limit, "whole", f"The limit is {limit:g}.")


def tighter(scenario: Scenario, rng: Random) -> Scenario:
    """Privately, a limit of 6 is the most."""
    return scenario.with_(settings={"most": 6 + 0 * rng.random()})


HINT = "How many can wait before <they> give up?"
NEEDS = ("calm",)
LAB = Lab(
    name="lab97_tiny",
    title="A limit",
    failure="no limit",
    signal="queue depth",
    minutes=1,
    services=(),
    entry="",
    request=lambda index, rng: HttpRequest("GET", "/", f"r{index}"),
    scenarios={"calm": Scenario("calm", (Phase(1, 1),), settings=MappingProxyType({"most": 10}))},
    checks=(
        Check("bounded", "The queue is bounded", NEEDS, bounded, 10, "at most", "jobs", HINT, points=4),
        Check("useful", "Work gets through", NEEDS, useful, 2, "at least", "jobs", HINT, points=2.5),
        Check("whole", "Answers stay right", NEEDS, whole, 1, "at least", "", HINT, gate=True),
    ),
    diagnosis=Diagnosis(
        (
            Question("line", "Which line?", lambda a: a == 6, "a number", lambda a: isinstance(a, int), "Line 6 it is."),
            Question(
                "cause", "Which cause?", lambda a: a == "no bound", "a text", lambda a: isinstance(a, str), "No bound."
            ),
        ),
        points=1,
        hint="Read it again.",
    ),
    hints=("Count.",),
    reference="right_bound",
    vary=tighter,
)
