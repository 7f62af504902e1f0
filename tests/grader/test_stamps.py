"""Stamps of built notebooks: whatever a page depends on makes its stamp no longer fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labs
from grader import stamps

LAB = "lab06_retries"


@pytest.fixture
def fitting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of stamps in which each lab's fits."""
    file = tmp_path / stamps.STAMPS
    file.parent.mkdir()
    file.write_text(json.dumps({name: stamps.stamp(name) for name in labs.ours()}))
    monkeypatch.setattr(stamps, "read", lambda home, read=stamps.read: read(tmp_path))
    monkeypatch.setenv(stamps.PAGES, "changed")
    return file


def test_where_all_fit_one_page_has_its_turn(fitting: Path) -> None:
    """Nothing has changed: exactly one lab is executed, the same one each time."""
    assert len(stamps.to_execute()) == 1
    assert stamps.to_execute() == stamps.to_execute()


def test_unless_asked_all_are_executed(fitting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs pytest by hand gets every page."""
    monkeypatch.delenv(stamps.PAGES)
    assert stamps.to_execute() == set(labs.ours())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"lab06_retries": 5}'])
def test_a_broken_file_fits_nobody(fitting: Path, text: str) -> None:
    """A file that cannot be read is as none: every page is executed."""
    fitting.write_text(text)
    assert stamps.to_execute() == set(labs.ours())


@pytest.mark.parametrize("changed", ["notebook.py", "broken.py", "record.py", "build.py", f"{LAB}.ipynb"])
def test_whatever_a_page_depends_on_changes_its_stamp(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """The chapter, a repair, the kit, the grader, and what was built."""
    before, read = stamps.stamp(LAB), stamps._text
    seen = []

    def text(file: Path) -> str:
        seen.extend([file] if file.name == changed else [])
        return read(file) + "#" * (file.name == changed)

    monkeypatch.setattr(stamps, "_text", text)
    assert stamps.stamp(LAB) != before
    assert seen


@pytest.mark.parametrize(("stamp", "elsewhere"), [("Python 3.99.0, SQLite 3: ab", True), ("ab", False), (None, False)])
def test_a_stamp_of_another_toolchain_is_known(tmp_path: Path, stamp: str | None, elsewhere: bool) -> None:
    """It names the toolchain; where it names none, or there is no stamp, the page is compared to the byte."""
    file = tmp_path / stamps.STAMPS
    file.parent.mkdir()
    file.write_text(json.dumps({} if stamp is None else {LAB: stamp}))
    assert stamps.built_elsewhere(tmp_path, LAB) is elsewhere
    file.write_text(json.dumps({LAB: stamps.stamp(LAB)}))
    assert not stamps.built_elsewhere(tmp_path, LAB)
