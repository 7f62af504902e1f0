"""The database server of a live run: the keeper starts it, watches it and restarts it.

All readings come from the server: sessions of the role "app" that began and ended, refusals and errors from the server's
log, states of sessions from pg_stat_activity. The keeper reads these settings of the scenario:

    max_connections    connections for all services together; the watching session has one of its own
    database_setup     SQL that the superuser runs in the database "app" before any service starts; `run.seconds()` gives
                       the second of the run, null before it begins
    database_report    SQL for the end of the run; each row becomes a log "row" of the record, its columns the fields

After a restart, the log "ready" has the time at which sessions were accepted again.

If BREAKFIX_POSTGRES_URL names a server, the run has a database of its own there (see borrowed.py).
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from labs.kit.model.faults import DatabaseRestart, from_plain
from labs.kit.model.names import (
    ACTIVE,
    CONNECTIONS,
    IDLE,
    IN_TRANSACTION,
    MOST_CONNECTIONS,
    NS,
    REFUSED_CONNECTIONS,
)
from labs.kit.service.output import limited
from labs.kit.worlds.live.child import Parent
from labs.kit.worlds.live.postgres.server import APP, FAST, NoServer, Server, prepare

HOST = "database"
WATCH_EVERY_S = 0.1
READ_LOG_EVERY_S = 0.05
SETTINGS = {"log_connections": "authorization", "log_disconnections": "on", "max_wal_senders": 0, "autovacuum": "off"}
MOST_LINES, MOST_BYTES = 20_000, 8 << 20
STATES = "select coalesce(state, 'active') as state, count(*) as n from pg_stat_activity where datname = $1 group by 1"
END_ALL = "select pg_terminate_backend(pid, $2) from pg_stat_activity where datname = $1"
ENDS_WITHIN_MS = 2000
TOO_MANY = "53300"
CLOCK_FILE = "run.clock"
CLOCK = """
    create schema run;
    create function run.seconds() returns double precision
        language sql volatile security definer set search_path = pg_catalog, pg_temp
        as $$ select extract(epoch from clock_timestamp()) - pg_read_file('run.clock', true)::double precision $$;
    grant usage on schema run to app;
"""
"""The start of the run is in a file: by then the services may hold every connection, and none is left to set it by SQL."""
_LINE = re.compile(r"(\d+\.\d+)\|(\d+)\|(\w{5})\|([^|]*)\|(\w+): +(.*)")


class Log:
    """The server's log: exact counts of sessions and refusals, each with the server's own time."""

    def __init__(self, path: Path, tell: Callable[[bytes], None]) -> None:
        self.path, self.tell = path, tell
        self.origin = 0.0  # the run's start in seconds of the epoch; 0 before it is known
        self.sessions: set[str] = set()
        self.refused = 0
        self._at, self._part = 0, ""

    def read(self) -> list[tuple[float, str, str, float]]:
        """The new lines as rows of samples; errors become logs."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            file.seek(self._at)
            new = file.read()
            self._at = file.tell()
        *lines, self._part = (self._part + new).split("\n")
        rows = []
        for line in lines:
            if found := _LINE.match(line):
                epoch, process, state, user, level, text = found.groups()
                rows += self._line(float(epoch) - self.origin, process, state, user, level, text)
        return rows if self.origin else []

    def _line(
        self, at: float, process: str, state: str, user: str, level: str, text: str
    ) -> list[tuple[float, str, str, float]]:
        if user == APP and text.startswith("connection authorized"):
            self.sessions.add(process)
            return [(at, CONNECTIONS, HOST, float(len(self.sessions)))]
        rows = []
        # Not every accepted session logs its end: a session that is refused right after it logs only FATAL.
        if process in self.sessions and (level == "FATAL" or text.startswith("disconnection")):
            self.sessions.discard(process)
            rows.append((at, CONNECTIONS, HOST, float(len(self.sessions))))
        if level in ("ERROR", "FATAL", "PANIC") and self.origin:
            self.tell(log_row(at, "warning" if level == "ERROR" else "error", text, state, {}))
            if state == TOO_MANY:
                self.refused += 1
                rows.append((at, REFUSED_CONNECTIONS, HOST, float(self.refused)))
        return rows

    def forget_sessions(self) -> None:
        """The server has ended: no session is left, whatever it did not log any more."""
        self.sessions.clear()


