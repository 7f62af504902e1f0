"""On which labs does a test depend? What is not declared depends on all; what is declared wrongly fails.

Beside labs, a test depends on every file of the repository, without texts for people where its labs are declared.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import labs

BY_LAB = ("tests/test_built.py", "tests/test_labs.py", "tests/test_evidence.py", "solutions/", "notebooks/")
"""Ask the same of every lab: the name of each test says of which one."""
ONE_LAB = (*BY_LAB, "tests/live/test_agreement.py", "tests/labs/test_lab")
FIRST_LAB = labs.ours()[0][:5]
EVERY = None
LOOKED_AT = EVERY if "BREAKFIX_BROWSER_LAB" in os.environ else (FIRST_LAB,)  # a lab that was named may read others
READ_OTHERS = ("lab13",)
"""Labs whose runs read the code of other labs, as text."""

DECLARED: dict[str, tuple[str, ...] | None] = {
    "tests/kit/": (),
    "tests/kit/test_audit.py": EVERY,
    "tests/kit/test_believed.py": EVERY,
    "tests/kit/test_dashboard.py": EVERY,
    "tests/kit/test_fingerprint.py": EVERY,
    "tests/kit/test_fixcell.py": EVERY,
    "tests/kit/test_learner_bars.py": ("lab06",),
    "tests/kit/test_learner_results.py": EVERY,
    "tests/kit/test_record.py": ("lab06",),
    "tests/kit/test_off_limits.py": EVERY,
    "tests/kit/test_repairs.py": EVERY,
    "tests/kit/test_runcache.py": EVERY,
    "tests/kit/test_sandbox.py": ("lab00", "lab04", "lab06"),
    "tests/kit/live/test_live_docs.py": EVERY,  # reads a page of docs/, as do the next two
    "tests/kit/live/test_supervisor.py::test_the_page": EVERY,
    "tests/kit/simulated/test_supported.py::test_the_document": EVERY,
    "tests/kit/test_workspace.py": ("lab06",),
    "tests/kit/simulated/test_determinism.py": ("lab00", "lab06"),
    "tests/damaged/": (),
    "tests/grader/": (),
    "tests/grader/test_rebuild.py": EVERY,
    "tests/grader/test_runbook_cell.py": EVERY,
    "tests/grader/test_stamps.py": EVERY,
    "tests/grader/test_traps_release.py::test_nbval": EVERY,
    "tests/hostile/test_forgers.py": ("lab02", "lab03", "lab06", "lab08"),
    "tests/hostile/test_pretenders.py": ("lab01", "lab08"),
    "tests/hostile/test_sandbox.py": ("lab02", "lab04", "lab06"),  # lab02: an attack reads its files
    "tests/hostile/test_secret.py": ("lab06", "lab08"),
    "tests/test_benchmarks.py": ("lab04", "lab06"),
    "tests/test_benchmarks_honest.py": (),
    "tests/test_browser.py::test_pasted": LOOKED_AT,
    "tests/test_browser.py::test_released": LOOKED_AT,
    "tests/test_browser_dashboard.py": ("lab06",),
    "tests/test_cli_check.py": ("lab01", "lab06"),
    "tests/test_cli_run.py": ("lab06",),
    "tests/test_cli_runbook.py": ("lab06",),
    "tests/test_cli_table.py": ("lab06",),
    "tests/test_elsewhere.py::test_it_is_built": (),
    "tests/test_elsewhere.py::test_it_is_checked": (),
    "tests/test_elsewhere.py::test_it_is_judged": (),
}
"""The labs that tests need, by how the ids of the tests begin; the longest beginning counts."""

_PART = re.compile(
    r"(?:labs/|notebooks/|solutions/|tests/labs/test_)(lab\d\d)_|((?:docs/)?[^/]+\.md|solutions/stamps\.json)$"
)
_NAME = re.compile(r"(?<![a-z0-9])lab\d\d(?:_[a-z0-9_]*[a-z0-9])?")


def part_of(path: str) -> str:
    """What a file of the repository is a part of: "lab06", "texts" (for people, and stamps), or "", the rest."""
    found = _PART.match(path)
    return "" if found is None else found[1] or "texts"


def labs_of(nodeid: str) -> set[str] | None:
    """The labs on which a test, or a file of tests, depends, as {"lab06"}; None: on all."""
    if nodeid.startswith(ONE_LAB) and (found := re.search(r"(?<![a-z0-9])(lab\d\d)_", nodeid)):
        return EVERY if found[1] in READ_OTHERS else {found[1]}
    declared = DECLARED.get(max((key for key in DECLARED if nodeid.startswith(key)), key=len, default=""))
    return None if declared is None else set(declared)


class Watch:
    """Fails a test that uses a lab which its declaration leaves out.

    It hears of files that the process opens, of words on command lines, and of labs that it loads, also again. It does not
    see what a child process finds without having been told a lab's name, nor a module of a lab that this process had
    imported before and imports again without `labs.load`; the text of the test's file is searched for names instead.
    """

    def __init__(self, root: Path) -> None:
        self.root = f"{root}{os.sep}"
        self.used: set[str] | None = None
        self.at_import: dict[Path, set[str]] = {}
        self.known = {short for name in labs.ours() for short in (name, name[:5])}
        load = labs.load

        def noted(name: str) -> Any:
            lab = load(name)
            if self.used is not None:
                self.used |= self.named(lab.name)
            return lab

        labs.load = noted
        sys.addaudithook(self.hear)

    def named(self, text: str) -> set[str]:
        """The labs of ours that a text names."""
        return {name[:5] for name in _NAME.findall(text) if name in self.known}

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """For sys.addaudithook."""
        if self.used is None:
            return
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(args[0]))
            if path.startswith(self.root) and (part := part_of(path[len(self.root) :].replace(os.sep, "/"))):
                self.used.add(part)
        elif event == "subprocess.Popen":
            words = [args[1]] if isinstance(args[1], str | bytes | os.PathLike) else args[1]
            self.used |= self.named("\n".join(os.fsdecode(word) for word in words))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Note which labs a file loads as it is imported."""
        outer, self.used = self.used, set()
        try:
            return (yield)
        finally:
            self.at_import.setdefault(collector.path, set()).update(self.used)
            self.used = outer

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note what a test uses, from its set-up on."""
        self.used = set()
        try:
            return (yield)
        finally:
            self.used = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Compare it with the declaration."""
        result = yield
        if wrong := self.wrong(item):
            pytest.fail(wrong, pytrace=False)
        return result

    def wrong(self, item: pytest.Item) -> str:
        """What is wrong with the declaration of a test that has run, in one line; "" if nothing is."""
        if (declared := labs_of(item.nodeid)) is None or item.nodeid.startswith(BY_LAB):
            return ""
        used = set(self.used or ()) - declared
        if (of_file := labs_of(item.nodeid.partition("::")[0])) is not None:
            used |= (self.at_import.get(item.path, set()) | self.named(item.path.read_text("utf-8"))) - of_file
        unknown = declared - self.known
        if not used and not unknown:
            return ""
        about = f"there is no {', '.join(sorted(unknown))}" if unknown else f"it uses {', '.join(sorted(used))} all the same"
        return (
            f"{item.nodeid} is declared to use {', '.join(sorted(declared)) or 'no lab'}, but {about}: correct its line in "
            "DECLARED of tests/declared.py, or set it to EVERY"
        )
