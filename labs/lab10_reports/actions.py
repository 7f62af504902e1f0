"""What lab10 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from labs.kit import (
    Chart,
    Learner,
    Note,
    Run,
    action,
    alerts,
    chart,
    results,
    sqlite_cost,
    stats,
)  # fmt: skip
from labs.lab10_reports import data, figures, readings, server
from labs.lab10_reports.readings import SIGNALS
from labs.lab10_reports.rules import RIGHTS
from labs.lab10_reports.scenarios import CORRECTED_AT_S, CORRECTED_TO_S, REPORTS_FROM_S, WATCHED
from labs.lab10_reports.service import SAMPLE_S

BROKEN_REPORT = """
    select account, (
        select coalesce(sum(cents), 0) from lines l
        where l.tenant = a.tenant and l.month = '2026-11' and l.account = a.account
    ) from accounts a where tenant = 'north'
"""
ONE_WALK = "select account, sum(cents) from lines where tenant = 'north' and month = '2026-11' group by account"
INDEX = "create index lines_account on lines (tenant, month, account, cents)"
TRIED = {"as it failed": BROKEN_REPORT, "one walk through the lines": ONE_WALK}


@action(most_runs=2)
def books(learner: Learner, *runs: Run) -> Chart:
    """The time of each posting and reading, and when reports and corrections ran; two runs side by side."""
    return figures.books(runs, [results.title(run) for run in runs])


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals of the month's end:", runs, _signals_of, [results.title(run) for run in runs])


def _signals_of(run: Run) -> dict[str, str]:
    windows = {
        "while reports run": (REPORTS_FROM_S, CORRECTED_AT_S), "while the correction runs": (CORRECTED_AT_S, CORRECTED_TO_S),
    }  # fmt: skip
    rows: dict[str, str] = {}
    for name, window in windows.items():
        for kind, noun in (("POST", "postings"), ("GET", "readings")):
            rows[f"{name}: {noun} within 100 ms"] = chart.percent(readings.soon(run, *window, kind))
        rows[f"{name}: longest wait"] = chart.seconds(readings.slowest(run, *window))
    statuses = [r.status for r in run.requests()]
    reports = readings.reports(run)
    kept = readings.kept(run)
    return rows | {
        "answers 404: not booked yet": str(statuses.count(404)),
        "answers 5xx": str(sum(status >= 500 for status in statuses)),
        "no answer by the end of the run": str(statuses.count(0)),
        "reports that are false": f"{sum(bool(readings.false_report(run, r)) for r in reports)} of {len(reports)}",
        "lines moved by corrections": f"{kept.moved('north'):,}" if not kept.why else "-",
        "of these, told by the audit": f"{sum(a.lines for a in kept.audit if a.action == 'correct'):,}"
        if not kept.why
        else "-",
    }


@action
def threads(learner: Learner, run: Run) -> Note:
    """Where the threads of the books were in fix.py: thread-seconds, line by line."""
    spent = results.counted(run, "books", "lines")
    table = [("thread-seconds", "line of fix.py")]
    table += [(f"{count * SAMPLE_S:.1f}", where) for where, count in spent.most_common(8)]
    return Note(
        (f"Thread-seconds in the lines of fix.py, working or waiting, in {run.info.seconds:g} s:",), table=tuple(table)
    )


@action
def plan(learner: Learner) -> Note:
    """The report's statement on a copy of the books: its plan, and what it looks at; also as one walk, and with an index."""
    rows = [("statement", "plan", "steps of SQLite", "pages")]
    library = sqlite_cost.find_library()
    with closing(data.raw_connect(":memory:")) as db:
        with closing(data.raw_connect(f"file:{data.ensure()}?mode=ro&immutable=1", uri=True)) as source:
            source.backup(db)
        for index in ("", ", with an index"):
            if index:
                db.execute(INDEX)
            for name, sql in TRIED.items():
                rows.append((name + index, *_looked_at(db, sql, library)))
    return Note((f"The report of the north, of {2 * data.ENTRIES['north']:,} lines:",), table=tuple(rows))


def _looked_at(db: sqlite3.Connection, sql: str, library: sqlite_cost.Library | None) -> tuple[str, str, str]:
    plan = "; ".join(row[3] for row in db.execute(f"explain query plan {sql}"))
    meter = sqlite_cost.Meter(db, library)
    db.execute(sql).fetchall()
    work = meter.take()
    return plan, f"{work.steps:,}", f"{work.hits + work.misses:,}"


