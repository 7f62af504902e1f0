"""What lab03 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from labs.kit import (
    BROKEN,
    REFERENCE,
    Chart,
    Learner,
    LearnerError,
    Note,
    Run,
    action,
    alerts,
    charts,
    is_number,
    named,
    names,
    results,
    stats,
)  # fmt: skip
from labs.kit import postgres as server
from labs.lab03_database import cost, data, explain, figures, measure, readings
from labs.lab03_database.checks import SALE_S, WORK_GOAL_MS, WRITE_GOAL
from labs.lab03_database.client import PATIENCE_S
from labs.lab03_database.readings import ARCHIVE, IMPORT, PAGE, PARTS, Statement, in_part, part, plans, reads, work_of
from labs.lab03_database.scenarios import BEFORE_S

BUILD_S, CANDIDATES_S, WRITINGS_S = 8.0, 6.0, 6.0
SHOWN = 90
"""Characters of a statement that a table shows."""


@action
def orders(learner: Learner) -> Note:
    """Build the shop's orders, if they are not there yet, and say what they are."""
    with learner.waiting("data", "The shop's orders", BUILD_S) as bar:
        try:
            data.ensure(progress=bar.update)
        except data.DataError as error:
            raise LearnerError(str(error)) from None
    resellers = f"{data.RESELLERS} of them are resellers, with about 1,500 orders each; the others have 150 on average."
    customers = f"{data.ORDERS:,} orders of {data.CUSTOMERS:,} customers. {resellers}"
    return Note((customers, "Each run works on a copy in memory, which is gone when it ends."))


