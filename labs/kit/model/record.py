"""The record: everything about one run, in one SQLite database. Charts, checks and dashboard read nothing else.

Times are seconds from the start of the run. `requests` holds the HTTP exchanges seen *between* processes, as a sidecar
proxy would log them: the load's own requests on the link "load->ENTRY", and every exchange on the links between services.
`samples`, `logs` and `spans` hold the services' own reports. A service that runs the code under repair can report
anything, so no check may depend on its reports.
"""

from __future__ import annotations

import json
import os
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from labs.kit.model.verdict import Status


@dataclass(frozen=True)
class RunInfo:
    """The run itself: lab, scenario, repair, world, seed, length and outcome."""

    lab: str
    scenario: str
    fix: str
    fix_sha: str
    world: str
    seed: int
    load_s: float
    seconds: float
    status: str  # Status.PASS if the run reached its end; otherwise the reason why it did not
    detail: str
    toolchain: str


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP exchange on a link. `done` is None if it never ended; `status` is 0 if no answer came.

    `error_type`: "" (answered), "timeout" (the caller gave up), "reset", "refused" or "unfinished".
    `attempt` counts the exchanges of one request_id on one link, from 1.
    """

    link: str
    request_id: str
    endpoint: str
    attempt: int
    intended: float
    sent: float
    done: float | None
    status: int
    error_type: str

    @property
    def ok(self) -> bool:
        """Was it answered 2xx?"""
        return 200 <= self.status < 300

    @property
    def latency(self) -> float | None:
        """Seconds from the intended time to the end of the answer; None if it never ended."""
        return None if self.done is None else self.done - self.intended


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of a signal."""

    time: float
    signal: str
    host: str
    value: float


ERROR_LEVELS = ("error", "exception", "critical")
"""The log levels that report a failure."""


@dataclass(frozen=True, slots=True)
class Log:
    """One structured log line. `fields` is JSON."""

    time: float
    host: str
    level: str
    event: str
    request_id: str
    error_type: str
    fields: str


@dataclass(frozen=True, slots=True)
class Span:
    """One span of a trace. `attributes` is JSON."""

    trace_id: str
    span_id: str
    parent_id: str
    host: str
    name: str
    start: float
    end: float
    status: str
    attributes: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed the system: fault on, fault off, load, restart, deploy, config change."""

    time: float
    kind: str
    subject: str
    detail: str


TABLES: dict[str, type] = {
    "run": RunInfo,
    "requests": Request,
    "samples": Sample,
    "logs": Log,
    "spans": Span,
    "events": Event,
}
_SQL_TYPES = {"str": str, "int": int, "float": float, "float | None": float}
Row = TypeVar("Row", Request, Sample, Log, Span, Event)


def _in_memory() -> Database:
    """An empty database, closed with its last reference: Python 3.13 warns of a connection that is left open."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    database = Database(connection)
    weakref.finalize(database, connection.close)
    return database


class Record:
    """The writer of a record: `add` appends rows, `close` returns the finished Run."""

    def __init__(self) -> None:
        self.db = _in_memory()
        for name, row in TABLES.items():
            self.db.table(name).create({f.name: _SQL_TYPES[str(f.type)] for f in fields(row)})

    def add(self, table: str, rows: Iterable[Any]) -> None:
        """Append dataclass rows to a table."""
        names = [f.name for f in fields(TABLES[table])]
        marks = ",".join("?" * len(names))
        values = attrgetter(*names)  # dataclasses.astuple deep-copies every value: half of the judge's time for a run
        with self.db.conn:
            self.db.conn.executemany(f"insert into [{table}] values ({marks})", map(values, rows))

    def close(self, info: RunInfo) -> Run:
        """Write the run's own row and return the finished Run."""
        self.add("run", [info])
        return Run(self.db, info)


class Run:
    """One finished run, read-only. `db`, a sqlite_utils.Database, holds everything about it."""

    def __init__(self, db: Database, info: RunInfo) -> None:
        self.db = db
        self.info = info

    @classmethod
    def load(cls, path: Path | str) -> Run:
        """Read a record file. Raises ValueError if it is not one."""
        path = Path(path)
        if not path.is_file():
            raise ValueError(f"no record at {path}; `breakfix run LAB --record FILE` writes one")
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        memory = _in_memory()
        try:
            source.backup(memory.conn)
            row = memory.execute("select * from run").fetchone()
            info = RunInfo(*row)
        except (sqlite3.DatabaseError, TypeError) as error:
            raise ValueError(f"{path} is not a record of a run: {error}") from error
        finally:
            source.close()
        return cls(memory, info)

    def save(self, path: Path | str) -> Path:
        """Write the record to one SQLite file, replacing it; the same run gives the same bytes."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.unlink(missing_ok=True)
        try:
            self.db.conn.execute("vacuum into ?", [str(part)])
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)  # do not leave a partial file, least of all on a full disk
            raise
        return path

    @property
    def status(self) -> Status:
        """How the run ended: Status.PASS if it reached its end."""
        return Status(self.info.status)

    def _rows(self, table: str, row: type[Row], where: str = "1", args: Sequence[Any] = ()) -> list[Row]:
        found = self.db.conn.execute(f"select * from [{table}] where {where} order by rowid", list(args))
        return [row(*values) for values in found]

    def links(self) -> list[str]:
        """The links on which requests were seen, in the order of their first request."""
        return [r[0] for r in self.db.conn.execute("select link from requests group by link order by min(rowid)")]

    def requests(self, link: str | None = None) -> list[Request]:
        """Exchanges on a link, by default on the load's own, in the order of their intended times."""
        link = link or next((name for name in self.links() if name.startswith("load->")), "")
        return sorted(self._rows("requests", Request, "link = ?", [link]), key=lambda r: (r.intended, r.request_id))

    def samples(self, signal: str, host: str | None = None) -> list[Sample]:
        """Readings of a signal, of one host or of all."""
        return self._rows("samples", Sample, "signal = ? and (? is null or host = ?)", [signal, host, host])

    def logs(self, host: str | None = None) -> list[Log]:
        """Log lines of one host or of all."""
        return self._rows("logs", Log, "(? is null or host = ?)", [host, host])

    def spans(self, trace_id: str | None = None) -> list[Span]:
        """Spans of one trace or of all."""
        return self._rows("spans", Span, "(? is null or trace_id = ?)", [trace_id, trace_id])

    def events(self, kind: str | None = None) -> list[Event]:
        """Events of one kind or of all."""
        return self._rows("events", Event, "(? is null or kind = ?)", [kind, kind])

    def __repr__(self) -> str:
        i = self.info
        return f"<Run {i.lab} {i.scenario} of {i.fix}, {i.world} world, seed {i.seed}, {i.seconds:g} s: {i.status}>"


def as_json(row: Any) -> str:
    """One row as a JSON line."""
    return json.dumps(asdict(row), sort_keys=True)
