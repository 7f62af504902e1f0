"""The learner's working copy, and what `breakfix start` answers to bad input."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import anyio.to_thread
import pytest

import labs
from breakfix import start as starting
from breakfix.copies import NotBuilt, bring, bring_reference, write_start_page
from tests import browser

LAB = "lab06_retries"
DAY = date(2026, 2, 3)


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """A folder of releases with one lab in it."""
    publish(tmp_path / "notebooks", "first release")
    return tmp_path / "notebooks"


def publish(notebooks: Path, text: str) -> None:
    """Put a release in place."""
    (notebooks / LAB).mkdir(parents=True, exist_ok=True)
    (notebooks / LAB / f"{LAB}.ipynb").write_text(text)


def mine(work: Path) -> Path:
    """The learner's notebook."""
    return work / LAB / f"{LAB}.ipynb"


def test_first_start_copies_the_release(tmp_path: Path, notebooks: Path) -> None:
    """An empty working copy gets the release, and nothing is told."""
    assert bring(LAB, tmp_path, notebooks=notebooks) == ""
    assert mine(tmp_path).read_text() == "first release"


def test_an_edit_is_never_overwritten(tmp_path: Path, notebooks: Path) -> None:
    """An edited copy stays as it is when a newer release comes, and the learner is told how to get that one."""
    bring(LAB, tmp_path, notebooks=notebooks)
    mine(tmp_path).write_text("my repair")
    assert bring(LAB, tmp_path, notebooks=notebooks) == ""
    publish(notebooks, "second release")
    assert f"breakfix start {LAB} --fresh" in bring(LAB, tmp_path, notebooks=notebooks)
    assert mine(tmp_path).read_text() == "my repair"


def test_an_untouched_copy_follows_the_release(tmp_path: Path, notebooks: Path) -> None:
    """A copy that nobody changed becomes the newer release by itself, and says so once."""
    bring(LAB, tmp_path, notebooks=notebooks)
    publish(notebooks, "second release")
    assert "newer release" in bring(LAB, tmp_path, notebooks=notebooks)
    assert mine(tmp_path).read_text() == "second release"
    assert bring(LAB, tmp_path, notebooks=notebooks) == ""


def test_fresh_keeps_the_old_one_beside_it(tmp_path: Path, notebooks: Path) -> None:
    """--fresh puts the release in place; every earlier notebook of the learner is kept under a dated name of its own."""
    bring(LAB, tmp_path, notebooks=notebooks)
    for edit in ("my repair", "my second repair"):
        mine(tmp_path).write_text(edit)
        assert "kept beside it" in bring(LAB, tmp_path, notebooks=notebooks, fresh=True, today=DAY)
        assert mine(tmp_path).read_text() == "first release"
    assert (tmp_path / LAB / f"{LAB}-2026-02-03.ipynb").read_text() == "my repair"
    assert (tmp_path / LAB / f"{LAB}-2026-02-03-2.ipynb").read_text() == "my second repair"


def test_fresh_of_an_unchanged_copy_makes_no_second_one(tmp_path: Path, notebooks: Path) -> None:
    """Where the copy is the release already, --fresh leaves one notebook."""
    bring(LAB, tmp_path, notebooks=notebooks)
    assert bring(LAB, tmp_path, notebooks=notebooks, fresh=True, today=DAY) == ""
    assert [p.name for p in (tmp_path / LAB).iterdir()] == [f"{LAB}.ipynb"]


@pytest.mark.parametrize("ledger", ["", "{", "[1, 2]", '{"lab06_retries": 7}'])
def test_a_damaged_ledger_loses_nothing(tmp_path: Path, notebooks: Path, ledger: str) -> None:
    """Without a readable note of what was copied, an edit is still kept."""
    bring(LAB, tmp_path, notebooks=notebooks)
    mine(tmp_path).write_text("my repair")
    (tmp_path / ".breakfix/copied.json").write_text(ledger)
    publish(notebooks, "second release")
    bring(LAB, tmp_path, notebooks=notebooks)
    assert mine(tmp_path).read_text() == "my repair"


def test_a_lab_without_a_notebook_says_how_to_build_it(tmp_path: Path) -> None:
    """The error names the command that makes the notebook."""
    with pytest.raises(NotBuilt, match=f"breakfix build {LAB}"):
        bring(LAB, tmp_path, notebooks=tmp_path / "none")


