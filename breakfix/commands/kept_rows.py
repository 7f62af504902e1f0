"""The finished rows of `make release-check`: one line of JSON per repair, so that it can be stopped and run again.

A row's key is the digest of all that the row depends on; after any change of that, the repair is judged again. A line that
cannot be read counts as absent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_LINES = 5_000
"""The number of rows that are kept, the newest ones: each change of a check leaves old rows behind."""


def key_of(lab: Any, name: str, code: Path, *more: object) -> str:
    """The digest of all that a repair's row depends on; `code` is the file that makes the row."""
    from labs.kit.worlds.fingerprint import digest, verdict_fingerprint

    return digest(verdict_fingerprint(lab, lab.fix(name).source), name, code.read_text(encoding="utf-8"), repr(more))


def file_of(table: str) -> Path:
    """The file with this user's kept rows of a table."""
    from labs.kit.worlds.run_cache import user_folder

    return user_folder() / "release" / f"{table}.jsonl"


class KeptRows:
    """The rows in one file, as plain values. A file that cannot be read or written only costs time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.rows: dict[str, Any] = {}
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        for line in lines:
            try:
                kept = json.loads(line)
                self.rows[str(kept["key"])] = kept["row"]
            except (ValueError, TypeError, KeyError, RecursionError):
                continue
        if len(lines) > MOST_LINES:
            self._write("w", list(self.rows)[-MOST_LINES:])

    def add(self, key: str, row: Any) -> None:
        """Keep a row; it is in the file when this returns."""
        self.rows[key] = row
        self._write("a", [key])

    def _write(self, mode: str, keys: Sequence[str]) -> None:
        lines = "".join(json.dumps({"key": key, "row": self.rows[key]}) + "\n" for key in keys)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open(mode, encoding="utf-8") as out:
                out.write(lines)
        except OSError:
            return


def told(done: int, of: int) -> str:
    """The number of repairs left, in one line."""
    return f"{done} of {of} repairs are done, {of - done} left."
