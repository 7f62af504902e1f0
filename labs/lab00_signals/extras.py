"""What lab00 adds to the learner's handle: `lab.five(run)`, `lab.record(run)`, `lab.sql(run, query)`, `lab.complaint(run)`,
`lab.search(run)`, `lab.answers(run)`, `lab.seen(run)`, `lab.trace(run)`, `lab.slow(run)`, `lab.begins(run)`,
`lab.policies()`, `lab.alert()`."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit.charts import traces
from labs.kit.charts.chart import plural, seconds
from labs.kit.measure import spans, stats
from labs.kit.model.lab import named
from labs.kit.model.record import ERROR_LEVELS, Log, Run
from labs.kit.notebook import notes, results
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook.dashboard.figure import five_signals
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.notes import Note
from labs.lab00_signals import alerts, figures, readings
from labs.lab00_signals.readings import SERVICES, Order
from labs.lab00_signals.trouble import FAMILIES

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

alert = alerts.alert

SHOWN = 12
"""Log lines that a search shows."""
PREDICTED = "where most failures begin"
COMPLAINT = "UnknownProduct"
"""The customer who complains has met this: an order that goes all the way down."""

POLICIES = {
    "broken": "broken",
    "a new id in each service": "wrong_new_id",
    "the id in a variable of the module": "wrong_module_global",
    "the same, and one request at a time": "wrong_one_at_a_time",
    "logged, and answered 200": "wrong_logged_and_200",
    "logged in the shop only": "wrong_edge_only",
    "each service tells its own exception": "wrong_type_of_the_wrapper",
    "every step logged": "wrong_chatty",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/; the learner's repair comes last."""


def five(learner: Learner, run: Run | None) -> None:
    """The five signals of a run, as a dashboard shows them."""
    for shown in results.took_place(run):
        results.draw(five_signals(shown, learner.lab, objective=readings.SLOW_S, link="shop->inventory"))


def record(learner: Learner, run: Run | None) -> None:
    """What the record of a run holds: each table, how many rows it has, and one of them."""
    for shown in results.took_place(run):
        table = [("table", "rows", "what a row is", "one of them")]
        for name, what in TABLES.items():
            count = shown.db.table(name).count
            table.append((name, f"{count:,}", what, _example(shown, name) if count else "-"))
        notes.show(Note((f"The record of the run with {named(shown.info.fix)}:",), table=tuple(table)))


TABLES = {
    "requests": "one exchange on one link, seen on the wire",
    "logs": "one line that a service logged; with two notes for the judge on each order",
    "spans": "one piece of work of one service, with begin and end",
    "samples": "one reading of one signal",
    "events": "a change of the system: fault, deploy, restart",
}


def _example(run: Run, table: str) -> str:
    row = next(iter(run.db.query(f"select * from [{table}] order by rowid desc limit 1")))  # noqa: S608 - a name above
    return ", ".join(f"{k}={_short(v)}" for k, v in row.items() if v not in ("", None, "{}"))[:150]


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)[:40]


def sql(learner: Learner, run: Run | None, query: str) -> None:
    """Ask the record of a run in SQL, and show what comes back as a table.

    Raises:
        LearnerError: SQLite does not understand the query; with its own words.
    """
    for shown in results.took_place(run):
        try:
            found = list(shown.db.query(query))
        except (sqlite3.Error, ValueError) as error:
            raise LearnerError(f"the record cannot answer that: {error}; its tables are {', '.join(TABLES)}") from None
        table = [tuple(found[0]), *(tuple(row.values()) for row in found[:SHOWN])] if found else []
        more = f", the first {SHOWN} of them:" if len(found) > SHOWN else ":"
        notes.show(Note((plural(len(found), "row") + more,), table=tuple(table)))


def complaint(learner: Learner, run: Run | None) -> str | None:
    """The order that a customer complains about, as the gateway saw it; returns its id."""
    for shown in results.took_place(run):
        order = complained(shown)
        told = (
            f"The customer ordered {order.product} at second {order.at:.2f}. The gateway's access log has it as"
            f" request {order.request_id}:"
            f" answered {order.status}, {plural(order.bytes, 'byte')}, after {seconds(order.took)}."
        )
        notes.show(Note((told,)))
        return order.request_id
    return None


