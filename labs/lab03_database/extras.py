"""What lab03 adds to the learner's handle: `lab.orders()`, `lab.outcomes(run, ...)`, `lab.signals(run, ...)`,
`lab.slow_queries(run)`, `lab.statements(run)`, `lab.plan(run, ...)`, `lab.indexes()`, `lab.paging()`, `lab.writing()`,
`lab.policies()`, `lab.alert()` and `lab.postgres()`."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import TYPE_CHECKING

from labs.kit import charts
from labs.kit.measure import stats
from labs.kit.model.lab import BROKEN, REFERENCE, named
from labs.kit.model.record import Run
from labs.kit.notebook import notes as cards
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook import results
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.lab03_database import cost, data, figures, measure, readings
from labs.lab03_database.alerts import alert
from labs.lab03_database.checks import SALE_S, WORK_GOAL_MS
from labs.lab03_database.client import PATIENCE_S
from labs.lab03_database.gates import WRITE_GOAL
from labs.lab03_database.readings import ARCHIVE, IMPORT, PAGE, PARTS, Statement, in_part, part, plans, work_of

__all__ = ["alert"]  # an action as well

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

BUILD_S, CANDIDATES_S, WRITINGS_S = 8.0, 6.0, 6.0
SHOWN = 90
"""Characters of a statement that a table shows."""
POLICIES = {
    "broken": BROKEN,
    "wait longer: 60 s": "wrong_longer_timeout",
    "index on (created_at)": "wrong_created_at_index",
    "index on (created_at, customer_id)": "wrong_column_order",
    "index on (customer_id)": "wrong_customer_only",
    "an index on everything": "wrong_index_on_everything",
    "right index, a function on the column": "wrong_function_on_column",
    "N+1 inside asyncio.gather": "wrong_gather",
    "one join, cut in Python": "wrong_join_without_limit",
    "one join, LIMIT 20 on it": "wrong_limit_on_join",
    "pages cached for 3 s": "wrong_cache",
    "OFFSET kept": "wrong_offset_kept",
    "a transaction for each order": "wrong_order_by_order",
    "index, IN, keyset, one transaction": REFERENCE,
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/."""


def orders(learner: Learner) -> None:
    """Build the shop's orders, if they are not there yet, and say what they are."""
    with learner.waiting("data", "The shop's orders", BUILD_S) as bar:
        try:
            data.ensure(progress=bar.update)
        except data.DataError as error:
            raise LearnerError(str(error)) from None
    cards.show(
        Note(
            (
                f"{data.ORDERS:,} orders of {data.CUSTOMERS:,} customers. {data.RESELLERS} of them are resellers, with about"
                " 1,500 orders each; the others have 150 on average.",
                "Each run works on a copy in memory, which is gone when it ends.",
            )
        )
    )


def outcomes(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = ()) -> None:
    """Draw one or two runs: what became of each second's pages, statements in line, request times."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 2:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one or two")
    heads = titles if len(titles) == len(chosen) else [_named(run) for run in chosen]
    results.draw(figures.outcomes(chosen, heads, SALE_S, PATIENCE_S))


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    readings = [_read(run) for run in chosen]
    rows = [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    cards.show(Note(("The signals, over the whole run:",), table=(("signal", *map(_named, chosen)), *rows)))


def _named(run: Run) -> str:
    return f"{named(run.info.fix)}, {run.info.scenario}, {run.info.world}"


def _read(run: Run) -> dict[str, str]:
    asked = stats.user_requests(run)
    done = readings.statements(run)
    times = stats.latencies(run) if asked else []
    took = sorted(s.took_s for s in done)
    waited = sorted(s.waited_s for s in done)
    return {
        "pages, p50": _ms(stats.percentile(times, 50)) if times else "-",
        "pages, p99": _ms(stats.percentile(times, 99)) if times else "-",
        "pages answered 504": f"{sum(r.status == 504 for r in asked)} of {len(asked)}",
        "query latency, p99: in line": _ms(stats.percentile(waited, 99)) if waited else "-",
        "query latency, p99: at work": _ms(stats.percentile(took, 99)) if took else "-",
        "statements in line, most": f"{max((p.value for p in run.samples(figures.QUEUE, 'db')), default=0):.0f}",
        "statements executed": f"{len(done):,}",
        "database time for a statement": _ms(sum(s.database_s for s in done) / len(done)) if done else "-",
        "slow queries in the log": f"{len(_slow(run)):,}",
    }


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def _slow(run: Run) -> list[tuple[str, float, float]]:
    """The slow-query log: (statement, seconds in line, seconds at work)."""
    found = []
    for log in run.logs("db"):
        if log.event == "slow query":
            told = json.loads(log.fields)
            found.append((told["sql"], told["waited_s"], told["took_s"]))
    return found


def slow_queries(learner: Learner, run: Run | None) -> None:
    """The slow-query log of a run, by statement: how often, how long in line, how long at work, and in all."""
    if run is None:
        results.nothing()
        return
    log = _slow(run)
    if not log:
        cards.show(Note(("The slow-query log is empty: no statement had 50 ms of database time.",), "good"))
        return
    rows = [("times", "mean time in line", "mean time at work", "at work in all", "statement")]
    for sql, times in Counter(sql for sql, _, _ in log).most_common(6):
        mine = [(waited, took) for text, waited, took in log if text == sql]
        line, work = (sum(pair[i] for pair in mine) for i in (0, 1))
        rows.append((str(times), _ms(line / times), _ms(work / times), _ms(work), _short(sql)))
    cards.show(Note((f"{len(log)} entries in the slow-query log, by statement:",), table=tuple(rows)))


def _short(sql: str) -> str:
    return sql if len(sql) <= SHOWN else f"{sql[: SHOWN - 4]} ..."


def statements(learner: Learner, run: Run | None) -> None:
    """What the database executed in each part of the scenario `quiet`, by statement, for one page or one file."""
    if run is None:
        results.nothing()
        return
    if run.info.scenario != "quiet":
        raise LearnerError(
            f"this is a run of the scenario {run.info.scenario!r}, in which all things happen at once;"
            " expected a run of 'quiet', such as lab.run(scenario='quiet')"
        )
    rows: list[tuple[str, ...]] = [
        ("asked for", "statements for one", "database time for one", "rows scanned by one", "statement")
    ]
    for endpoint in PARTS:
        rows += _of_part(run, endpoint)
    cards.show(Note(("What the database did for one page, one page of the archive, one file:",), table=tuple(rows)))


def _of_part(run: Run, endpoint: str) -> list[tuple[str, ...]]:
    chosen = [s for s in part(run, endpoint) if (s.commits > 0) == (endpoint == IMPORT)]
    asked = in_part(run, endpoint)
    if not asked:
        return [(endpoint, "-", "-", "-", "nothing was asked for")]
    rows: list[tuple[str, ...]] = []
    for sql in dict.fromkeys(_shape(s) for s in chosen):
        mine = [s for s in chosen if _shape(s) == sql]
        time = sum(s.database_s for s in mine) / asked
        rows.append((endpoint, f"{len(mine) / asked:.3g}", _ms(time), f"{work_of(mine).scanned / asked:,.0f}", _short(sql)))
    return rows


def _shape(statement: Statement) -> str:
    """The text of a statement, with lists of marks made one: IN (?, ?) and IN (?) are of one shape."""
    return re.sub(r" IN \(\?(?:, \?)+", " IN (?", statement.sql)


def plan(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = ()) -> None:
    """Draw the plans of what a page asks the database, and of a page of the archive; one or two runs of `quiet`."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 2:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one or two")
    heads = titles if len(titles) == len(chosen) else ["before", "after"] if len(chosen) == 2 else [""]
    trees, notes = {}, {}
    for head, run in zip(heads, chosen, strict=True):
        known = plans(run)
        for endpoint in (PAGE, ARCHIVE):
            mine = [s for s in part(run, endpoint) if not s.commits]
            shapes = list(dict.fromkeys(_shape(s) for s in mine))
            for number, shape in enumerate(shapes[:2], 1):
                same = [s for s in mine if _shape(s) == shape]
                name = f"{head + ': ' if head else ''}{endpoint}" + (f", statement {number}" if len(shapes) > 1 else "")
                trees[name] = known.get(same[0].sql, [])
                notes[name] = _each(same)
    silent = [_named(run) for run in chosen if not any(part(run, endpoint) for endpoint in (PAGE, ARCHIVE))]
    if silent:
        cards.show(
            Note((f"No plan to draw of {', '.join(silent)}: it asked the database nothing in the parts of 'quiet'.",))
        )
    if trees:
        results.draw(charts.plan(trees, notes=notes))


