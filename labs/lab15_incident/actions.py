"""What lab15 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator, Iterator
from dataclasses import replace

from labs.kit import (
    BROKEN,
    Chart,
    Fix,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    Scenario,
    SubmissionError,
    action,
    alerts,
    chart,
    charts,
    record,
    stats,
)
from labs.kit import policies as kit_policies
from labs.lab15_incident import citing, figures, readings, submissions
from labs.lab15_incident.evidence import NORMAL, SHARED, TOGETHER, X, Y
from labs.lab15_incident.scenarios import EXAMPLE, HANDED_IN, WATCHED, tailored
from labs.lab15_incident.variants import variant

EACH_S = 4.0
TITLES = {"neither": "neither", "x": "the bank's stall alone", "y": "the retries alone", "both": "both"}
TELL_S = 20.0
"""The last so many seconds of the example's evenings are compared."""
MOST_SHOWN = 40


def of(name: str) -> Fix:
    """A submission that says a name and nothing else."""
    if not isinstance(name, str) or not name.strip():
        raise LearnerError(f"{name!r} is no name; give yours in quotes, as in NAME")
    return Fix(BROKEN, f"NAME = {name!r}\n")


def handed_out(run: Run, letter: str) -> Run:
    """A record as the learner gets it: with a letter for its name, and without the judge's own rows."""
    with run.db.conn:
        run.db.conn.execute("update run set scenario = ?", [letter])
        run.db.conn.execute("delete from events where kind = 'answer'")
    return Run(run.db, replace(run.info, scenario=letter))


@action(makes_runs=True)
def incident(learner: Learner, name: str) -> Generator[Note | Chart, None, tuple[Run, Run]]:
    """Two records of one evening in the town, for this name; returns them, A and B."""
    jobs = {key: Job(of(name), learner.scenario(key)) for key in ("both", "other")}
    made = learner.records(f"incident {name}", jobs, EACH_S)
    marks = {key: readings.mark(run) for key, run in made.items()}
    letter = variant(name).record
    order = ("both", "other") if letter == "A" else ("other", "both")
    a, b = (handed_out(made[key], each) for key, each in zip(order, "AB", strict=True))
    lines = [f"Record {each}: mark {marks[key]}" for key, each in zip(order, "AB", strict=True)]
    yield Note((f"Two records of {name}'s evening. One is an incident.", *lines))
    yield figures.evenings([a, b], ["record A", "record B"])
    return a, b


@action
def deploys(learner: Learner, run: Run) -> Note:
    """What was deployed that evening, with rowids."""
    rows = run.db.conn.execute("select rowid, time, subject, detail from events where kind = 'deploy' order by time")
    table = [("events, rowid", "second", "service", "what")]
    return Note((f"Deploys in {run.info.scenario}:",), table=(*table, *((f"{r}", f"{t:.1f}", s, d) for r, t, s, d in rows)))


@action
def links(learner: Learner, run: Run, before: float = 10.0, after: float = 20.0) -> Note:
    """Each link before a second and after another: exchanges a second, the share that failed, and how long they took."""
    end = run.info.load_s
    rows: list[tuple[str, ...]] = [("link", "a second", "then", "failed", "then", "median", "then", "p95", "then")]
    for link in run.links():
        seen = run.requests(link)
        parts = [[r for r in seen if r.sent < before], [r for r in seen if after <= r.sent < end]]
        figures_of = [_figures(part, length) for part, length in zip(parts, (before, end - after), strict=True)]
        rows.append((link, *(cell for pair in zip(*figures_of, strict=True) for cell in pair)))
    told = f"{run.info.scenario}: up to second {before:g}, and from second {after:g} on"
    return Note((told,), table=tuple(rows))


def _figures(rows: list[record.Request], seconds: float) -> tuple[str, str, str, str]:
    """Exchanges a second, the share that failed, the median and the 95th percentile of the times."""
    times = [r.done - r.sent for r in rows if r.done is not None]
    if seconds <= 0 or not times:
        return ("-",) * 4
    failing = chart.percent(sum(not r.ok for r in rows) / len(rows))
    median, p95 = (chart.seconds(stats.percentile(times, q)) for q in (50, 95))
    return f"{len(rows) / seconds:.1f}", failing, median, p95