def complained(run: Run) -> Order:
    """The first order that met COMPLAINT. Raises LearnerError if none did."""
    found = next((order for order in readings.orders(run) if order.met == COMPLAINT), None)
    if found is None:
        raise LearnerError(f"no order of this run met {COMPLAINT}; run the scenario orders with seed 0")
    return found


def search(learner: Learner, run: Run | None, order: str | None = None) -> None:
    """All log lines that name an order, in time order; if only the gateway does, how many others may be about it."""
    for shown in results.took_place(run):
        asked = _order(shown, order)
        lines = readings.all_logs(shown)
        named = sorted((log for log in lines if log.request_id == asked.request_id), key=lambda log: log.time)
        verb = "names" if len(named) == 1 else "name"
        told = [f"{plural(len(named), 'log line')} of {len(lines):,} {verb} {asked.request_id}."]
        if not any(log.host in SERVICES for log in named):
            told += _haystack(shown, asked)
        table = [("second", "service", "level", "event", "error_type", "other fields")]
        table += [_row(log) for log in named[:SHOWN]]
        notes.show(Note(tuple(told), table=tuple(table)))


def _row(log: Log) -> tuple[str, str, str, str, str, str]:
    return (
        f"{log.time:.3f}",
        log.host,
        log.level,
        log.event,
        log.error_type or "-",
        "" if log.fields == "{}" else log.fields,
    )


def _haystack(run: Run, order: Order) -> list[str]:
    """How many lines of the three services may be about an order that none of them names, and how they differ."""
    lines = readings.service_logs(run)
    near = [log for log in lines if order.at - readings.NEAR_S <= log.time <= order.at + order.took + readings.NEAR_S]
    texts = Counter((log.level, log.event, log.fields) for log in lines)
    bare = sum(not log.request_id for log in lines)
    if not lines:
        return ["Shop, inventory and pricing have logged nothing at all."]
    near_ms = f"{readings.NEAR_S * 1000:.0f} ms"
    (level, event, fields), most = texts.most_common(1)[0]
    return [
        f"Shop, inventory and pricing have {len(lines):,} lines, and {bare:,} of them name no request.",
        f"{plural(len(near), 'line')} of theirs came within {near_ms} of this order: any of them may be about it.",
        _alike(lines, most, f"{level}, {event!r}, {fields}"),
    ]


def _alike(lines: Sequence[Log], most: int, commonest: str) -> str:
    """Do the lines differ, and does that help?"""
    if most == len(lines):
        return f"They do not differ: all {most:,} say {commonest}."
    errors = sum(log.level in ERROR_LEVELS for log in lines)
    told = f" Of the others {errors:,} are errors, and none of them says whose." if errors else ""
    return f"They hardly differ: {most:,} of {len(lines):,} say {commonest}.{told}"


def _order(run: Run, name: str | None) -> Order:
    """An order by its id or its name, or the one of the complaint. Raises LearnerError."""
    if name is None:
        return complained(run)
    everybody = readings.orders(run)
    found = next((order for order in everybody if name in (order.request_id, order.name)), None)
    if found is None:
        raise LearnerError(f"no order {name!r} in this run; it has order-0 to order-{len(everybody) - 1}, or give its id")
    return found


def answers(learner: Learner, *runs: Run | None) -> None:
    """How orders were answered, counted at the gateway: by status, size, and the error that the body names."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    counts = [Counter(_answer(order) for order in readings.orders(run)) for run in chosen]
    kinds = sorted({kind for count in counts for kind in count})
    names = [f"{named(run.info.fix)}, {run.info.world}" for run in chosen]
    rows = [("answer", *names), *((kind, *(f"{count[kind]:,}" for count in counts)) for kind in kinds)]
    notes.show(Note(("Orders by how they were answered, counted at the gateway:",), table=tuple(rows)))


def _answer(order: Order) -> str:
    if order.status == 0:
        return "not answered"
    if not order.bytes:
        return f"{order.status}, empty"
    said = order.body.get("error") if isinstance(order.body, dict) else None
    return (
        f"{order.status}, error {said}" if said else f"{order.status}, with {'a price' if order.right_answer else 'a body'}"
    )


def seen(learner: Learner, *runs: Run | None) -> None:
    """Which failed orders can be seen, and where: one or two runs side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 2:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one or two")
    results.draw(figures.seen(chosen, [named(run.info.fix) for run in chosen]))
    for run in chosen:
        bare = sum(not log.request_id for log in readings.error_logs(run))
        if bare:
            told = f"{named(run.info.fix)}: {plural(bare, 'error log')} without a request id, so in no row."
            notes.show(Note((told[:1].upper() + told[1:],), "warn"))


