"""For every test, and for every notebook that nbval runs: folders of their own, and an honest last word.

This file stands at the root, not in tests/, because the hooks of a conftest.py reach only what lies beside and below it,
and the notebooks are tests too.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

import labs
from tests import resting
from tests.declared import BY_LAB, Watch

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts `make test &` like that, and what is started from here would not hear the Ctrl-C that tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_REST = os.environ.pop(resting.VARIABLE, "")
PRIVATE = Path(tempfile.mkdtemp(prefix="breakfix-tests-"))
atexit.register(shutil.rmtree, PRIVATE, ignore_errors=True)

for _name in (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
    "BREAKFIX_WORK",
    "BREAKFIX_KEPT",
):
    # The user's own settings change what a test sees; a read-only home or cache would fail it.
    os.environ[_name] = str(PRIVATE / _name.lower())
    Path(os.environ[_name]).mkdir()
# PYTEST_ADDOPTS: it has been read; tests that start pytest count lines of what that prints.
for _name in ("NBGRADER_EXECUTION", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_TOKEN", "PYTEST_ADDOPTS"):
    os.environ.pop(_name, None)
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
)  # nbgrader: alembic


_OUTSIDE_NOTEBOOKS = {name: os.environ.get(name) for name in ("BREAKFIX_WORK", "BREAKFIX_LIVE")}


def private(kind: str, of: str) -> str:
    """A folder for one test or notebook alone."""
    return str(PRIVATE / kind / hashlib.sha256(of.encode()).hexdigest()[:16])


def pytest_configure(config: pytest.Config) -> None:
    """Hold declarations to what is used (tests/declared.py), and let rest what may (tests/resting.py)."""
    config.pluginmanager.register(Watch(labs.ROOT), "watch")
    given = getattr(config, "workerinput", {}).get("resting")
    if _REST or given:
        config.pluginmanager.register(resting.Resting(labs.ROOT, Path(_REST), given), "resting")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give each test and notebook surroundings of its own: what one leaves behind must not be another's."""
    settings = {**_OUTSIDE_NOTEBOOKS, "BREAKFIX_KEPT": private("kept", item.nodeid)}
    if item.path.suffix == ".ipynb":
        # Live runs take real time, so each page makes them in one of its two forms: a page that is live throughout as
        # released (tests/test_labs.py judges its reference), every other one as solved (tests/test_built.py).
        live = "on" if labs.load(item.path.stem).judged_live else "off"
        settings |= {"BREAKFIX_WORK": private("notebooks", str(item.path)), "BREAKFIX_LIVE": live}
    for name, value in settings.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold each verdict that a release shows, as nbval runs it, to the one that untouched code must get."""
    result = yield
    if item.path.suffix == ".ipynb" and item.path.parts[-3] == "notebooks":
        from grader.released import told  # here, since few processes run notebooks

        if wrong := told(labs.load(item.path.stem), item.cell.metadata, item.test_outputs):
            pytest.fail(wrong, pytrace=False)
    return result


FIRST = ("test_built.py", "test_browser.py", "test_labs.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out pages that are as they were built (grader/stamps.py), and let the longest begin first: whatever comes last
    is run while the other cores wait."""
    pages = _resting_pages()
    left_out = [item for item in items if _page_of(item) in pages]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(
        key=lambda item: (item.path.name not in FIRST[:1], item.path.name not in FIRST and item.path.suffix != ".ipynb")
    )


def _page_of(item: pytest.Item) -> str:
    """The lab whose page a test executes, "" for other tests."""
    if not item.path.is_relative_to(labs.ROOT):
        return ""  # a notebook that a test has made
    if item.path.suffix == ".ipynb":
        return item.path.stem
    return item.callspec.params["name"] if item.path.name == "test_built.py" and hasattr(item, "callspec") else ""


def _resting_pages() -> list[str]:
    from grader.stamps import to_execute  # here, since it loads the labs

    executed = to_execute()
    return [name for name in labs.ours() if name not in executed]


class ByFileAndLab(LoadFileScheduling):
    """What stays together on one worker of pytest-xdist.

    A file does; and all that asks the same of every lab stays together by lab, for then each run of a lab is made once
    and read again by whatever wants it next (labs/kit/worlds/run_cache.py).
    """

    def _split_scope(self, nodeid: str) -> str:
        lab = re.search(r"\blab\d\d_[a-z_]+", nodeid) if nodeid.startswith(BY_LAB) else None
        return lab[0] if lab else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFileAndLab | None:
    """For `--dist loadfile`; other ways to share out work as they do everywhere."""
    return ByFileAndLab(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name every test that was not run, with the reason: a skipped test has passed nothing."""
    skipped = terminalreporter.stats.get("skipped", [])
    pages = _resting_pages() if os.environ.get("BREAKFIX_PAGES") == "changed" else []
    plugin = config.pluginmanager.get_plugin("resting")
    at_rest = plugin.told() if plugin else ""
    if skipped or pages or at_rest:
        terminalreporter.section("NOT RUN")
    if pages:
        terminalreporter.line(f"NOT RUN: the pages of {', '.join(pages)}: as they were built; `make release-check` runs all")
    if at_rest:
        terminalreporter.line(at_rest)
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"NOT RUN: {report.nodeid}: {reason.removeprefix('Skipped: ')}")
