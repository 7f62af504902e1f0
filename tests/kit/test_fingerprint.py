"""The fingerprints: they change with what decides a run or a verdict, and with nothing else."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import labs
from labs import lab06_retries
from labs.kit.model.lab import Lab
from labs.kit.worlds import fingerprint
from labs.kit.worlds.fingerprint import run_fingerprint, verdict_fingerprint
from labs.lab06_retries import phases

NAME = "lab99_prints"
FILES = {
    "__init__": """
from dataclasses import replace
from labs.kit.model.lab import Check, Diagnosis, Lab, Service
from . import figures
from .checks import calm
from .scenarios import SCENARIOS, order

LAB = Lab(
    name="lab99_prints", title="Prints", failure="", signal="", minutes=1,
    services=(Service("shop", "labs.lab99_prints.service:shop"),), entry="shop", request=order, scenarios=SCENARIOS,
    checks=(Check("calm", "Calm", ("calm",), calm, 1.0, "at least", "", "Look at the loop.", points=1),),
    diagnosis=Diagnosis((), 0, ""), hints=("Look.",), reference="right",
)
""",
    "service": "from labs.lab99_prints import prices\n\n\ndef shop(env): ...\n",
    "prices": "from .deep import taxes\n",
    "deep/__init__": "",
    "deep/taxes": "RATE = 7\n",
    "scenarios": """
from labs.kit.model.lab import Scenario
from labs.kit.model.load import HttpRequest, Phase
SCENARIOS = {"calm": Scenario("calm", (Phase(1, 10),))}
def order(index, rng): return HttpRequest("GET", "/", f"r{index}")
""",
    "broken": "def work(): ...\n",
    "signing": "KEY = 1\n",
    "checks": "from labs.lab99_prints.readings import share\n\n\ndef calm(runs): ...\n",
    "readings": "def share(run): ...\n",
    "figures": "from labs.kit.charts import chart\n",
    "notebook": "# A chapter\n",
    "adversities": "ADVERSITIES = {}\n",
    "fixes/right": "def work(): return 1\n",
}
REPAIR = "from labs.lab99_prints.signing import KEY\n"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab in a folder of its own, and a kit that may be changed."""
    home = tmp_path / "labs" / NAME
    for name, text in FILES.items():
        (home / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (home / f"{name}.py").write_text(text)
    (home / "runbook.md").write_text("# Runbook\n")
    (home / "prices.json").write_text("{}")
    shutil.copytree(fingerprint.KIT, tmp_path / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "KIT", tmp_path / "kit")
    monkeypatch.setattr(labs, "__path__", [*labs.__path__, str(home.parent)])
    elsewhere = labs.folder
    monkeypatch.setattr(labs, "folder", lambda name: home if name == NAME else elsewhere(name))
    fingerprint.forget()
    yield importlib.import_module(f"labs.{NAME}").LAB
    for name in [name for name in sys.modules if name.startswith(f"labs.{NAME}")]:
        del sys.modules[name]
    labs.__dict__.pop(NAME, None)
    fingerprint.forget()


def changed(lab: Lab, file: Path) -> tuple[bool, bool]:
    """Does a change of this file change the fingerprint of (a run, a verdict)?"""
    fingerprint.forget()
    before = run_fingerprint(lab, REPAIR), verdict_fingerprint(lab, REPAIR)
    file.write_text(file.read_text() + "\n# another line\n")
    fingerprint.forget()
    after = run_fingerprint(lab, REPAIR), verdict_fingerprint(lab, REPAIR)
    return before[0] != after[0], before[1] != after[1]


@pytest.mark.parametrize(
    "name",
    ["service.py", "prices.py", "deep/taxes.py", "scenarios.py", "broken.py", "signing.py", "prices.json"],
)
def test_a_run_depends_on_the_lab_s_run_time_files(lab: Lab, name: str) -> None:
    """What services, load or the repair import, however deep, and the data beside it: the run is another."""
    assert changed(lab, lab.folder / name) == (True, True)


@pytest.mark.parametrize("name", ["checks.py", "readings.py"])
def test_a_verdict_depends_on_the_checks_as_well(lab: Lab, name: str) -> None:
    """A check, or what it reads a run with, makes another verdict of the same run."""
    assert changed(lab, lab.folder / name) == (False, True)


@pytest.mark.parametrize("name", ["figures.py", "notebook.py", "runbook.md", "adversities.py", "fixes/right.py"])
def test_nothing_depends_on_what_is_not_run_and_not_judged(lab: Lab, name: str) -> None:
    """Neither a run nor a verdict is another, though the lab's __init__ imports its figures."""
    assert changed(lab, lab.folder / name) == (False, False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("worlds/simulated/host/kernel.py", (True, True)),
        ("model/load.py", (True, True)),
        ("service/telemetry.py", (True, True)),
        ("judging/evaluate.py", (False, True)),
        ("charts/chart.py", (False, False)),
        ("notebook/notes.py", (False, False)),
        ("notebook/dashboard/board.py", (False, False)),
    ],
)
def test_the_kit_s_packages(lab: Lab, name: str, expected: tuple[bool, bool]) -> None:
    """The kernel and all below it make a run, judging makes a verdict; charts and cards make neither."""
    assert changed(lab, fingerprint.KIT / name) == expected


