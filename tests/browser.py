"""Drives JupyterLab with headless Chromium, as a learner would: for tests/test_browser*.py."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from breakfix.doctor import find_chromium
from labs import ROOT

SCREENSHOTS = Path(os.environ.get("BREAKFIX_SCREENSHOTS", ROOT / ".pytest_cache" / "screenshots"))
PATIENCE_S = 1800  # a watchdog, generous for busy machines: how long a notebook may take before the test gives up on it
CHROMIUM_OPTIONS = [
    "--no-sandbox",  # root, and containers without user namespaces, have none
    "--disable-gpu",
    "--disable-dev-shm-usage",  # /dev/shm is 64 MB in a container
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Server:
    """A running `breakfix start`: where it listens, where the work is, and what it printed."""

    url: str
    work: Path
    said: list[str] = field(default_factory=list)


UPSTREAM = "AttributeError: 'NoneType' object has no attribute 'kernel_ws_protocol'"
"""What jupyter_server 2 logs when a page opens a kernel's channel and closes it at once, as JupyterLab does when a second
notebook is opened: a race of its own that harms nothing. Any other traceback is ours, but for those of INTERRUPTED."""

INTERRUPTED = re.compile(
    r"^Traceback \(most recent call last\):\n(?:  .*\n)*?  File \S+ipykernel_launcher\.py.*\n(?:  .*\n)*KeyboardInterrupt\n",
    re.MULTILINE,
)
"""What a kernel writes that is told to end while it still imports ipykernel: Jupyter's server interrupts a kernel before it
ends it, and a page may have asked for one that nobody waited for."""

CLOSED = re.compile(
    r"^Task exception was never retrieved\nfuture: <Task .*write_message.*\n(?:.*\n)*?"
    r"tornado\.websocket\.WebSocketClosedError.*\n",
    re.MULTILINE,
)
"""What tornado writes when a page closes while a message is on its way to it: nobody there waits for the outcome."""


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[Server]:
    """Run `breakfix start ARGUMENTS` with an empty home and work folder; ends it with Ctrl-C and insists on a clean end."""
    work = home / "work"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER_", "IPYTHON"))}
    env |= {"HOME": str(home), "BREAKFIX_WORK": str(work)}
    command = [str(Path(sys.executable).parent / "breakfix"), "start", "--no-browser", *arguments]
    errors = (home / "stderr.txt").open("w+")
    process = subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        server = Server("", work)
        for line in process.stdout:
            server.said.append(line)
            if address := re.search(r"http://127\.0\.0\.1:\S+", line):
                server.url = address[0]
                break
        assert server.url, f"no address was printed: {server.said} {(home / 'stderr.txt').read_text()}"
        yield server
        process.send_signal(signal.SIGINT)
        assert process.wait(180) == 0, (home / "stderr.txt").read_text()
        said = CLOSED.sub("", INTERRUPTED.sub("", (home / "stderr.txt").read_text()))
        assert said.count("Traceback") == said.count(UPSTREAM), said
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
        errors.close()


def chromium_or_skip() -> str:
    """Chromium; without one the test is not run. CI must have one."""
    path = find_chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail("CI has to run the browser tests, and there is no Chromium; .ci/run installs it")
    if path is None:
        pytest.skip("there is no Chromium; `apt install chromium` as root brings it")
    return path


@contextmanager
def page(chromium: str, name: str) -> Iterator[Page]:
    """A page of a new headless browser; its last sight is kept as NAME.png if the test fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        try:
            sheet = browser.new_page(viewport={"width": 1400, "height": 1000})
            sheet.set_default_timeout(120_000)
            try:
                yield sheet
            except BaseException:
                look(sheet, f"{name}-failed")
                raise
        finally:
            browser.close()


def look(sheet: Page, name: str) -> Path:
    """Take a screenshot."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    sheet.screenshot(path=path)
    return path


def menu(sheet: Page, name: str, entry: str) -> None:
    """Choose an entry of the menu bar."""
    sheet.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{name}$")).click()
    sheet.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(entry)}$")).click()


def run_all(sheet: Page, file: Path) -> dict[str, Any]:
    """Run all cells of the open notebook, wait for the last one, save, and hand out the notebook that `file` then holds."""
    sheet.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    before = count_run(json.loads(file.read_text()))[0]
    assert before == 0, "this notebook has been run already"
    menu(sheet, "Run", "Run All Cells")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        sheet.wait_for_timeout(2000)
        menu(sheet, "File", "Save Notebook")
        sheet.wait_for_timeout(500)
        try:
            notebook: dict[str, Any] = json.loads(file.read_text())
        except json.JSONDecodeError:  # the server is just writing it
            notebook = {"cells": []}
        run, cells = count_run(notebook)
        if cells and run == cells:
            return notebook
        assert time.monotonic() < deadline, f"{run} of {cells} cells were run within {PATIENCE_S} s"


def count_run(notebook: dict[str, Any]) -> tuple[int, int]:
    """How many code cells of a saved notebook have been run, and how many there are. Empty ones are never run."""
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code" and "".join(c["source"]).strip()]
    return sum(c["execution_count"] is not None for c in cells), len(cells)


def scroll(sheet: Page, name: str = "") -> Iterator[int]:
    """Go through the open notebook a screen at a time: JupyterLab draws only the cells in sight. Screenshots if named."""
    panel = sheet.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer")
    panel.evaluate("e => e.scrollTo(0, 0)")
    for number in range(200):
        sheet.wait_for_timeout(400)
        if name:
            look(sheet, f"{name}-{number:02d}")
        yield number
        if panel.evaluate(
            "e => { const was = e.scrollTop; e.scrollBy(0, e.clientHeight * 0.8); return e.scrollTop === was; }"
        ):
            return
    raise AssertionError("the notebook has no end")


def cell_with(sheet: Page, text: str) -> Locator:
    """The code cell whose source begins with `text`, scrolled into sight."""
    cell = sheet.locator(
        ".jp-CodeCell", has=sheet.locator(".cm-line:first-child", has_text=re.compile(f"^{re.escape(text)}"))
    )
    for _ in scroll(sheet):
        if cell.count():
            return cell.first
    raise AssertionError(f"no cell begins with {text!r}")


def write_cell(cell: Locator, source: str) -> None:
    """Replace a cell's source by pasting another over it."""
    sheet = cell.page
    cell.locator(".cm-content").click()
    sheet.keyboard.press("ControlOrMeta+a")
    sheet.keyboard.insert_text(source)
    sheet.keyboard.press("Escape")


def outputs(notebook: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """All outputs of one type ("error", "stream", "execute_result", "display_data") in a saved notebook."""
    return [o for c in notebook["cells"] if c["cell_type"] == "code" for o in c["outputs"] if o["output_type"] == kind]


def verdict_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells that show a verdict: those that nbgrader grades by running."""
    graded = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["metadata"].get("nbgrader", {}).get("grade")]
    return [c for c in graded if not c["metadata"]["nbgrader"].get("solution")]


def points(cell: dict[str, Any]) -> float:
    """The points that a verdict cell evaluated to."""
    results = [o for o in cell["outputs"] if o["output_type"] == "execute_result"]
    return float("".join(results[-1]["data"]["text/plain"]))
