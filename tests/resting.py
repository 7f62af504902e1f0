"""Tests at rest: `make test` leaves out a test that has passed here before, if nothing on which it depends has changed.

That is the machine, and the files of the repository without those of labs that it does not use (tests/declared.py). A digest
of it is kept for each test that passed; the cells of one notebook pass, and rest, together. What is read at the start of a
session decides, so that all workers of pytest-xdist decide the same.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

import labs
from labs.kit.notebook.workspace import WorkFolderError, write_atomic
from labs.kit.worlds.fingerprint import digest
from tests.declared import labs_of, part_of

VARIABLE = "BREAKFIX_REST"
"""Names the file of digests, as `make test` does; where it is unset or empty, all tests run."""
MOST = 20_000
"""Digests that the file holds, most recently used last; the whole of `make test` has 2,700."""
PROGRAMS = ("bwrap", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "git", "make", "systemd-run")
"""Tests look for them, or use them."""


def machine() -> str:
    """A digest of what may decide a test and is not in the repository: system, user, Python, packages, programs."""
    packages = sorted(f"{found.name} {found.version}" for found in distributions())
    return digest(platform.platform(), sys.version, str(os.getuid()), *packages, *(str(shutil.which(p)) for p in PROGRAMS))


def contents(root: Path) -> dict[str, str]:
    """The digest of each file that git knows or would add, by its path. None without git, nor beside labs from elsewhere,
    whose files are not in the repository: then nothing rests."""
    if labs.elsewhere():
        return {}
    try:
        listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    files = [path for path in sorted(os.fsdecode(name) for name in listed.stdout.split(b"\0")) if (root / path).is_file()]
    return {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in files}


def read(file: Path) -> list[str]:
    """The digests that a file holds. A damaged line counts as not kept."""
    try:
        lines = file.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if re.fullmatch("[0-9a-f]{64}", line)]


def write(file: Path, used: list[str]) -> None:
    """Put digests last in the file, and drop the first ones beyond MOST. A full disk only costs time."""
    lines = [*(line for line in read(file) if line not in set(used)), *used][-MOST:]
    with suppress(WorkFolderError):
        write_atomic(file, "".join(f"{line}\n" for line in lines))


class Resting:
    """The plugin of one session. `given`: what a worker of pytest-xdist has from the one that started it."""

    def __init__(self, root: Path, file: Path, given: dict[str, Any] | None = None) -> None:
        self.file = file
        self.start = given or {"passed": read(file), "contents": contents(root), "machine": machine()}
        self.found: dict[str, dict[str, list[str]]] = {"run": {}, "rest": {}}
        self.good: set[str] = set()
        self.bad: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what rests."""
        if not self.start["contents"]:
            return
        units: dict[str, list[str]] = {}
        for item in items:
            units.setdefault(unit_of(item), []).append(item.nodeid)
        passed, content = set(self.start["passed"]), self._content()
        keys = {unit: digest(content(labs_of(nodes[0])), *nodes) for unit, nodes in units.items()}
        for unit, key in keys.items():
            self.found["rest" if key in passed else "run"][key] = units[unit]
        if self.found["rest"]:
            config.hook.pytest_deselected(items=[item for item in items if keys[unit_of(item)] in passed])
            items[:] = [item for item in items if keys[unit_of(item)] not in passed]
        if hasattr(config, "workeroutput"):
            config.workeroutput["resting"] = self.found

    def _content(self) -> Callable[[set[str] | None], str]:
        """A digest of all that a test depends on, by its labs."""
        known: dict[object, str] = {}

        def content(using: set[str] | None) -> str:
            key = using if using is None else frozenset(using)
            if key not in known:
                counted = self.start["contents"].items()
                told = [f"{path} {value}" for path, value in counted if using is None or part_of(path) in {"", *using}]
                known[key] = digest(self.start["machine"], *told)
            return known[key]

        return content

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand a worker what was read at the start."""
        node.workerinput["resting"] = self.start

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Learn from a worker what it found; all find the same."""
        self.found = getattr(node, "workeroutput", {}).get("resting", self.found)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how each test ended. A skipped one has passed nothing."""
        if report.failed or report.skipped:
            self.bad.add(report.nodeid)
        elif report.when == "call":
            self.good.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep what passed. Where all tests rest, "no test was collected" is no error."""
        if hasattr(session.config, "workerinput"):
            return
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.found["rest"]:
            session.exitstatus = pytest.ExitCode.OK
        good = self.good - self.bad
        write(self.file, [*self.found["rest"], *(key for key, nodes in self.found["run"].items() if good.issuperset(nodes))])

    def told(self) -> str:
        """What rests, in one line; "" if nothing does."""
        nodes = [node for unit in self.found["rest"].values() for node in unit]
        files = {node.partition("::")[0] for node in nodes}
        if not nodes:
            return ""
        return (
            f"NOT RUN: {len(nodes)} tests of {len(files)} files rest: they have passed here, and nothing they depend on "
            f"has changed since; `make test {VARIABLE}=` runs them"
        )


def unit_of(item: pytest.Item) -> str:
    """What passes and rests as one: a test, or a whole notebook, whose cells need those before them."""
    return item.nodeid.partition("::")[0] if item.path.suffix == ".ipynb" else item.nodeid