@action
def trace(learner: Learner, run: Run, request_id: str) -> Chart | Note:
    """The trace of one request, from the gateway to the last service that worked for it."""
    found = run.db.conn.execute(
        "select trace_id from spans where json_extract(attributes, '$.request_id') = ? order by start", [request_id]
    ).fetchone()
    if found is None:
        return Note((f"{run.info.scenario} has no span of {request_id!r}; lab.sql finds names of requests.",), "warn")
    return charts.trace(run, found[0], f"{request_id} in {run.info.scenario}")


@action
def sql(learner: Learner, run: Run, query: str) -> Note:
    """The answer of a query on a record, at most 40 rows. Ask for `rowid` where you want to cite."""
    if not re.match(r"\s*(select|with)\b", str(query), re.IGNORECASE):
        raise LearnerError("a query begins with select or with; a record is read, not changed")
    try:
        found = run.db.conn.execute(query)
        rows = found.fetchmany(MOST_SHOWN + 1)
    except sqlite3.Error as error:
        raise LearnerError(f"{error}; the tables are requests, spans, logs, samples and events") from error
    heads = tuple(column[0] for column in found.description)
    told = f"{len(rows)} rows" if len(rows) <= MOST_SHOWN else f"the first {MOST_SHOWN} rows"
    cells = (tuple(f"{c:.3f}" if isinstance(c, float) else str(c)[:60] for c in row) for row in rows[:MOST_SHOWN])
    return Note((told + ":",), table=(heads, *cells))


def _example(learner: Learner) -> dict[str, Run]:
    return learner.records("example", {key: Job(of(EXAMPLE), learner.scenario(key)) for key in HANDED_IN}, EACH_S)


@action(makes_runs=True)
def four(learner: Learner) -> Iterator[Note | Chart]:
    """Another evening, four times: with neither of its faults, with each alone, with both."""
    runs = _example(learner)
    end = runs["both"].info.load_s
    rows: list[tuple[str, ...]] = [
        ("the evening with", f"answered in the last {TELL_S:g} s", "you predicted", "exchanges in all")
    ]
    for key in ("neither", "x", "y", "both"):
        said = learner.predicted(f"answered with {TITLES[key]}")
        share = stats.success_rate(runs[key], end - TELL_S, end)
        count = sum(len(runs[key].requests(link)) for link in runs[key].links())
        told = f"{said['value']:g} %" if said and isinstance(said["value"], int | float) else "-"
        rows.append((TITLES[key], chart.percent(share), told, f"{count:,}"))
    yield Note((f"{EXAMPLE.title()}'s evening, four times with the same requests:",), table=tuple(rows))
    order = ("x", "y", "both")
    yield figures.evenings([runs[key] for key in order], [TITLES[key] for key in order])


@action(makes_runs=True)
def citing_table(learner: Learner) -> Note:
    """What rows are evidence of, by the way they are chosen; on the example's evening."""
    runs = _example(learner)
    found = readings.labels(*(runs[key] for key in HANDED_IN))
    heads = ("cited", "rows", "of the stall", "of the retries", "of both together", "of neither, or of none alone")
    rows: list[tuple[str, ...]] = [heads]
    chosen = {name: ways(runs["both"]) for name, ways in citing.STRATEGIES.items()}
    chosen["all rows"] = list(found)
    for name, cited in chosen.items():
        count = readings.shares(cited, found)
        rest = count[NORMAL] + count[SHARED] + count["none"]
        parts = [count[label] / max(1, len(cited)) for label in (X, Y, TOGETHER)]
        rows.append((name, f"{len(cited):,}", *map(chart.percent, (*parts, rest / max(1, len(cited))))))
    return Note((f"What the rows show, in the record of {EXAMPLE.title()}'s evening:",), table=tuple(rows))


