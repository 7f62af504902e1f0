"""Reads rows of a database that the code under repair has written; runs in a process of its own (see kept_files.py).

    python -I -S kept_reader.py SECONDS BYTES ROWS TEXT

Standard input is {"file": ..., "sql": ...}; standard output gets {"rows": [...]} or {"error": "..."}. The file is hostile:
it may be damaged on purpose, or have a view that never ends, so the process limits itself before it opens it. It is a copy
of the judge's, and is opened to be written to: a journal that a killed process left behind is first rolled back, as the
next user of the database would do it.
"""

import contextlib
import json
import resource
import sqlite3
import sys

MEMORY = 1 << 30
"""Address space in bytes: an interpreter and a small database."""


def limit(seconds: int, size: int) -> None:
    """Limit this process to so many seconds of CPU time, and files to so many bytes."""
    for what, most in (
        (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(what, (most, most))


def rows(file: str, sql: str, most_rows: int, most_text: int) -> list[list[object]]:
    """The rows of the query. Raises sqlite3.Error, ValueError."""
    connection = sqlite3.connect(file)
    for pragma in ("trusted_schema=off", "cell_size_check=on", "mmap_size=0"):
        connection.execute(f"pragma {pragma}")
    found = connection.execute(sql).fetchmany(most_rows + 1)
    connection.close()
    if len(found) > most_rows:
        raise ValueError(f"more than {most_rows} rows")
    for value in (value for row in found for value in row):
        if not (value is None or isinstance(value, int | float) or (isinstance(value, str) and len(value) <= most_text)):
            raise ValueError(f"a value that is no number and no text of at most {most_text} characters")
    return [list(row) for row in found]


def main() -> None:
    """Answer one question."""
    seconds, size, most_rows, most_text = map(int, sys.argv[1:])
    limit(seconds, size)
    asked = json.load(sys.stdin)
    try:
        answer: dict[str, object] = {"rows": rows(asked["file"], asked["sql"], most_rows, most_text)}
    except (sqlite3.Error, ValueError, OverflowError, MemoryError) as error:
        answer = {"error": f"{error or type(error).__name__}"[:most_text]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
