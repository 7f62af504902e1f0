"""The record: everything about one run, in one SQLite database. Charts, checks and dashboard read nothing else.

Times are seconds from the start of the run. `requests` holds the HTTP exchanges seen *between* processes, as a sidecar
proxy would log them: the load's own requests on the link "load->ENTRY", and every exchange on the links between services.
Each row of `samples`, `logs`, `spans` and `events` names its source: the judge, or the service whose pipe it came by. A
service that runs the code under repair can report anything, so a check gets the run from `Run.believed`: without the
reports of such services, except in the tables that the check declares to hear.
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
    repaired: str = ""  # the services that ran the code under repair, with commas between


JUDGE = "judge"
"""Who says a row that was measured outside of all services."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP exchange on a link. `done` is None if it never ended; `status` is 0 if no answer came.

    `error_type`: "" (answered), "timeout" (the caller gave up), "reset", "refused" or "unfinished".
    `attempt` counts the exchanges of one request_id on one link, from 1. `wrong` is what `Lab.wrong` says of an answer 2xx
    to the simulated load, "" elsewhere.
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
    wrong: str = ""

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
    """One reading of a signal of `host`; `by` is who read it: the service itself, or the judge."""

    time: float
    signal: str
    host: str
    value: float
    by: str = JUDGE


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
    """Something that changed the system: fault on, fault off, load, restart, deploy, config change. `by` is who says so."""

    time: float
    kind: str
    subject: str
    detail: str
    by: str = JUDGE


@dataclass(frozen=True, slots=True)
class Left:
    """What was left over in `host` some quiet seconds after the end of a simulated run: so many of a kind (see names.py).

    `what` names them in a few words. `by` is the judge, or the host itself, whose word counts only against it.
    """

    host: str
    kind: str
    what: str
    count: int
    by: str = JUDGE


TABLES: dict[str, type] = {
    "run": RunInfo,
    "requests": Request,
    "samples": Sample,
    "logs": Log,
    "spans": Span,
    "events": Event,
    "left": Left,
}
SAID_BY = {"samples": "by", "logs": "host", "spans": "host", "events": "by", "left": "by"}
"""The column of each table that says whose word a row is. Requests are nobody's word: they were seen on the wire."""

_SQL_TYPES = {"str": str, "int": int, "float": float, "float | None": float}
Row = TypeVar("Row", Request, Sample, Log, Span, Event, Left)


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

    def __init__(self, db: Database, info: RunInfo, hears: Sequence[str] = tuple(SAID_BY)) -> None:
        self.db = db
        self.info = info
        self._hears = hears

    def believed(self, hears: Sequence[str] = ()) -> Run:
        """The same run as a check may read it: without what services that ran the repair said.

        Args:
            hears: the tables that keep it, for a check that judges what these services say.
        """
        return Run(self.db, self.info, hears)

    @property
    def said(self) -> Run:
        """The same run with everything that anybody said: for messages and charts, never for points."""
        return Run(self.db, self.info)

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
        """How the run ended: Status.PASS if it reached its end, and may be judged."""
        return Status(self.info.status)

    @property
    def ended_early(self) -> bool:
        """Did it not reach its end? An invalid live run is whole, and so is one whose links could not be read."""
        live = self.info.world == "live"
        return self.status is not Status.PASS and not (live and self.status in (Status.INVALID, Status.UNSUPPORTED))

    @property
    def why_not(self) -> str:
        """Why it does not count, in words; "" if it does."""
        if self.status is Status.PASS:
            return ""
        return f"ended early: {self.status}" if self.ended_early else f"not judged: {self.status}"

    def _rows(self, table: str, row: type[Row], where: str = "1", args: Sequence[Any] = ()) -> list[Row]:
        doubted: list[str] = [] if table in self._hears or table not in SAID_BY else self.info.repaired.split(",")
        marks = ",".join("?" * len(doubted))
        whole = f"({where}) and [{SAID_BY[table]}] not in ({marks})" if doubted else where
        found = self.db.conn.execute(f"select * from [{table}] where {whole} order by rowid", [*args, *doubted])
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

    def left(self, host: str | None = None) -> list[Left]:
        """What was left over in one host or in all; a live run says nothing of it."""
        return self._rows("left", Left, "(? is null or host = ?)", [host, host])

    def __repr__(self) -> str:
        i = self.info
        return f"<Run {i.lab} {i.scenario} of {i.fix}, {i.world} world, seed {i.seed}, {i.seconds:g} s: {i.status}>"


def as_json(row: Any) -> str:
    """One row as a JSON line."""
    return json.dumps(asdict(row), sort_keys=True)