@action
def matrix(learner: Learner, run: Run) -> Note:
    """Who may do what: for each role and path how the office's probes were answered, and how they should have been."""
    probes = [told for _, told in readings.probes(run)]
    wrong = readings.misjudged(probes)
    roles = [*RIGHTS, "a role nobody knows"]
    what = {
        "own": "an entry of one's own", "other": "of the other tenant", "none": "of nobody",
        data.OPEN: "report", data.CLOSED: "report, closed month", "post": "post", "correct": "correct",
        "repeat": "post what is booked", "done": "correct what is done", "trail": "trail",
    }  # fmt: skip
    rows = [("", *roles)]
    for key, title in what.items():
        cells = []
        for role in roles:
            mine = [
                (t["status"], t["right"], why)
                for t, why in zip(probes, wrong, strict=True)
                if _row_of(t) == key and (t["role"] if t["role"] in RIGHTS else roles[-1]) == role
            ]
            cells.append(", ".join(_answers(mine)) or "-")
        rows.append((title, *cells))
    told = f"{sum(map(bool, wrong))} of {len(probes)} probes of both tenants were answered wrongly."
    marks = (
        "Times and answer. x: wrong, with the right answer, or why. 404 is the answer for what is not there. -: not tried."
    )
    return Note((told, marks), table=tuple(rows))


def _row_of(told: Any) -> str:
    """The row of a probe: what is asked for, and for a first posting or correction what is done."""
    first = told["what"] == "new" or (told["what"], told["action"]) == ("own", "post")
    return str(told["action"] if first else told["what"])


def _answers(probes: list[tuple[int, int, str]]) -> Iterator[str]:
    counted = Counter(probes)
    for (status, right, why), times in sorted(counted.items()):
        mark = f" (x: {right})" if status != right else " (x: the other tenant's)" if why else ""
        yield f"{times}: {status}{mark}"


@action
def tampering(learner: Learner, run: Run) -> Note:
    """What verify() said of each copy of the audit that the office had tampered with, and of untouched ones."""
    rows = [("copy", "export", "verify() said")]
    copies = [told for _, told in stats.logged(run, "office", "verified")]
    for told in sorted(copies, key=lambda told: (told["kind"], told["export"])):
        counted = "1 fault" if told["found"] == 1 else f"{told['found']} faults"
        said = f"{counted}: {told['said'][:70]}" if told["found"] else "nothing"
        if told["status"] != 200:
            said = "raised an exception"
        right = bool(told["found"]) == bool(told["kind"]) and told["status"] == 200
        rows.append((told["kind"] or "untouched", told["export"], ("" if right else "x ") + said))
    found = stats.logged(run, "office", "exported")
    counted = (
        f"{found[0][1]['rows']} rows, {found[0][1]['anchored']} of them under an anchor in the vault" if found else "none"
    )
    ways = len({told["kind"] for told in copies if told["kind"]})
    return Note((f"The audit at the first export: {counted}.", f"x: misjudged. {ways} ways to tamper."), table=tuple(rows))


@action
def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 1.0) -> None:
    """Try an alert rule: it fires when the signal, "errors" or "wait", is above `above` in each of `for_s` seconds."""
    if not alerts.chosen(signal, SIGNALS) or not alerts.written(above, for_s, "a number of at least 0", least=0):
        return
    cases = alerts.cases(learner, WATCHED)
    told = f"Page when {SIGNALS[signal]}: above {above:g}, for {for_s:g} s on end."
    most = ("most that was seen", lambda run: f"{max(readings.series(run, signal)):.2f}")
    alerts.try_rule(learner, told, cases, lambda run: readings.fires_at(run, signal, above, for_s), 3.0, most)


@action(makes_runs=True)
def postgres(learner: Learner) -> Note:
    """The same questions to a PostgreSQL server that is started for this cell: what it answers."""
    if os.environ.get("BREAKFIX_LIVE") == "off":
        return Note(("Not run: BREAKFIX_LIVE=off, so live runs are left out.",))
    with learner.waiting("postgres", "A PostgreSQL server, and six questions", 12.0):
        rows = server.asked()
    return Note(("Asked of a PostgreSQL server on this machine:",), table=(("question", "answer"), *rows))
