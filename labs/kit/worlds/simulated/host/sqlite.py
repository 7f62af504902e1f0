"""SQLite in a simulated host: queries run for real, and their work is charged to the virtual clock.

The work is counted in steps and pages by the SQLite library that Python is linked with (see service/sqlite_cost.py). The
charge does not hold the interpreter lock, which SQLite releases too.

SQLite would wait for a locked database on the machine's clock; a busy handler makes it wait in virtual time. A statement is
charged while it runs, in slices, and for its durable write before it gives its lock back: so its locks last in virtual time
for as long as it does.

If Python hides the library's functions (SQLite is built in), statements are charged by their steps, in thousands, once they
have ended, and only single statements and commits wait for locks: costs are then too coarse to compare indexes, and a
statement outside a transaction holds its lock for no time.
"""

from __future__ import annotations

import ctypes
import re
import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any

from labs.kit.service import sqlite_cost
from labs.kit.service.sqlite_cost import Counts
from labs.kit.worlds.simulated.host.kernel import Kernel, SimThread

STEP_NS, HIT_NS, MISS_NS, WRITE_NS = 20, 50, 700, 2_000
"""The cost of one step of SQLite's virtual machine, of a cached page, of a page that is not cached, of a written page."""
CALL_NS = 10_000
"""The fixed cost of a statement: to prepare it, and to call SQLite from Python."""
SYNC_NS = 1_000_000
"""The cost of a durable write. A disk of the 2020s needs 0.1 to 5 ms."""
BUSY_MS = (1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100)
"""SQLite's own back-off when a database is locked."""
FETCHES_A_CHARGE = 32
STEPS_A_LOOK = 1_000
STEPS_A_SLICE = 10_000
"""How many steps a statement makes before it is charged for them: 0.2 ms."""

_BUSY_PRAGMA = re.compile(r"\s*pragma\s+busy_timeout\s*(?:=\s*|\(\s*)?(\d+)?\s*\)?\s*;?\s*", re.IGNORECASE)
_MULTITHREAD = 2  # SQLITE_CONFIG_MULTITHREAD
_BUSY_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class Library(sqlite_cost.Library):
    """The SQLite library that Python is linked with, and what it calls while it works. Raises OSError if its functions are
    hidden."""

    def __init__(self) -> None:
        super().__init__()
        self._without_mutexes()
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self._c.sqlite3_busy_handler.argtypes = [pointer, _BUSY_HANDLER, pointer]
        self._c.sqlite3_progress_handler.argtypes = [pointer, number, _HOOK, pointer]
        self._c.sqlite3_commit_hook.argtypes = [pointer, _HOOK, pointer]
        self._c.sqlite3_commit_hook.restype = pointer
        self._c.sqlite3_db_filename.argtypes = [pointer, ctypes.c_char_p]
        self._c.sqlite3_db_filename.restype = ctypes.c_char_p
        self._connections: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        # One of each for all: they must outlive every connection.
        self._busy, self._progress, self._commit = (
            _BUSY_HANDLER(self._on_busy),
            _HOOK(self._on_slice),
            _HOOK(self._on_commit),
        )

    def _without_mutexes(self) -> None:
        """Let SQLite take no mutex of its own; to be called before the first connection.

        Only one thread of a host runs at a time. But a thread that waits in the busy handler would keep its connection's
        mutex, and another one that merely drops a cursor of that connection would wait for it, on the machine's clock.
        """
        self._c.sqlite3_shutdown()
        self._c.sqlite3_config(_MULTITHREAD)
        self._c.sqlite3_initialize()

    def attend(self, connection: Any) -> None:
        """Make SQLite call `connection.wait(tries)` when it meets a lock, and try again if the result is True;
        `connection.slice_done()` each STEPS_A_SLICE steps; `connection.syncs()` before it makes a transaction durable.
        """
        handle = self.handle(connection)
        self._connections[handle] = connection
        self._c.sqlite3_busy_handler(handle, self._busy, handle)
        self._c.sqlite3_progress_handler(handle, STEPS_A_SLICE, self._progress, handle)
        if self._c.sqlite3_db_filename(handle, b"main"):  # not in memory
            self._c.sqlite3_commit_hook(handle, self._commit, handle)

    def _on_busy(self, handle: int, tries: int) -> int:
        connection = self._connections.get(handle)
        return int(connection is not None and connection.wait(tries))

    def _on_slice(self, handle: int) -> int:
        if (connection := self._connections.get(handle)) is not None:
            connection.slice_done()
        return 0  # go on

    def _on_commit(self, handle: int) -> int:
        if (connection := self._connections.get(handle)) is not None:
            connection.syncs()
        return 0  # commit


def find_library() -> Library | None:
    """The library, or None if its functions are hidden."""
    try:
        return Library()
    except OSError:
        return None


def cost_ns(counts: Counts) -> int:
    """The cost of the steps and pages, in virtual ns, without the durable write."""
    steps, hits, misses, writes = counts
    return steps * STEP_NS + hits * HIT_NS + misses * MISS_NS + writes * WRITE_NS


def _plus(some: Counts, more: Counts) -> Counts:
    return some[0] + more[0], some[1] + more[1], some[2] + more[2], some[3] + more[3]


def _count_steps(connection: Any) -> int:
    connection.steps += STEPS_A_LOOK
    return 0