def trace(learner: Learner, run: Run | None, order: str | None = None) -> None:
    """The trace of an order as a waterfall, by default of the one complained about; "slowest" is the one of longest time."""
    for shown in results.took_place(run):
        slowest = max(readings.orders(shown), key=lambda o: o.took)
        asked = slowest if order == "slowest" else _order(shown, order)
        seen = shown.spans(asked.trace_id)
        results.draw(traces.trace(shown, asked.trace_id, _headline(asked, spans.tree(seen))))
        missing = [service for service in asked.passed if service not in {span.host for span in seen}]
        if missing:
            told = f"The order passed {', '.join(missing)} as well: no span in this trace."
            begun = any(span.host in missing for span in shown.spans())
            more = " They have spans, but in traces of their own: does `call` put the traceparent into the headers, and"
            more = f"{more} before it sends them?" if begun else " They make none at all."
            notes.show(Note((told + more,), "warn"))


def _headline(order: Order, rows: Sequence[spans.Row]) -> str:
    """What to see in the trace of an order: where the lowest error is, or who took the time."""
    failed = [row for row in rows if row.span.status == spans.ERROR]
    told = f"{order.name}, {order.product}"
    if failed:
        return f"{told}, has its lowest error in {max(failed, key=lambda row: row.depth).span.host}"
    if not rows:
        return told
    slowest = max(rows, key=lambda row: row.own_s)
    whole = max(readings.seconds_of(row.span) for row in rows)
    return f"{told}, spent {seconds(slowest.own_s)} of its {seconds(whole)} in {slowest.span.host} itself"


def begins(learner: Learner, run: Run | None) -> None:
    """In which service failures begin, the lowest one with an error log for the order, beside what was predicted."""
    for shown in results.took_place(run):
        logs = readings.by_service_and_id(readings.error_logs(shown))
        failed = readings.failed(shown)
        lowest = [next((s for s in reversed(SERVICES) if (s, order.request_id) in logs), "in no log") for order in failed]
        counts = Counter(lowest)
        said = [p["value"] for p in learner.state().predictions if p["name"] == PREDICTED]
        measured = ", ".join(f"{place} {count}" for place, count in counts.most_common())
        table = (("", "you predicted", "measured"), (PREDICTED, str(said[-1]) if said else "-", measured))
        told = f"{plural(len(failed), 'order')} failed. Each began in the lowest service with an error log for it:"
        notes.show(Note((told,), table=table))


def slow(learner: Learner, run: Run | None) -> None:
    """For each family of products: how long orders took, and the own time of each service, from the spans."""
    for shown in results.took_place(run):
        own = own_times(shown)
        head = ("family", "orders", "request time, p50", *(f"{service}, own time" for service in SERVICES))
        rows = [head]
        for family in FAMILIES:
            ours = [o for o in readings.orders(shown) if o.product.startswith(f"{family}-")]
            if not ours:
                continue
            means = [_mean([t for o in ours if (t := own.get((o.trace_id, service))) is not None]) for service in SERVICES]
            rows.append((family, str(len(ours)), seconds(stats.percentile([o.took for o in ours], 50)), *means))
        took = [o.took for o in readings.orders(shown)]
        share = 100 * sum(t > readings.SLOW_S for t in took) / len(took)
        told = f"{share:.1f} % of the orders took longer than {seconds(readings.SLOW_S)}. Own time is the mean, from spans:"
        notes.show(Note((told,), table=tuple(rows)))


def own_times(run: Run) -> dict[tuple[str, str], float]:
    """Seconds that each service spent itself on each trace, by (trace id, service)."""
    spent: defaultdict[tuple[str, str], float] = defaultdict(float)
    for trace_id, seen in readings.traces(run).items():
        for row in spans.tree(seen):
            spent[trace_id, row.span.host] += row.own_s
    return spent


def _mean(values: list[float]) -> str:
    return seconds(sum(values) / len(values)) if values else "-"


def policies(learner: Learner) -> None:
    """Run what most people try first, and see which checks each one passes; one seed."""
    told = "Share of what is asked for that each check found; x: short of the goal, which is all of it."
    kit_policies.table(learner, POLICIES, told, alerts.EACH_S)
