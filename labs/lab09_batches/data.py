"""The events of a night: two SQLite files, built once and changed by no run. The larger has four times the events.

A record is arithmetic on a digest, so the judge makes it again where it needs the truth, and never reads it from a file.
"""

from __future__ import annotations

import _sqlite3
import bisect
import fcntl
import functools
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import labs
from labs.lab09_batches import model

VERSION = 3
EVENTS = {"small": 8_000, "large": 32_000}
SLICE = 500
"""Events that are made at a time: nothing here may take the memory that a run is about."""
POISON = {
    1_700: model.FINITE, 5_200: model.TEXT, 5_330: model.LENGTH, 7_999: model.TEXT, 9_900: model.FINITE,
    13_400: model.LENGTH, 17_000: model.TEXT, 21_000: model.FINITE, 25_000: model.TEXT, 28_500: model.LENGTH,
    31_999: model.FINITE,
}  # fmt: skip
"""Places of the records that the model refuses. Two stand in one batch of 512, each with its own reason; one is
the last event of each file, where a night that counts only scores takes it for undone."""
ALIKE = {6_001: 6_000, 12_345: 12_300}
"""Events whose record is that of an event before them, in the same batch of 64 or another."""
GAPS, GAP = (4_321, 21_700), 100_000
"""Before the events at these places so many ids are missing: a day was deleted."""
SCHEMA = "create table events (id integer primary key, payload not null)"


class DataError(RuntimeError):
    """The events can be neither found nor built; the message says why and what to do."""


def event_id(place: int) -> int:
    """The id of the event at this place: ids grow, with small gaps between them, and two wide ones."""
    return 7 * place + 1 + (place * place) % 7 + GAP * sum(place >= gap for gap in GAPS)


def alike(size: str) -> set[int]:
    """The ids of the events of a file that share their record with another."""
    return {event_id(place) for pair in ALIKE.items() for place in pair if place < EVENTS[size]}


def passed(event: float) -> int:
    """How many events of the large file have an id up to this one."""
    return bisect.bisect_right(range(EVENTS["large"]), event, key=event_id)


def values(first: int, last: int) -> np.ndarray:
    """The whole numbers 0 to 255 of the records at the places first to last - 1, shape (last - first, VALUES), uint8."""
    made = [
        hashlib.shake_128(f"event {ALIKE.get(place, place)}".encode()).digest(model.VALUES) for place in range(first, last)
    ]
    return np.frombuffer(b"".join(made), dtype=np.uint8).reshape(last - first, model.VALUES)


def payload(place: int, row: np.ndarray) -> bytes | str:
    """The record at this place as it is stored: float32 in bytes, or one that the model refuses."""
    refused = POISON.get(place, "")
    record = row.astype(np.float32)
    if refused == model.TEXT:
        return " ".join(f"{value:g}" for value in record)
    if refused == model.FINITE:
        record[17] = np.nan
    return bytes(record.tobytes()[: -4 if refused == model.LENGTH else None])


@functools.cache
def scores(size: str, version: int) -> dict[int, int]:
    """The score of each event of a file that can be scored, by its id: what a right night writes."""
    weights, right = model.weights(version), dict[int, int]()
    for first in range(0, EVENTS[size], SLICE):
        found = values(first, first + SLICE).astype(np.float32) @ weights
        right.update({event_id(first + i): int(score) for i, score in enumerate(found) if first + i not in POISON})
    return right


def refused(size: str) -> dict[int, str]:
    """What the model says of each event of a file that it refuses, by its id."""
    return {event_id(place): reason for place, reason in POISON.items() if place < EVENTS[size]}


def folder() -> Path:
    """Where the files are kept: `work/.data` beside the labs, or /var/tmp where that cannot be written."""
    chosen = labs.ROOT / "work" / ".data"
    if all(os.path.isfile(chosen / file_name(size)) for size in EVENTS):
        return chosen
    if os.access(next(p for p in chosen.parents if p.exists()) if not chosen.exists() else chosen, os.W_OK):
        return chosen
    return Path("/var/tmp") / f"breakfix-{os.getuid()}"  # noqa: S108 - its owner is checked


def file_name(size: str) -> str:
    """The name of a file of events."""
    return f"events-{size}-{VERSION}.sqlite"


def ensure() -> list[Path]:
    """The files with the events, built first where they are missing or cut short. Several processes at once build them once.

    Raises DataError: no place to write to, or no room.
    """
    place = folder()
    paths = [place / file_name(size) for size in EVENTS]
    if all(map(_whole, paths)):
        return paths
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.stat().st_uid not in (os.getuid(), labs.ROOT.stat().st_uid):
            raise DataError(f"{place} belongs to another user; remove it, so that the events can be built there")
        with _locked(place):
            for size, path in zip(EVENTS, paths, strict=True):
                if not _whole(path):
                    _build(size, path)
    except (OSError, sqlite3.Error) as error:
        raise DataError(f"the events cannot be built in {place} ({error}); free 100 MB there, and run again") from error
    return paths


def address(size: str) -> str:
    """The address of a file of events, to read: for sqlite3.connect(..., uri=True)."""
    return f"file:{folder() / file_name(size)}?mode=ro&immutable=1"


def raw_connect(database: str | Path, **options: Any) -> sqlite3.Connection:
    """A connection whose work takes no time of the run, in the simulated world either: for what is not part of it."""
    return sqlite3.connect(database, factory=_sqlite3.Connection, isolation_level=None, **options)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    handle = os.open(place / "events.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _whole(path: Path) -> bool:
    """Was this file built to its end? The build writes the mark last, and its size into it."""
    try:
        with closing(raw_connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as found:
            pages, mark = (found.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "user_version"))
        return bool(pages == mark > 0 and path.stat().st_size == pages * 4096)
    except (OSError, sqlite3.Error):
        return False


def _build(size: str, path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(raw_connect(part)) as made:
            made.executescript(f"pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off; {SCHEMA}")
            for first in range(0, EVENTS[size], SLICE):
                rows = values(first, first + SLICE)
                made.execute("begin")
                stored = [(event_id(first + i), payload(first + i, row)) for i, row in enumerate(rows)]
                made.executemany("insert into events values (?, ?)", stored)
                made.execute("commit")
            made.execute(f"pragma user_version = {made.execute('pragma page_count').fetchone()[0]}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
