"""The connection to the scores that a night is given: a database whose disk stalls at times, just before or just after a
commit has become durable. What was committed then is there after a kill, or is not; the repair cannot know which."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

BEFORE, AFTER, ASIDE = "before", "after", "aside"
Stall = tuple[float, float, str]
"""From when to when a commit waits, in seconds of the run, and whether BEFORE or AFTER it is durable. ASIDE: before it, if
it has a row for set_aside."""
_ENDS = ("commit", "end")
_WRITES = ("insert", "replace", "update", "delete")


def open_store(file: str, stalls: Sequence[Stall], now: Callable[[], float]) -> sqlite3.Connection:
    """The database in which a night keeps its scores. Any thread may use the connection, one at a time."""

    def wait(which: str) -> None:
        for begin, end, when in stalls:
            if when == which and begin <= now() < end:
                time.sleep(end - now())

    aside = False

    def durable(call: Callable[[], Any], commits: bool) -> Any:
        nonlocal aside
        if not commits:
            return call()
        if aside:
            wait(ASIDE)
        aside = False
        wait(BEFORE)
        done = call()
        wait(AFTER)
        return done

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *args: Any) -> Any:
            return durable(lambda: super(Cursor, self).execute(sql, *args), self._commits(sql))

        def executemany(self, sql: str, *args: Any) -> Any:
            return durable(lambda: super(Cursor, self).executemany(sql, *args), self._commits(sql))

        def executescript(self, sql: str) -> Any:
            return durable(lambda: super(Cursor, self).executescript(sql), self.connection.in_transaction)

        def _commits(self, sql: str) -> bool:
            nonlocal aside
            word = sql.lstrip().lower()
            aside = aside or (word.startswith(_WRITES) and "set_aside" in word)
            if self.connection.in_transaction:
                return word.startswith(_ENDS)
            return self.connection.isolation_level is None and word.startswith(_WRITES)

    class Store(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, *args: Any) -> Any:  # sqlite3's own would make its cursor without asking
            return self.cursor().execute(*args)

        def executemany(self, *args: Any) -> Any:
            return self.cursor().executemany(*args)

        def executescript(self, *args: Any) -> Any:
            return self.cursor().executescript(*args)

        def commit(self) -> None:
            durable(super().commit, self.in_transaction)

        def __exit__(self, *error: Any) -> Any:
            return durable(lambda: super(Store, self).__exit__(*error), self.in_transaction and error[0] is None)

    return sqlite3.connect(file, factory=Store, check_same_thread=False)