def test_what_the_lab_declares_counts(lab: Lab) -> None:
    """Another service is another run; another scenario or goal is another verdict; another hint re-runs nothing."""
    run, verdict = run_fingerprint(lab, REPAIR), verdict_fingerprint(lab, REPAIR)
    other = replace(lab, services=(replace(lab.services[0], cores=8),))
    assert run_fingerprint(other, REPAIR) != run
    calm = lab.scenarios["calm"]
    for other in (
        replace(lab, scenarios={"calm": calm.with_(settle_s=1.0)}),
        replace(lab, checks=(replace(lab.checks[0], goal=2.0),)),
        replace(lab, checks=(replace(lab.checks[0], hint="Look again."),)),
    ):
        assert run_fingerprint(other, REPAIR) == run
        assert verdict_fingerprint(other, REPAIR) != verdict
    told = replace(lab, title="Another", hints=("Look again.",))
    assert (run_fingerprint(told, REPAIR), verdict_fingerprint(told, REPAIR)) == (run, verdict)


def test_a_repair_counts_with_its_imports(lab: Lab) -> None:
    """A file that only this repair imports is part of its runs; source that is no Python imports nothing and has a print."""
    assert run_fingerprint(lab, "x = 1") != run_fingerprint(lab, "x = 2")
    fingerprint.forget()
    without, with_it = run_fingerprint(lab, "x = 1"), run_fingerprint(lab, REPAIR)
    (lab.folder / "signing.py").write_text("KEY = 2\n")
    fingerprint.forget()
    assert run_fingerprint(lab, "x = 1") == without
    assert run_fingerprint(lab, REPAIR) != with_it
    assert run_fingerprint(lab, "def (") != run_fingerprint(lab, "def )")


def test_a_judging_function_that_the_kit_made_costs_precision_and_not_truth(lab: Lab) -> None:
    """It does not say which file of the lab it depends on, so all that the lab gathers counts; a partial does say it."""
    made = replace(lab, checks=(replace(lab.checks[0], judge=fingerprint.digest),))
    assert changed(made, lab.folder / "readings.py") == (False, True)
    part = replace(lab, checks=(replace(lab.checks[0], judge=partial(lab.checks[0].judge)),))
    assert changed(part, lab.folder / "readings.py") == (False, True)
    assert changed(part, lab.folder / "figures.py") == (False, False)


def test_the_toolchain_counts(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another Python nothing kept is read."""
    before = run_fingerprint(lab, REPAIR)
    monkeypatch.setattr(fingerprint, "toolchain", lambda: "Python 4.0")
    assert run_fingerprint(lab, REPAIR) != before


def test_it_does_not_depend_on_where_the_files_lie(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the repository in another folder, as CI has it, reads what was kept here."""
    before = run_fingerprint(lab, REPAIR)
    shutil.copytree(fingerprint.KIT, tmp_path / "elsewhere" / "kit")
    monkeypatch.setattr(fingerprint, "KIT", tmp_path / "elsewhere" / "kit")
    fingerprint.forget()
    assert run_fingerprint(lab, REPAIR) == before


def test_a_kept_phase_map_does_not_survive_a_change_of_the_kit(lab: Lab) -> None:
    """It is a value of its runs and of the code that makes a map of them; a chart of it is not among them."""

    def key() -> str:
        fingerprint.forget()
        return phases.key(lab06_retries.LAB, lab06_retries.LAB.fix("broken"), fine=False)

    before = key()
    chart = fingerprint.KIT / "charts" / "phase.py"
    chart.write_text(chart.read_text() + "# another line\n")
    assert key() == before
    kernel = fingerprint.KIT / "worlds" / "simulated" / "host" / "kernel.py"
    kernel.write_text(kernel.read_text() + "# another line\n")
    assert key() != before