def log_row(at: float, level: str, event: str, error_type: str, fields: dict[str, Any]) -> bytes:
    """A log row of the record, as a service would send it."""
    row = {"table": "logs", "time": at, "level": level, "event": event, "request_id": "", "error_type": error_type}
    return json.dumps({**row, "fields": fields}, default=str).encode()


class Keeper:
    """The server of one run, and the session that watches it."""

    def __init__(self, parent: Parent) -> None:
        self.parent = parent
        self.settings: dict[str, Any] = parent.spec["settings"]
        self.most = places(self.settings)
        self.restarts = [restart(plain) for plain in parent.spec["faults"]]
        self.tell_row = limited(parent.tell_raw, MOST_LINES, MOST_BYTES)
        self.database = APP
        self.watcher: asyncpg.Connection[Any] | None = None
        self.watching = asyncio.Lock()  # a session runs one query at a time, and two tasks use this session
        self.start_ns = 0
        self.make()

    def make(self) -> None:
        """Make the server object, without starting it. Raises NoServer."""
        folder = Path(self.parent.spec["folder"])
        self.server = Server(folder, {**SETTINGS, "max_connections": self.most + 1})
        self.log: Log | None = Log(self.server.log, self.tell_row)

    @property
    def address(self) -> str:
        """The address for the services."""
        return self.server.address

    def at(self) -> float:
        """The present time of the run in seconds."""
        return (time.monotonic_ns() - self.start_ns) / NS

    async def open(self) -> None:
        """Create the server and the lab's data in it. Raises NoServer, asyncpg.PostgresError."""
        self.server.create()
        self.server.launch()
        await self._ready()
        await prepare(self.server)
        await self._watch_from_now()
        inside = await self.inside()
        await inside.execute(CLOCK + self.settings.get("database_setup", ""))
        await inside.close()

    async def inside(self) -> Any:
        """A session of the superuser in the database of the run."""
        return await asyncpg.connect(self.server.admin_address, database=APP)

    async def _ready(self) -> None:
        while not self.server.ready():  # noqa: ASYNC110 - the server reports it in a file, not by an event
            await asyncio.sleep(0.02)

    async def _watch_from_now(self) -> None:
        self.watcher = await asyncpg.connect(self.server.admin_address)

    async def begin(self, start_ns: int) -> None:
        """Set the start of the run."""
        self.start_ns = start_ns
        epoch = time.time() + (start_ns - time.monotonic_ns()) / NS
        await self.set_clock(epoch)
        if self.log is not None:
            self.log.origin = epoch
        self.parent.tell(samples=self.limits())

    async def set_clock(self, epoch: float) -> None:
        """Let `run.seconds()` count from this second of the epoch."""
        part = self.server.folder / CLOCK_FILE
        part.write_text(repr(epoch))
        part.chmod(0o644)  # the server may be another user
        part.replace(self.server.data / CLOCK_FILE)

    def limits(self) -> list[tuple[float, str, str, float]]:
        """The number of connections for the services, and zero refusals."""
        return [(0.0, MOST_CONNECTIONS, HOST, float(self.most)), (0.0, REFUSED_CONNECTIONS, HOST, 0.0)]

    def new_lines(self) -> list[tuple[float, str, str, float]]:
        """The new lines of the server's log, as rows of samples."""
        return self.log.read() if self.log is not None else []

    async def watch(self) -> None:
        """Read the log and the states of sessions periodically."""
        looked = 0.0
        while True:
            rows = self.new_lines()
            if self.watcher is not None and self.has_ended():
                raise NoServer("PostgreSQL ended in the middle of the run; expected it to last. Is there enough memory?")
            if self.at() >= looked:
                looked = self.at() + WATCH_EVERY_S
                rows += await self.states()
            if rows:
                self.parent.tell(samples=rows)
            await asyncio.sleep(READ_LOG_EVERY_S)

    def has_ended(self) -> bool:
        """Is the server gone?"""
        return self.server.ended()

    async def states(self) -> list[tuple[float, str, str, float]]:
        """The number of sessions in each state, from pg_stat_activity."""
        async with self.watching:
            if self.watcher is None:
                return []
            try:
                found = {row["state"]: row["n"] for row in await self.watcher.fetch(STATES, self.database)}
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                return []  # the server is being restarted
        at = self.at()
        counted = {
            IDLE: found.get("idle", 0),
            ACTIVE: found.get("active", 0),
            IN_TRANSACTION: sum(n for state, n in found.items() if state.startswith("idle in transaction")),
        }
        return [(at, signal, HOST, float(n)) for signal, n in counted.items()]

    async def restart_when_due(self) -> None:
        """Carry out the scenario's restarts."""
        for fault in sorted(self.restarts, key=lambda f: f.at_s):
            await asyncio.sleep(max(0.0, fault.at_s - self.at()))
            async with self.watching:
                watcher, self.watcher = self.watcher, None
                assert watcher is not None
                # The watching session must connect before the services, or it might find no connection left.
                await watcher.execute(f"alter database {APP} allow_connections false")
            watcher.terminate()
            self.server.signal(FAST)
            while not self.server.ended():  # noqa: ASYNC110 - a process, no event
                await asyncio.sleep(0.01)
            self.parent.tell(
                samples=[
                    *self.new_lines(),
                    *((self.at(), signal, HOST, 0.0) for signal in (CONNECTIONS, IDLE, ACTIVE, IN_TRANSACTION)),
                ]
            )
            assert self.log is not None
            self.log.forget_sessions()
            await asyncio.sleep(max(0.0, fault.at_s + fault.seconds - self.at()))
            self.server.launch()
            await self._ready()
            async with self.watching:
                await self._watch_from_now()
                assert self.watcher is not None
                await self.watcher.execute(f"alter database {APP} allow_connections true")
            self.tell_ready()

    def tell_ready(self) -> None:
        """Log the end of the restart: sessions are accepted again."""
        self.parent.tell_raw(log_row(self.at(), "info", "ready", "", {}))

    async def close(self) -> None:
        """Report the rest, and end the server."""
        await self.tell_rest()
        self.server.stop()

    async def tell_rest(self) -> None:
        """Report the final readings and rows of a run that has begun."""
        if not self.start_ns:
            return
        self.parent.tell(samples=self.new_lines())
        if self.settings.get("database_report") and self.watcher is not None:
            # The services have ended; the sessions that they left behind may hold every connection.
            await self.watcher.fetch(END_ALL, self.database, ENDS_WITHIN_MS)
            inside = await self.inside()
            for row in await inside.fetch(self.settings["database_report"]):
                self.parent.tell_raw(log_row(self.at(), "info", "row", "", dict(row)))
            await inside.close()

    def end(self) -> None:
        """The runner is gone: leave nothing behind."""
        if self.log is not None:
            self.server.stop()


def places(settings: dict[str, Any]) -> int:
    """The largest number of the services' sessions. Raises NoServer."""
    most = settings.get("max_connections", 20)
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 1000:
        raise NoServer(f"max_connections is {most!r} in the scenario's settings; expected a whole number from 1 to 1000")
    return most


def restart(plain: dict[str, Any]) -> DatabaseRestart:
    """The fault that the plan describes. Raises NoServer for a fault that cannot act on a database."""
    fault = from_plain(plain)
    if not isinstance(fault, DatabaseRestart):
        raise NoServer(f"the fault {fault} cannot act on the database of a live run; expected DatabaseRestart")
    return fault