@action(most_runs=2)
def outcomes(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one or two runs: what became of each second's pages, statements in line, request times."""
    heads = titles if len(titles) == len(runs) else [_named(run) for run in runs]
    return figures.outcomes(runs, heads, SALE_S, PATIENCE_S)


def _named(run: Run) -> str:
    return f"{named(run.info.fix)}, {run.info.scenario}, {run.info.world}"


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals, over the whole run:", runs, _read)


def _read(run: Run) -> dict[str, str]:
    asked, done = stats.user_requests(run), readings.statements(run)
    times = stats.latencies(run) if asked else []
    return {
        "pages, p50": _percentile(times, 50),
        "pages, p99": _percentile(times, 99),
        "pages answered 504": f"{sum(r.status == 504 for r in asked)} of {len(asked)}",
        "query latency, p99: in line": _percentile([s.waited_s for s in done], 99),
        "query latency, p99: at work": _percentile([s.took_s for s in done], 99),
        "statements in line, most": f"{max((p.value for p in run.samples(names.DATABASE_QUEUE, 'db')), default=0):.0f}",
        "statements executed": f"{len(done):,}",
        "database time for a statement": _ms(sum(s.database_s for s in done) / len(done)) if done else "-",
        "slow queries in the log": f"{len(_slow(run)):,}",
    }


def _percentile(times: list[float], q: float) -> str:
    return _ms(stats.percentile(times, q)) if times else "-"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def _slow(run: Run) -> list[tuple[str, float, float]]:
    """The slow-query log: (statement, seconds in line, seconds at work)."""
    return [(one["sql"], one["waited_s"], one["took_s"]) for _, one in stats.logged(run, "db", "slow query")]


@action
def slow_queries(learner: Learner, run: Run) -> Note:
    """The slow-query log of a run, by statement: how often, how long in line, how long at work, and in all."""
    log = _slow(run)
    if not log:
        return Note(("The slow-query log is empty: no statement had 50 ms of database time.",), "good")
    rows = [("times", "mean time in line", "mean time at work", "at work in all", "statement")]
    for sql, times in Counter(sql for sql, _, _ in log).most_common(6):
        line = sum(waited for text, waited, _ in log if text == sql)
        work = sum(took for text, _, took in log if text == sql)
        rows.append((str(times), _ms(line / times), _ms(work / times), _ms(work), _short(sql)))
    return Note((f"{len(log)} entries in the slow-query log, by statement:",), table=tuple(rows))


def _short(sql: str) -> str:
    return sql if len(sql) <= SHOWN else f"{sql[: SHOWN - 4]} ..."


@action
def statements(learner: Learner, run: Run) -> Note:
    """What the database executed in each part of the scenario `quiet`, by statement, for one page or one file."""
    if run.info.scenario != "quiet":
        given = f"this is a run of the scenario {run.info.scenario!r}, in which all things happen at once"
        raise LearnerError(f"{given}; expected a run of 'quiet', such as lab.run(scenario='quiet')")
    rows = [("asked for", "statements for one", "database time for one", "rows scanned by one", "statement")]
    for endpoint in PARTS:
        rows += _of_part(run, endpoint)
    return Note(("What the database did for one page, one page of the archive, one file:",), table=tuple(rows))


def _of_part(run: Run, endpoint: str) -> list[tuple[str, str, str, str, str]]:
    asked = in_part(run, endpoint)
    if not asked:
        return [(endpoint, "-", "-", "-", "nothing was asked for")]
    rows = []
    for sql, mine in _by_shape(s for s in part(run, endpoint) if (s.commits > 0) == (endpoint == IMPORT)).items():
        time = sum(s.database_s for s in mine) / asked
        rows.append((endpoint, f"{len(mine) / asked:.3g}", _ms(time), f"{work_of(mine).scanned / asked:,.0f}", _short(sql)))
    return rows


def _by_shape(chosen: Iterable[Statement]) -> dict[str, list[Statement]]:
    """Statements by their text, with lists of marks made one: IN (?, ?) and IN (?) are of one shape."""
    found: dict[str, list[Statement]] = {}
    for statement in chosen:
        found.setdefault(re.sub(r" IN \(\?(?:, \?)+", " IN (?", statement.sql), []).append(statement)
    return found


@action(most_runs=2)
def plan(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Iterator[Note | Chart]:
    """Draw the plans of what a page asks the database, and of a page of the archive; one or two runs of `quiet`."""
    heads = titles if len(titles) == len(runs) else ["before", "after"] if len(runs) == 2 else [""]
    trees, notes = {}, {}
    for head, run in zip(heads, runs, strict=True):
        known = plans(run)
        for endpoint in (PAGE, ARCHIVE):
            shapes = _by_shape(reads(run, endpoint))
            for number, same in enumerate(list(shapes.values())[:2], 1):
                name = (head and f"{head}: ") + endpoint + (f", statement {number}" if len(shapes) > 1 else "")
                trees[name] = known.get(same[0].sql, [])
                notes[name] = _each(same)
    silent = [_named(run) for run in runs if not any(part(run, endpoint) for endpoint in (PAGE, ARCHIVE))]
    if silent:
        yield Note((f"No plan to draw of {', '.join(silent)}: it asked the database nothing in the parts of 'quiet'.",))
    if trees:
        yield charts.plan(trees, notes=notes)


def _each(same: list[Statement]) -> str:
    done, times = work_of(same), len(same)
    time = sum(s.database_s for s in same) / times
    return f"one: {done.steps / times:,.0f} steps, {cost.pages(done) / times:,.0f} pages, {_ms(time)}"


@action(makes_runs=True)
def indexes(learner: Learner) -> Iterator[Chart | Note]:
    """Measure six candidates for an index: steps, pages and database time of the page's query, and its plan."""
    with learner.waiting("indexes", "Six candidates", CANDIDATES_S) as bar:
        found = measure.candidates(bar.update)
    yield figures.indexes(found, WORK_GOAL_MS)
    rows: list[tuple[str, ...]] = [("index", "steps", "pages read", "of them fetched", "database time", "plan")]
    for one in found:
        counts = (f"{count:,.0f}" for count in (one.other.steps, one.other.pages, one.other.fetched))
        rows.append((one.name, *counts, f"{one.other.milliseconds:,.3g} ms", one.plan.replace(" candidate", "")))
    yield Note(("The other customers, whose orders are harder to come by, in numbers; mean of eight:",), table=tuple(rows))


@action(makes_runs=True)
def paging(learner: Learner) -> Chart:
    """Measure what a page of the archive costs by how deep it lies: OFFSET and keyset."""
    return figures.depth(measure.depths())


@action(makes_runs=True)
def writing(learner: Learner) -> Chart:
    """Measure what it costs to store an order: by the number of indexes, and row by row."""
    with learner.waiting("writing", "Six ways to store 200 orders", WRITINGS_S) as bar:
        return figures.writing(measure.writings(bar.update), WRITE_GOAL)


@action
def alert(learner: Learner, share: float | None = None, over_ms: float = 50, for_s: float = 2.0) -> None:
    """Try an alert rule: it fires when statements over `over_ms` have more than `share` of the database time that was spent
    in each second, for `for_s` seconds.

    The rule is run against healthy shops, one of them with a slow report now and then, and against broken ones.
    """
    if not alerts.written(share, for_s, "a share between 0 and 1"):
        return
    if not 0 < share < 1 or not is_number(over_ms) or over_ms <= 0:
        rule = f"the rule is a share of {share!r} over {over_ms!r} ms"
        raise LearnerError(f"{rule}; expected a share between 0 and 1, and milliseconds above 0")
    cases = {
        "healthy, in the sale": alerts.Case(learner.job(REFERENCE, "sale")),
        "healthy, one thing at a time": alerts.Case(learner.job(REFERENCE, "quiet")),
        "healthy, a slow report now and then (OFFSET kept)": alerts.Case(learner.job("wrong_offset_kept", "sale")),
        "broken, in the sale": alerts.Case(learner.job(BROKEN, "sale"), BEFORE_S),
        "broken, one thing at a time": alerts.Case(learner.job(BROKEN, "quiet"), 0.0),
        "index on (created_at)": alerts.Case(learner.job("wrong_created_at_index", "sale"), BEFORE_S),
    }
    told = f"Page when statements over {over_ms:g} ms take over {share:.0%} of a second's places, for {for_s:g} s:"
    alerts.try_rule(
        learner, told, cases, lambda run: readings.fires_at(run, share, over_ms / 1000, for_s), 4.0,
        beside=(f"highest share over {for_s:g} s", lambda run: f"{readings.highest(run, over_ms / 1000, for_s):.0%}"),
    )  # fmt: skip


@action(makes_runs=True)
def postgres(learner: Learner) -> Note | None:
    """The page's query on a real PostgreSQL: EXPLAIN ANALYZE without and with the index, and statement_timeout."""
    if os.environ.get("BREAKFIX_LIVE") == "off":
        return Note(("Not run: live runs are left out.",))
    try:
        with learner.waiting("postgres", "PostgreSQL: 300,000 orders", 20.0) as bar:
            told = explain.explain(bar.update)
    except server.NoServer as error:
        return Note((f"No PostgreSQL here, and the page goes on without: {error}",), "warn")
    for head, lines in told.items():
        print(f"{head}\n" + "\n".join(f"    {line}" for line in lines) + "\n")
    return None
