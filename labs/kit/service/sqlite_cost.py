"""The work of SQLite: steps of its virtual machine, and pages found in its cache, read and written.

The counts come from the SQLite library that Python is linked with, by its C functions. Steps alone would rank a useless
index above none: it halves the steps, and multiplies the pages. The simulated world charges statements by these counts; a
database service reports them with a `Meter`, in both worlds.

If Python hides these functions (SQLite is built in), there is no library: `find_library` returns None, and the results of a
meter have `known` False.
"""

from __future__ import annotations

import ctypes
import sqlite3
from dataclasses import dataclass
from typing import Any

_FULLSCAN_STEPS, _SORTS, _STEPS = 1, 2, 4  # SQLITE_STMTSTATUS_FULLSCAN_STEP, _SORT, _VM_STEP
_HITS, _MISSES, _WRITES = 7, 8, 9  # SQLITE_DBSTATUS_CACHE_HIT, _MISS, _WRITE

Counts = tuple[int, int, int, int]
"""Steps, pages found in the cache, pages that were not, pages written."""


@dataclass(frozen=True)
class Work:
    """The work of a connection: `scanned` counts rows (or index entries) read by full scans, `sorts` sort operations.

    `known` is False if the library is hidden: then the figures are 0, or only steps, in thousands.
    """

    steps: int = 0
    hits: int = 0
    misses: int = 0
    writes: int = 0
    scanned: int = 0
    sorts: int = 0
    known: bool = True

    def __add__(self, other: Work) -> Work:
        return Work(
            self.steps + other.steps, self.hits + other.hits, self.misses + other.misses, self.writes + other.writes,
            self.scanned + other.scanned, self.sorts + other.sorts, self.known and other.known,
        )  # fmt: skip


class Library:
    """The SQLite library that Python is linked with. Raises OSError if its functions are hidden."""

    def __init__(self) -> None:
        self._c = self._find()
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self._c.sqlite3_next_stmt.restype = pointer
        self._c.sqlite3_next_stmt.argtypes = [pointer, pointer]
        self._c.sqlite3_stmt_status.argtypes = [pointer, number, number]
        self._c.sqlite3_db_status.argtypes = [pointer, number, pointer, pointer, number]
        self._now, self._highest = number(), number()
        self._now_at, self._highest_at = ctypes.byref(self._now), ctypes.byref(self._highest)

    @staticmethod
    def _find() -> Any:
        import _sqlite3

        for place in (getattr(_sqlite3, "__file__", None), None):
            try:
                library = ctypes.CDLL(place)
                library.sqlite3_libversion.restype = ctypes.c_char_p
                version = library.sqlite3_libversion().decode()
            except (OSError, AttributeError):
                continue
            if version == sqlite3.sqlite_version:
                return library
        raise OSError("this Python hides the names of its SQLite library")

    @staticmethod
    def handle(connection: Any) -> Any:
        """The sqlite3* of a connection: the first field after the object's head. None if the connection is closed."""
        return ctypes.c_void_p.from_address(id(connection) + object.__basicsize__).value

    def counts(self, connection: Any) -> Counts:
        """The connection's counts since the last call; each call sets the counters to 0."""
        handle = self.handle(connection)
        if handle is None:
            return 0, 0, 0, 0
        return self._of_statements(handle, _STEPS), *self.pages(handle)

    def pages(self, handle: Any) -> tuple[int, int, int]:
        """Pages found in the cache, not found, and written since the last count; also while a statement runs."""
        return self._pages(handle, _HITS), self._pages(handle, _MISSES), self._pages(handle, _WRITES)

    def scans(self, connection: Any) -> tuple[int, int]:
        """Rows read by full scans, and sorts, since the last call of this method."""
        handle = self.handle(connection)
        if handle is None:
            return 0, 0
        return self._of_statements(handle, _FULLSCAN_STEPS), self._of_statements(handle, _SORTS)

    def _of_statements(self, handle: Any, which: int) -> int:
        total = 0
        statement = self._c.sqlite3_next_stmt(handle, None)
        while statement:
            total += self._c.sqlite3_stmt_status(statement, which, 1)
            statement = self._c.sqlite3_next_stmt(handle, statement)
        return total

    def _pages(self, handle: Any, which: int) -> int:
        self._c.sqlite3_db_status(handle, which, self._now_at, self._highest_at, 1)
        return self._now.value


def find_library() -> Library | None:
    """The library, or None if its functions are hidden."""
    try:
        return Library()
    except OSError:
        return None


class Meter:
    """Measures the work of one connection from one call of `take` to the next, in both worlds.

    A statement's counters are lost when it leaves the connection's cache: call `take` after each statement.
    """

    def __init__(self, connection: Any, library: Library | None) -> None:
        self.connection = connection
        self.library = library
        self._before: Counts = (0, 0, 0, 0)
        self.take()

    def take(self) -> Work:
        """The work since the last call, or since the meter was made."""
        steps, hits, misses, writes = self._counts()
        scanned, sorts = self.library.scans(self.connection) if self.library else (0, 0)
        return Work(steps, hits, misses, writes, scanned, sorts, known=self.library is not None)

    def _counts(self) -> Counts:
        # In the simulated world the code that charges the time has already set the counters to 0: it keeps the sums.
        sums: Counts | None = getattr(self.connection, "counted", None)
        if sums is None:
            return self.library.counts(self.connection) if self.library else (0, 0, 0, 0)
        before, self._before = self._before, sums
        return sums[0] - before[0], sums[1] - before[1], sums[2] - before[2], sums[3] - before[3]