def test_the_start_page_links_to_every_lab(tmp_path: Path) -> None:
    """START.md has one row for each lab, with a link that is relative to it."""
    page = write_start_page(tmp_path).read_text()
    for name in labs.names():
        lab = labs.load(name)
        assert f"[{lab.title}]({name}/{name}.ipynb)" in page
        assert lab.failure in page
    assert "LABS" not in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("lab99",), LAB), (("",), LAB), ((None, None, True), "--fresh needs the name of a lab")],
)
def test_bad_input_is_one_line(arguments: tuple[str | None, ...], told: str) -> None:
    """An unknown lab, or --fresh without a lab, ends with exit code 2 and one line that lists the labs."""
    code = (
        "import sys; from breakfix.start import start; a = eval(sys.argv[1]); sys.exit(start(a[0], False, fresh=len(a) > 2))"
    )
    done = subprocess.run([sys.executable, "-c", code, repr(arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr
    assert LAB in done.stderr


def test_a_work_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the working copy cannot be written, one line names the folder and the way out."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "file" / "work"))
    assert starting.start(None, False) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert str(tmp_path / "file") in told
    assert "BREAKFIX_WORK" in told


@pytest.mark.parametrize(
    ("platform", "environment", "screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"SSH_CONNECTION": "a 1 b 2", "WAYLAND_DISPLAY": "wayland-0"}, False),
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "a 1 b 2"}, False),
    ],
)
def test_a_browser_opens_only_where_there_is_a_screen(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], screen: bool
) -> None:
    """A display, or macOS, means a screen; a session over ssh without a display does not."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert starting.has_screen() is screen


def test_two_that_start_at_once_are_two_places(tmp_path: Path) -> None:
    """Each listens where it says, and knows the token that it told."""
    homes = [tmp_path / "one", tmp_path / "other"]
    for home in homes:
        home.mkdir()
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(lambda home: stack.enter_context(browser.started(home)), homes))
        addresses = [urlsplit(server.url) for server in servers]
        assert addresses[0].port != addresses[1].port
        for address in addresses:
            with urllib.request.urlopen(f"http://{address.netloc}/api/contents?{address.query}", timeout=60) as answer:
                assert answer.status == 200


def test_a_second_start_on_one_folder_names_the_first(tmp_path: Path) -> None:
    """It starts no other server: it says where the one is that runs, and opens the page that was asked for."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER_")}
    with browser.started(tmp_path) as server:
        second = subprocess.run(
            [str(Path(sys.executable).parent / "breakfix"), "start", LAB, "--no-browser"],
            env={**env, "HOME": str(tmp_path), "BREAKFIX_WORK": str(server.work)},
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert second.returncode == 0, second.stderr
        assert f"runs on this folder already: http://127.0.0.1:{urlsplit(server.url).port}/lab/tree/{LAB}" in second.stdout
        assert starting.running_at(tmp_path / "elsewhere", "START.md") is None


def test_the_start_page_follows_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running server writes the page anew once a lab's progress has changed, and only then."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    page = starting.StartPage(tmp_path)
    page.look()
    assert not (tmp_path / "START.md").exists()
    (tmp_path / LAB).mkdir()
    (tmp_path / LAB / "progress.json").write_text('{"version": 1, "runs": 2}')
    page.look()
    row = next(line for line in (tmp_path / "START.md").read_text().splitlines() if LAB in line)
    assert row.endswith("| begun |")


def test_docs_and_solutions_are_within_reach(tmp_path: Path) -> None:
    """JupyterLab shows the working copy alone: there are copies of both in it, to read, renewed at each start."""
    course = tmp_path / "course"
    for name in ("docs/dashboard.md", f"solutions/{LAB}/{LAB}.ipynb", "docs/tool.py"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text("first")
    for text in ("first", "second"):
        (course / "docs/dashboard.md").write_text(text)
        bring_reference(tmp_path / "work", course)
        assert (tmp_path / "work/docs/dashboard.md").read_text() == text
    assert (tmp_path / "work/docs/dashboard.md").stat().st_mode & 0o222 == 0
    assert (tmp_path / "work/solutions" / LAB / f"{LAB}.ipynb").exists()
    assert not (tmp_path / "work/docs/tool.py").exists()


def test_no_thread_of_a_request_outlives_the_server() -> None:
    """A request that is under way when the loop stops is ended, and so is the thread that has read a file for it."""
    loop, before = asyncio.new_event_loop(), set(threading.enumerate())

    async def request() -> None:
        await anyio.to_thread.run_sync(Path.cwd)
        loop.stop()
        await asyncio.Event().wait()

    under_way = loop.create_task(request())
    loop.run_forever()
    [reads] = set(threading.enumerate()) - before
    assert not under_way.done()
    loop.run_until_complete(starting.end_tasks())
    reads.join(60)
    assert under_way.cancelled()
    assert not reads.is_alive()
    loop.close()
