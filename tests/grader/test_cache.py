"""The cache of verdicts: keyed by all that a verdict depends on, and never in the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import labs
from grader import cache
from labs.kit.worlds import fingerprint
from tests.grader.conftest import NAME, Course


def test_the_key_changes_with_everything_that_a_verdict_depends_on(course: Course) -> None:
    """Another repair, seed, order of seeds, secret or lab: another key; the same again: the same."""
    tiny = labs.load(NAME)
    base = cache.key(tiny, "x = 1", (0, 1), "")
    assert base == cache.key(tiny, "x = 1", [0, 1], "")
    others = [
        cache.key(tiny, "x = 2", (0, 1), ""),
        cache.key(tiny, "x = 1", (0, 2), ""),
        cache.key(tiny, "x = 1", (1, 0), ""),
        cache.key(tiny, "x = 1", (0, 1), "s"),
        cache.key(replace(tiny, entry="front"), "x = 1", (0, 1), ""),
    ]
    assert len({base, *others}) == 6


def test_the_key_changes_with_the_code_that_judges_and_not_with_the_chapter(course: Course) -> None:
    """A new check makes old verdicts void; a new sentence in the chapter, or another repair in fixes/, does not."""

    def key() -> str:
        fingerprint.forget()
        return cache.key(labs.load(NAME), "x = 1", (0,), "")

    lab = course.root / "labs" / NAME
    before = key()
    (lab / "notebook.py").write_text("# another chapter")
    (lab / "fixes" / "right_other.py").write_text("LIMIT = 6")
    assert key() == before
    (lab / "broken.py").write_text("LIMIT = 999")
    assert key() != before


def test_what_is_written_is_read_and_no_half_file_is_left(course: Course) -> None:
    """Written whole and renamed: nothing else lies in the folder afterwards."""
    assert cache.read("ab" * 32) is None
    cache.write("ab" * 32, "text")
    assert cache.read("ab" * 32) == "text"
    assert [p.name for p in cache.folder().rglob("*") if p.is_file()] == ["ab" * 32 + ".json"]


def test_a_folder_that_cannot_be_written_only_costs_time(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BREAKFIX_CACHE names a file, say: nothing is kept, nothing fails."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BREAKFIX_CACHE", str(tmp_path / "file"))
    cache.write("ab" * 32, "text")
    assert cache.read("ab" * 32) is None
