"""The dashboard in a browser, steered by clicking: `breakfix start`, one notebook, the retry lab."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from tests import browser

LAB = "lab06_retries"
PATIENCE_MS = 120_000
"""Waiting ends here in a test that is going to fail; none passes by it."""


@pytest.fixture(scope="module")
def chromium() -> str:
    """Chromium."""
    return browser.chromium_or_skip()


OPENED = f'import labs\n\nlab = labs.open_lab("{LAB}")\n'
STEERED = [
    OPENED + 'get_ipython().run_cell_magic("fix", "", lab.lab.fix("reference").source)\n'
    'board = lab.dashboard("broken", seconds=600)',
    "print(board.run.status, sorted({e.kind for e in board.run.events()} - {'debit'}), board.running)",
]
"""The reference repair, and a dashboard that begins with the broken code."""
WAITING = """import time
from pathlib import Path
from labs.kit.notebook import progress_bar

with progress_bar.bar("A long wait"):
    while not Path("go_on").exists():
        time.sleep(0.1)
"""


def write_notebook(folder: Path, cells: list[str]) -> None:
    """A notebook of these cells."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, folder / "board.ipynb")


def run_cell(page: Page, number: int) -> None:
    """Run one cell, and wait until the kernel is idle."""
    page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def steered_processes() -> list[psutil.Process]:
    """The processes of live runs below this one."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(word.startswith("labs.kit.worlds.live.") for word in process.cmdline()):
                found.append(process)
        except psutil.Error:  # it has just ended
            continue
    return found


def moves(page: Page) -> None:
    """Wait until the curves are others than now."""
    line = page.locator("svg path.line").first
    expect(line).not_to_have_attribute("d", str(line.get_attribute("d")), timeout=PATIENCE_MS)


def press(page: Page, text: str) -> None:
    """Click a button of the dashboard."""
    page.locator(".jp-OutputArea button", has_text=re.compile(rf"^\s*{re.escape(text)}\s*$")).click()


def words(page: Page, text: str) -> Locator:
    """A text in the picture."""
    return page.locator("svg text", has_text=text).first


def test_a_run_is_steered_by_clicking(chromium: str, tmp_path: Path) -> None:
    """Start: charts move. A fault, less load and a deploy show as marks. Stop: no process is left, the record is there."""
    with browser.started(tmp_path) as server, browser.page(chromium, "dashboard") as page:
        write_notebook(server.work / LAB, STEERED)
        page.goto(server.url.replace("START.md", f"{LAB}/board.ipynb"))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        run_cell(page, 0)
        press(page, "Start")
        words(page, "in time").wait_for(timeout=PATIENCE_MS)
        assert {"labs.kit.worlds.live.load", "labs.kit.worlds.live.proxy"} <= {p.cmdline()[-1] for p in steered_processes()}
        moves(page)
        words(page, "Stall on").wait_for(timeout=PATIENCE_MS)  # the scenario's own
        words(page, "Stall off").wait_for(timeout=PATIENCE_MS)
        browser.look(page, "dashboard-broken")
        press(page, "black hole (shop->payments)")
        words(page, "BlackHole on").wait_for(timeout=PATIENCE_MS)
        press(page, "black hole (shop->payments)")
        words(page, "BlackHole off").wait_for(timeout=PATIENCE_MS)
        press(page, "Deploy your repair")
        words(page, "payments runs your repair").wait_for(timeout=PATIENCE_MS)
        press(page, "x0.5")
        words(page, "load x0.5").wait_for(timeout=PATIENCE_MS)
        moves(page)
        browser.look(page, "dashboard-steered")
        press(page, "Stop")
        page.locator(".breakfix-status", has_text="Steered runs are not graded").wait_for(timeout=PATIENCE_MS)
        assert steered_processes() == []
        browser.look(page, "dashboard-ended")
        run_cell(page, 1)
        said = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
        expect(said).to_contain_text("['deploy', 'fault off', 'fault on', 'load'] False", timeout=PATIENCE_MS)


def test_the_middle_first_and_a_page_closed_in_a_wait(chromium: str, tmp_path: Path) -> None:
    """A cell run before the first one says so; figures have their text; a page opened again in a wait shows its bar."""
    with browser.started(tmp_path) as server, browser.page(chromium, "middle") as page:
        write_notebook(server.work / LAB, ["%%fix\nx = 1", OPENED, "lab.chart(lab.run())", WAITING])
        page.goto(server.url.replace("START.md", f"{LAB}/board.ipynb"))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        expect(page.locator(".cm-lineNumbers").first).to_be_visible()
        run_cell(page, 0)
        page.get_by_text("This kernel has not opened the lab yet").wait_for()
        run_cell(page, 1)
        run_cell(page, 2)
        figure = page.locator(".jp-OutputArea img").first
        expect(figure).to_have_attribute("alt", re.compile("the broken code, outage: 29 orders"), timeout=PATIENCE_MS)
        run_cell(page, 3)
        page.get_by_text("s so far.").wait_for()
        page.keyboard.press("ControlOrMeta+s")
        program = page.context.browser
        assert program is not None
        page.close()
        again = program.new_page()
        again.goto(server.url.replace("START.md", f"{LAB}/board.ipynb"))
        again.get_by_text("A long wait").first.wait_for(timeout=PATIENCE_MS)
        assert again.get_by_text("Error displaying widget").count() == 0
        browser.look(again, "closed-and-opened")
        (server.work / LAB / "go_on").touch()
        again.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
