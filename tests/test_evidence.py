"""Nothing that a service says which runs the repair changes a verdict, whatever it says.

The rows are sent as such a service could send them: as lines on its own pipe, in each vocabulary that the lab's records
have, well-formed or not, few or many.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

import labs
from labs.kit.judging.evaluate import judge_runs
from labs.kit.model.lab import BROKEN, REFERENCE, Lab
from labs.kit.model.record import SAID_BY, TABLES, Record, Run
from labs.kit.model.verdict import Status, Verdict
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.ingest import parse
from labs.kit.worlds.run import run

LABS = [
    lab for lab in (labs.load(name).simulated() for name in labs.names())
    if lab.checks and any(service.runs_fix for service in lab.services)
]  # fmt: skip
"""A live run takes real time; what its checks may believe goes through the same `Run.believed`. Where no service runs a
repair, as in lab15, nobody can lie."""
SEED = 0
FLOOD = 500
COPIES = 5
Line = dict[str, Any]


def vocabulary(runs: list[Run], query: str) -> list[tuple[Any, ...]]:
    """The distinct rows of a query over some runs, sorted."""
    return sorted({row for one in runs for row in one.db.conn.execute(query)})


def forgeries(runs: list[Run]) -> dict[str, list[Line]]:
    """The ways to lie that are tried, each with its lines; times are shares of the run."""
    lies: dict[str, list[Line]] = {"copies of events": [], "many events": [], "unreadable events": []}
    events: dict[str, list[tuple[str, str]]] = {}
    for kind, subject, detail in vocabulary(runs, "select kind, subject, detail from events"):
        events.setdefault(kind, []).append((subject, detail))
    for kind, rows in events.items():
        lines = [{"kind": kind, "subject": subject, "detail": detail} for subject, detail in rows[:COPIES]]
        lies["copies of events"] += [{**line, "time": at} for line in lines for at in (0.01, 0.5, 0.9)]
        lies["many events"] += [{**lines[0], "time": n / FLOOD} for n in range(FLOOD)]
        lies["unreadable events"] += [
            {"kind": kind, "subject": subject, "detail": detail, "time": at}
            for subject, detail in (("", ""), ("x", "not JSON"), (rows[0][0], "-1e999"), (rows[0][0], '{"steps": -1}'))
            for at in (0.0, 0.3, 0.6)
        ]
    signals = vocabulary(runs, "select distinct signal from samples")
    for value in (0.0, -1.0, 1e12):
        lies[f"samples of {value:g}"] = [
            {"signal": signal, "value": value, "time": n / 40} for (signal,) in signals for n in range(41)
        ]
    log = {"level": "error", "request_id": "order-1", "error_type": "X", "fields": {"at": 0.0, "x": []}}
    names = vocabulary(runs, "select distinct event from logs")
    lies["logs"] = [{**log, "event": event, "time": at} for (event,) in names for at in (0.0, 0.5)]
    span = {"name": "x", "start": 0.0, "end": 9e9, "status": "ERROR", "attributes": {}}
    traces = vocabulary(runs, "select trace_id, span_id from spans limit 50")
    lies["spans"] = [{**span, "trace_id": t, "span_id": f"{n:016x}", "parent_id": p} for n, (t, p) in enumerate(traces)]
    return {what: lines for what, lines in lies.items() if lines}


KEYS = {"kind": "events", "signal": "samples", "level": "logs", "span_id": "spans"}


def as_sent(line: Line, seconds: float) -> Line:
    """The line with its table, and its time in seconds."""
    sent = {**line, "table": next(table for key, table in KEYS.items() if key in line)}
    return sent | {"time": line["time"] * seconds} if "time" in line else sent


def with_lines(one: Run, host: str, lines: list[Line]) -> Run:
    """A copy of a run in which `host` has said these lines, too."""
    record = Record()
    one.db.conn.backup(record.db.conn)
    parsed = [parse(json.dumps(as_sent(line, one.info.seconds)).encode(), host) for line in lines]
    assert None not in parsed, "a forged line that is no row tries nothing"
    for table in KEYS.values():
        record.add(table, [each[1] for each in parsed if each and each[0] == table])
    return Run(record.db, one.info)


def told(verdicts: list[Verdict]) -> dict[str, tuple[Any, ...]]:
    """What a verdict comes to, by check."""
    return {v.check: (v.status, v.points, v.measured, v.reason) for v in verdicts}


@pytest.mark.parametrize("name", [BROKEN, REFERENCE])
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_what_a_service_says_that_runs_the_repair_earns_nothing_and_costs_nothing(lab: Lab, name: str) -> None:
    """No check changes its verdict, but for one that judges these words themselves; and even that reads them to its end."""
    scenarios = sorted({need for check in lab.checks for need in check.needs})
    done = {(s, SEED): run(lab, shipped(lab, name), "simulated", lab.scenario(s), SEED) for s in scenarios}
    hears = {check.name for check in lab.checks if check.hears}
    before = told(judge_runs(lab, done, (SEED,)))
    tried = 0
    for service in (service.name for service in lab.services if service.runs_fix):
        for what, lines in forgeries(list(done.values())).items():
            forged = {
                cell: with_lines(one, service, lines) if service in one.info.repaired.split(",") else one
                for cell, one in done.items()
            }
            after = told(judge_runs(lab, forged, (SEED,)))
            changed = {check for check in before if after[check] != before[check]}
            raised = {check for check in after if after[check][0] is Status.INFRA_ERROR}
            assert not raised, f"{service}, {what}: {raised}"
            assert changed <= hears, f"{service}, {what}: {changed - hears}"
            tried += 1
    assert tried >= 6


def test_each_table_that_a_service_can_fill_says_by_whom() -> None:
    """A table without a word of who says it would be believed in silence."""
    assert set(SAID_BY) == set(TABLES) - {"run", "requests"}, "these two are written by the judge alone"
    for table, column in SAID_BY.items():
        assert column in {field.name for field in fields(TABLES[table])}, table
