"""What the judge reads of a file that the code under repair has written, and what such a file cannot do to it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from labs.kit.model.lab import Kept
from labs.kit.worlds import kept_files

ASKED = Kept("views.sqlite", "select sku, views from views order by sku")


def written(folder: Path, *statements: str) -> Path:
    """A database with these statements, all committed."""
    with closing(sqlite3.connect(folder / ASKED.file)) as db, db:
        for statement in ("create table views (sku text, views)", *statements):
            db.execute(statement)
    return folder / ASKED.file


def read(folder: Path, kept: Kept = ASKED) -> dict[str, Any]:
    """The detail of the judge's event."""
    event = kept_files.read_kept(folder, "page", kept, 3.0)
    assert (event.time, event.subject, event.by) == (3.0, "page", "judge")
    found: dict[str, Any] = json.loads(event.detail)
    return found


def test_the_rows_of_the_query_come_back(tmp_path: Path) -> None:
    """Numbers, texts and nulls, in the order of the query."""
    written(tmp_path, "insert into views values ('a', 3), ('b', null), ('c', 0.5)")
    assert read(tmp_path) == {"rows": [["a", 3], ["b", None], ["c", 0.5]]}


def test_what_a_killed_process_had_not_committed_is_undone(tmp_path: Path) -> None:
    """Its journal is beside the file, and pages of the open transaction are in it: the judge sees what was committed."""
    path = written(tmp_path, "insert into views values ('a', 1)")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma cache_size=1")
    db.execute("begin")
    db.execute("update views set views = 99")
    db.executemany("insert into views values (?, ?)", [("x" * 100, n) for n in range(5_000)])  # more than the cache holds
    left = tmp_path / "left"
    left.mkdir()
    for file in (path, path.with_name(f"{path.name}-journal")):
        (left / file.name).write_bytes(file.read_bytes())
    db.close()
    assert (left / f"{path.name}-journal").stat().st_size > 0
    assert read(left) == {"rows": [["a", 1]]}


def test_what_stands_in_the_log_of_a_database_with_wal_is_seen(tmp_path: Path) -> None:
    """A commit that no checkpoint has moved yet."""
    path = written(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode=wal")
        db.execute("insert into views values ('a', 7)")
        db.commit()
        assert read(tmp_path) == {"rows": [["a", 7]]}


def test_the_file_of_the_service_stays_as_it_is(tmp_path: Path) -> None:
    """The judge reads a copy."""
    before = written(tmp_path, "insert into views values ('a', 1)").read_bytes()
    assert read(tmp_path, Kept(ASKED.file, "delete from views returning *")) == {"rows": [["a", 1]]}
    assert (tmp_path / ASKED.file).read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("insert into views values ('a', x'00ff')", "a value that is no number and no text"),
        ("insert into views values ('a', printf('%.*c', 300, 'x'))", "a value that is no number and no text"),
        (
            "insert into views with recursive n(i) as (select 1 union all select i + 1 from n limit 2000) select i, 1"
            " from n",
            "more than 1000 rows",
        ),
        ("drop table views", "no such table: views"),
    ],
)
def test_other_values_are_refused_with_a_reason(tmp_path: Path, statement: str, why: str) -> None:
    """Blobs, long texts, many rows, another schema."""
    written(tmp_path, statement)
    assert why in read(tmp_path)["error"]


def test_a_view_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's CPU time is limited, so a hostile schema cannot hold the judge."""
    monkeypatch.setattr(kept_files, "CPU_S", 1)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i sku, 1 views from n where i < 0"
    written(tmp_path, "drop table views", f"create view views as {endless}")
    assert read(tmp_path) == {"error": "the reader did not come to its end"}


def test_only_a_regular_file_of_bounded_size_is_read(tmp_path: Path) -> None:
    """No link, no pipe, no folder, nothing huge, and a missing file is told as such."""
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = written(outside, "insert into views values ('a', 1)")
    here = tmp_path / "here"
    here.mkdir()
    path = here / ASKED.file
    assert "No such file" in read(here)["error"]
    path.symlink_to(secret)
    assert "error" in read(here)
    path.unlink()
    os.mkfifo(path)
    assert "no regular file" in read(here)["error"]
    path.unlink()
    with path.open("wb") as file:
        file.truncate(kept_files.MOST_BYTES + 1)
    assert "has more than 16 MiB" in read(here)["error"]
    path.write_bytes(b"no database at all " * 100)
    assert read(here) == {"error": "file is not a database"}


def test_a_journal_cannot_make_the_judge_delete_a_file(tmp_path: Path) -> None:
    """A journal that names another file ends the reading: SQLite would look into that file, and delete it."""
    path = written(tmp_path, "insert into views values ('a', 1)")
    other = tmp_path / "other"
    other.write_text("of value")
    name = str(other).encode()
    trailer = b"\0" * 4 + name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + kept_files.SUPER_JOURNAL
    path.with_name(f"{path.name}-journal").write_bytes(b"\0" * 512 + trailer)
    assert "a transaction over several files" in read(tmp_path)["error"]
    assert other.read_text() == "of value"


@pytest.mark.parametrize(
    "answer", [{}, {"rows": 3}, {"rows": [3]}, {"rows": [[[1]]]}, {"rows": [[True]]}, {"rows": [["x" * 201]]}, {"error": 1}]
)
def test_an_answer_of_another_form_is_not_taken(answer: dict[str, Any]) -> None:
    """A reader that was taken over can send anything."""
    assert not kept_files.well_formed(answer)
    assert kept_files.well_formed({"rows": [["a", 1, None, 0.5]]})
    assert kept_files.well_formed({"error": "why"})