def install(kernel: Kernel, library: Library | None) -> None:
    """Replace sqlite3's connections and cursors. Must run before anything that imports them by name."""

    class Connection(sqlite3.Connection):
        def __init__(self, database: Any, timeout: float = 5.0, *args: Any, **kwargs: Any) -> None:
            self._turn = threading.Lock()  # SQLite's own mutex would block a real thread, and so the whole host
            self._user: SimThread | None = None
            self._busy_ms = round(timeout * 1000)
            self.steps = 0
            self.counted: Counts = (0, 0, 0, 0)  # the sum of all charges, for a meter: each charge sets the counters to 0
            self._during: Counts = (0, 0, 0, 0)  # pages counted while a statement runs, charged with its slices
            self._paid_ns = 0  # charged while it ran
            super().__init__(database, 0.0, *args, **kwargs)
            if library is not None:
                library.attend(self)
            else:
                me = weakref.ref(self)
                super().set_progress_handler(lambda: _count_steps(me()), STEPS_A_LOOK)

        def wait(self, tries: int) -> bool:
            """Sleep before the next try, as SQLite's own handler does; False if the timeout is over."""
            waited = sum(BUSY_MS[:tries]) + BUSY_MS[-1] * max(0, tries - len(BUSY_MS))
            delay = min(BUSY_MS[min(tries, len(BUSY_MS) - 1)], self._busy_ms - waited)
            if delay <= 0:
                return False
            kernel.sleep(delay * 1_000_000)
            return True

        def slice_done(self) -> None:
            """Charge the statement that runs for its last STEPS_A_SLICE steps, and the pages that they took."""
            if library is not None and kernel.live:
                pages = (0, *library.pages(library.handle(self)))
                self._during = _plus(self._during, pages)
                self._charge(STEPS_A_SLICE * STEP_NS + cost_ns(pages))

        def syncs(self) -> None:
            """Charge the transaction that is about to end for its durable write."""
            if kernel.live:
                self._charge(SYNC_NS)

        def _charge(self, ns: int) -> None:
            self._paid_ns += ns
            kernel.cpu(ns, give_way=False, holds_interpreter=False)

        def _due_ns(self) -> int:
            """What the work since the last call costs, without what has been paid."""
            if library is not None:
                counts, self._during = _plus(library.counts(self), self._during), (0, 0, 0, 0)
            else:
                counts, self.steps = (self.steps, 0, 0, 0), 0
            self.counted = _plus(self.counted, counts)
            owed = cost_ns(counts) + (SYNC_NS if counts[3] else 0) - self._paid_ns
            self._paid_ns = max(0, -owed)
            return max(0, owed)

        def _run(self, call: Callable[..., Any], *args: Any, flat: int = 0, retry: bool = False, charge: bool = True) -> Any:
            """Call SQLite, one thread at a time, then charge the call's work."""
            if self._user is kernel.current:  # SQL called a Python function that uses its own connection
                return call(*args)
            with self._turn:
                self._user = kernel.current
                try:
                    return self._with_retries(call, *args) if retry and library is None else call(*args)
                finally:
                    self._user = None
                    if charge and kernel.live:
                        kernel.cpu(flat + self._due_ns(), give_way=False, holds_interpreter=False)

        def _with_retries(self, call: Callable[..., Any], *args: Any) -> Any:
            tries = 0
            while True:
                try:
                    return call(*args)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not self.wait(tries):
                        raise
                    tries += 1

        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(factory or Cursor)

        def execute(self, *args: Any) -> Any:
            return self.cursor().execute(*args)

        def executemany(self, *args: Any) -> Any:
            return self.cursor().executemany(*args)

        def executescript(self, *args: Any) -> Any:
            return self.cursor().executescript(*args)

        def commit(self) -> None:
            self._run(super().commit, flat=CALL_NS, retry=True)

        def rollback(self) -> None:
            self._run(super().rollback, flat=CALL_NS)

        def close(self) -> None:
            self._run(super().close, charge=False)

        def __exit__(self, *exc: Any) -> Any:
            return self._run(super().__exit__, *exc, flat=CALL_NS, retry=True)

    class Cursor(sqlite3.Cursor):
        _fetched = 0

        def execute(self, sql: str, *args: Any) -> Any:
            connection: Any = self.connection
            pragma = _BUSY_PRAGMA.fullmatch(sql) if isinstance(sql, str) else None
            if pragma:  # SQLite would replace this handler with its own
                connection._busy_ms = int(pragma[1] or connection._busy_ms)
                sql = f"select {connection._busy_ms} as timeout"
            return connection._run(super().execute, sql, *args, flat=CALL_NS, retry=True)

        def executemany(self, *args: Any) -> Any:
            connection: Any = self.connection
            return connection._run(super().executemany, *args, flat=CALL_NS)

        def executescript(self, *args: Any) -> Any:
            connection: Any = self.connection
            return connection._run(super().executescript, *args, flat=CALL_NS)

        def fetchall(self) -> list[Any]:
            connection: Any = self.connection
            return connection._run(super().fetchall)  # type: ignore[no-any-return]

        def fetchmany(self, *args: Any, **kwargs: Any) -> list[Any]:
            connection: Any = self.connection
            return connection._run(lambda: super(Cursor, self).fetchmany(*args, **kwargs))  # type: ignore[no-any-return]

        def fetchone(self) -> Any:
            self._fetched += 1
            connection: Any = self.connection
            return connection._run(super().fetchone, charge=self._fetched % FETCHES_A_CHARGE == 0)

        def __next__(self) -> Any:
            self._fetched += 1
            connection: Any = self.connection
            return connection._run(super().__next__, charge=self._fetched % FETCHES_A_CHARGE == 0)

    real_connect = sqlite3.connect

    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) < 5:  # the sixth argument is the factory
            kwargs.setdefault("factory", Connection)
        return real_connect(database, *args, **kwargs)

    for module in (sqlite3, sqlite3.dbapi2):
        replaced: Any = module
        replaced.Connection, replaced.Cursor, replaced.connect = Connection, Cursor, connect
