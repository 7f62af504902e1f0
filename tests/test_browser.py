"""What a learner sees in a browser: `breakfix start`, the start page, the first lab."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

import labs
from tests import browser

LAB = os.environ.get("BREAKFIX_BROWSER_LAB", labs.names()[0])
"""CI looks at the first lab; whoever has changed another names it."""


@pytest.fixture(scope="module")
def chromium() -> str:
    """Chromium."""
    return browser.chromium_or_skip()


def test_start_page_leads_to_every_lab(chromium: str, tmp_path: Path) -> None:
    """`breakfix start` opens a rendered start page that links to each lab, with no question or news on top of it."""
    with browser.started(tmp_path) as server, browser.page(chromium, "start") as page:
        page.goto(server.url)
        page.locator(".jp-RenderedMarkdown h1", has_text="Break/Fix").wait_for()
        links = page.locator(".jp-RenderedMarkdown table a")
        assert links.all_inner_texts() == [labs.load(name).title for name in labs.names()]
        page.wait_for_timeout(1000)
        browser.look(page, "start")
        assert page.locator(".jp-Dialog").count() == 0
        assert page.locator(".Toastify__toast").count() == 0
        for name in labs.names():
            page.locator(".jp-RenderedMarkdown table a", has_text=labs.load(name).title).click()
            page.locator(f".lm-TabBar-tabLabel:text-is('{name}.ipynb')").wait_for()
            page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
            page.locator(".lm-TabBar-tabLabel:text-is('START.md')").click()
        # The page must not go while a kernel or its channel is opening: Jupyter's server answers that with a traceback.
        page.wait_for_function(
            "async names => { const all = await (await fetch('/api/sessions')).json();"
            " return names.every(name => all.some(s => s.path.endsWith(`/${name}.ipynb`)))"
            " && all.every(s => s.kernel.execution_state === 'idle' && s.kernel.connections > 0); }",
            arg=labs.names(),
        )


def test_released_lab_runs_to_its_end(chromium: str, tmp_path: Path) -> None:
    """Run All on the lab as released reaches the last cell without an error, and every verdict shows as a card worth 0."""
    with browser.started(tmp_path, LAB) as server, browser.page(chromium, "released") as page:
        page.goto(server.url)
        notebook = browser.run_all(page, server.work / LAB / f"{LAB}.ipynb")
        assert browser.outputs(notebook, "error") == []
        cells = browser.verdict_cells(notebook)
        assert len(cells) >= len([c for c in labs.load(LAB).checks if not c.gate])
        assert {browser.points(cell) for cell in cells} == {0.0}
        cards = _cards_in_sight(page, "released")
        for check in labs.load(LAB).checks:
            assert any(check.title in card for card in cards), (check.title, cards)


def test_pasted_repair_earns_all_points(chromium: str, tmp_path: Path) -> None:
    """The reference repair, pasted into the repair cell of the released lab, earns every point that a repair can earn."""
    lab = labs.load(LAB)
    with browser.started(tmp_path, LAB) as server, browser.page(chromium, "repaired") as page:
        page.goto(server.url)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        browser.write_cell(browser.cell_with(page, "%%fix"), "%%fix\n" + lab.fix("reference").source)
        notebook = browser.run_all(page, server.work / LAB / f"{LAB}.ipynb")
        assert browser.outputs(notebook, "error") == []
        earned = sum(browser.points(cell) for cell in browser.verdict_cells(notebook))
        assert earned == pytest.approx(lab.max_points)
        cards = _cards_in_sight(page, "repaired")
        assert any(re.search(r"\bpass", card, re.IGNORECASE) for card in cards), cards


def _cards_in_sight(page: Page, name: str) -> set[str]:
    """The texts of all verdict cards that the browser draws, and no error output among the cells."""
    found: set[str] = set()
    for _ in browser.scroll(page, name):
        found.update(page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .breakfix-card").all_inner_texts())
        assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    return found
