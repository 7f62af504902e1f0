"""What a service has kept: the judge reads rows of a database file once the service's process has ended (`Kept`).

The code under repair has written the file, so it is hostile. The judge copies it, bounded and without following links, into
a folder of its own, and a child process with limits reads the copy (kept_reader.py). What comes back is bounded JSON.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from labs.kit.model.lab import Kept
from labs.kit.model.names import KEPT
from labs.kit.model.record import Event

READER = Path(__file__).with_name("kept_reader.py")
CPU_S, WAIT_S = 2, 10.0
"""Seconds of CPU time that reading may take, and seconds in all."""
MOST_BYTES, MOST_ROWS, MOST_TEXT, MOST_ANSWER = 16 << 20, 1_000, 200, 1 << 20
"""Bytes of a file, rows, characters of a text, and bytes of the answer."""
BESIDE = ("-journal", "-wal")
"""The files beside a database with what a process had not yet written, or not yet undone, when it ended."""
SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""The end of a journal that names another file: SQLite would read that one, and delete it if it is left over."""


def read_kept(folder: str | Path, service: str, kept: Kept, at: float) -> Event:
    """The event of the record with the rows that a service has kept, or why they could not be read. `at`: the run's end."""
    return Event(at, KEPT, service, json.dumps(_read(Path(folder), kept)))


def _read(folder: Path, kept: Kept) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="breakfix-kept-") as own:
        copy = Path(own, "database")
        try:
            copy.write_bytes(_bytes(folder / kept.file))
            for suffix in BESIDE:
                if os.path.lexists(path := folder / f"{kept.file}{suffix}"):
                    copy.with_name(f"{copy.name}{suffix}").write_bytes(_bytes(path))
        except OSError as error:
            return {"error": f"{kept.file} cannot be read: {error.strerror or error}"}
        return _asked(copy, kept.sql)


def _bytes(path: Path) -> bytes:
    """The contents of a regular file. Raises OSError: it is none, it is too large, or it names a file to be deleted."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path.name} is no regular file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(f"{path.name} has more than {MOST_BYTES >> 20} MiB")
    if data.endswith(SUPER_JOURNAL) and path.name.endswith("-journal"):
        raise OSError(f"{path.name} belongs to a transaction over several files")
    return data


def _asked(copy: Path, sql: str) -> dict[str, Any]:
    """The reader's answer: {"rows": [...]}, or {"error": ...}."""
    limits = map(str, (CPU_S, 2 * MOST_BYTES, MOST_ROWS, MOST_TEXT))
    with tempfile.TemporaryFile() as said:  # no pipe: whoever takes over the reader must not fill the judge's memory
        reader = subprocess.Popen(
            [sys.executable, "-I", "-S", str(READER), *limits],
            stdin=subprocess.PIPE, stdout=said, stderr=subprocess.DEVNULL, cwd=copy.parent, start_new_session=True,
        )  # fmt: skip
        try:
            reader.communicate(json.dumps({"file": copy.name, "sql": sql}).encode(), WAIT_S)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            reader.kill()
            reader.wait()
        said.seek(0)
        answer = said.read(MOST_ANSWER + 1)
    try:
        found = json.loads(answer) if len(answer) <= MOST_ANSWER else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) and well_formed(found) else {"error": "the reader did not come to its end"}


def well_formed(found: dict[str, Any]) -> bool:
    """Has the answer one of its two forms, with plain values?"""
    if isinstance(found.get("error"), str):
        return len(found["error"]) <= MOST_TEXT
    rows = found.get("rows")
    return isinstance(rows, list) and len(rows) <= MOST_ROWS and all(isinstance(row, list) for row in rows) and all(
        value is None or type(value) in (int, float) or (type(value) is str and len(value) <= MOST_TEXT)
        for row in rows for value in row
    )  # fmt: skip