def _each(same: list[Statement]) -> str:
    done = work_of(same)
    times = len(same)
    time = sum(s.database_s for s in same) / times
    return f"one: {done.steps / times:,.0f} steps, {cost.pages(done) / times:,.0f} pages, {_ms(time)}"


def indexes(learner: Learner) -> None:
    """Measure six candidates for an index: steps, pages and database time of the page's query, and its plan."""
    if validating():
        return
    with learner.waiting("indexes", "Six candidates", CANDIDATES_S) as bar:
        found = measure.candidates(bar.update)
    results.draw(figures.indexes(found, WORK_GOAL_MS))
    rows = [("index", "steps", "pages read", "of them fetched", "database time", "plan")]
    for one in found:
        mine = one.other
        text = ", ".join(text for _, _, text in one.plan).replace(" candidate", "")
        rows.append(
            (
                one.name,
                f"{mine.steps:,.0f}",
                f"{mine.pages:,.0f}",
                f"{mine.fetched:,.0f}",
                f"{mine.milliseconds:,.3g} ms",
                text,
            )
        )
    cards.show(
        Note(("The other customers, whose orders are harder to come by, in numbers; mean of eight:",), table=tuple(rows))
    )


def paging(learner: Learner) -> None:
    """Measure what a page of the archive costs by how deep it lies: OFFSET and keyset."""
    if not validating():
        results.draw(figures.depth(measure.depths()))


def writing(learner: Learner) -> None:
    """Measure what it costs to store an order: by the number of indexes, and row by row."""
    if validating():
        return
    with learner.waiting("writing", "Six ways to store 200 orders", WRITINGS_S) as bar:
        found = measure.writings(bar.update)
    results.draw(figures.writing(found, WRITE_GOAL))


def policies(learner: Learner) -> None:
    """Run what most people try first, and see which checks each one passes; one seed."""
    told = "What each check measured (its unit is in the verdicts above); x: short of the goal."
    kit_policies.table(learner, POLICIES, told, 4.0)


def postgres(learner: Learner) -> None:
    """The page's query on a real PostgreSQL: EXPLAIN ANALYZE without and with the index, and statement_timeout."""
    from labs.kit.worlds.live.postgres.server import NoServer
    from labs.lab03_database.elsewhere import explain

    if validating() or os.environ.get("BREAKFIX_LIVE") == "off":
        cards.show(Note(("Not run: live runs are left out.",)))
        return
    try:
        with learner.waiting("postgres", "PostgreSQL: 300,000 orders", 20.0) as bar:
            told = explain(bar.update)
    except NoServer as error:
        cards.show(Note((f"No PostgreSQL here, and the page goes on without: {error}",), "warn"))
        return
    for head, lines in told.items():
        print(f"{head}\n" + "\n".join(f"    {line}" for line in lines) + "\n")
