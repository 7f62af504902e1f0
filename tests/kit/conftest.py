"""For the tests of the kit: every run is a run."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from labs.kit.worlds import run as experiment
from labs.kit.worlds import run_cache
from tests.kit import learner_lab
from tests.kit.learner_lab import NAME, Cell, World


@pytest.fixture(autouse=True)
def no_kept_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never read a kept run: it would agree with itself, and tests of determinism would prove nothing."""
    monkeypatch.delenv(run_cache.VARIABLE, raising=False)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The lab of these tests, in a folder of its own, and the world that runs it."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "work"))
    for name in ("NBGRADER_EXECUTION", "JPY_SESSION_NAME", "BREAKFIX_PLAIN"):
        monkeypatch.delenv(name, raising=False)
    learner_lab.install(tmp_path / "labs")
    world = experiment.WORLDS["simulated"]
    assert isinstance(world, World)
    yield world
    learner_lab.remove(tmp_path / "labs")


@pytest.fixture
def shell(world: World) -> Iterator[InteractiveShell]:
    """An IPython shell that keeps no history."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell.instance(config=config)
    yield shell
    shell.restore_sys_module_state()  # or __main__ stays the shell's, and no later test can spawn a process
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)  # it has run, and cannot run twice
    InteractiveShell.clear_instance()


@pytest.fixture
def cell(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Cell:
    """Run a cell and read all that it wrote; the lab is open as `lab`."""

    def run(source: str) -> str:
        shell.run_cell(source)
        out, err = capsys.readouterr()
        return out + err

    assert run(f'import labs\nlab = labs.open_lab("{NAME}")') == ""
    return run