@action(makes_runs=True)
def play(learner: Learner) -> Iterator[Note | Chart]:
    """Play the runbook of your submission on your evening, beside the evening without an operator."""
    fix = learner.repair()
    if fix is None:
        return
    jobs = {key: Job(fix, learner.scenario(key)) for key in ("both", "played", "again", "played_again")}
    runs = learner.records("play", jobs, EACH_S)
    ended = [run for run in runs.values() if run.status != "pass"]
    if ended:
        yield Note((ended[0].info.detail,), "bad")
        return
    yield charts.operated(runs["both"], runs["played"], objective=1.0, noun="request")
    rows: list[tuple[str, ...]] = [("evening", "the page came at", "failed without", "failed with", "share left")]
    for told, a, b in (("yours", "both", "played"), ("another of the kind", "again", "played_again")):
        without, with_ = readings.failed(runs[a]), readings.failed(runs[b])
        at = f"{readings.paged(runs[b]):.1f} s" if readings.paged(runs[b]) < runs[b].info.seconds else "never"
        rows.append((told, at, f"{without}", f"{with_}", chart.percent(with_ / without)))
    yield Note(
        ("What the runbook leaves of the failures; a page that comes before users are harmed counts for nothing:",),
        table=tuple(rows),
    )


@action(makes_runs=True)
def mended(learner: Learner) -> Chart | Note | None:
    """The trigger again without an operator: with the policies of that evening, and with those of your submission."""
    fix = learner.repair()
    if fix is None:
        return None
    scenario = learner.scenario("replayed")
    mine = learner.records("mended", {"mended": Job(fix, scenario)}, EACH_S)
    if mine["mended"].status != "pass":
        return Note((mine["mended"].info.detail,), "bad")
    runs = learner.records("mended", {"as it was": Job(of(submissions.read(fix.source).name), scenario)}, EACH_S) | mine
    return figures.evenings(list(runs.values()), list(runs))


def _asked(source: str, scenario: Scenario) -> str:
    """What tells the run of a submission from any other: the scenario that it asks for, or why it asks for none."""
    try:
        return repr(tailored(source, scenario))
    except SubmissionError as error:
        return f"{scenario.name}: {error}"


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """The answers that most people give first, and yours: what each check measured, and the points on this evening."""
    lab, fixes = learner.lab, kit_policies.repairs(learner)
    needed = list(dict.fromkeys(name for check in lab.checks for name in check.needs))
    asked = {(title, name): _asked(fix.source, lab.scenario(name)) for title, fix in fixes.items() for name in needed}
    jobs: dict[str, Job] = {}  # answers to one evening share most of their runs
    for (title, name), key in asked.items():
        jobs.setdefault(key, Job(fixes[title], lab.scenario(name)))
    made = learner.records("policies", jobs, EACH_S)
    graded = [check for check in lab.checks if check.points]
    rows: list[tuple[str, ...]] = [("answer", *(check.name for check in graded), "gate", "points")]
    for title in fixes:
        runs = {name: made[asked[title, name]] for name in needed}
        if ended := [run.info.detail for run in runs.values() if run.status != "pass"]:
            rows.append((title, ended[0][:60], *("-" for _ in graded), "0"))
            continue
        found = {check.name: check(runs) for check in lab.checks}
        points = sum(check.points for check in graded if found[check.name].passed)
        held = found["unharmed"].passed
        kept = 1.0 if held else lab.check("unharmed").keeps
        cells = (("" if found[check.name].passed else "x ") + f"{found[check.name].measured:.2g}" for check in graded)
        rows.append((title, *cells, "holds" if held else "lost", f"{points * kept:g} of {lab.max_points:g}"))
    return Note((kit_policies.told(learner),), table=tuple(rows))


@action(makes_runs=True)
def alert(learner: Learner, below: float | None = None, for_s: float = 3.0) -> None:
    """Try a page: it comes when the share answered stays below `below` for `for_s` seconds; on four evenings."""
    if not alerts.written(below, for_s, "a share of requests answered"):
        return
    cases = alerts.cases(learner, WATCHED)
    told = f"Page when the share answered stays below {below:g} for {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: readings.fires_at(run, below, for_s), EACH_S)
