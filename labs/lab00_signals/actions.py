"""What lab00 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from labs.kit import (
    BROKEN,
    Chart,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    action,
    alerts,
    chart,
    charts,
    five_signals,
    is_number,
    named,
    spans,
    stats,
)  # fmt: skip
from labs.kit import record as _record
from labs.lab00_signals import figures, readings
from labs.lab00_signals.readings import SERVICES, Order
from labs.lab00_signals.scenarios import ANSWERED, NOTED, WATCHED
from labs.lab00_signals.trouble import FAMILIES

SHOWN = 12
"""Log lines that a search shows."""
LISTED = 40
"""Orders that the access log shows at once."""
PREDICTED = "where most failures begin"
COMPLAINT = "UnknownProduct"
"""The customer who complains has met this: an order that goes all the way down."""
TABLES = {
    "requests": "one exchange on one link, seen on the wire",
    "logs": "one line that a service logged",
    "spans": "one piece of work of one service, with begin and end",
    "samples": "one reading of one signal",
    "events": "a change of the system: fault, deploy, restart",
}


@action
def five(learner: Learner, run: Run) -> Chart:
    """The five signals of a run, as a dashboard shows them."""
    return five_signals(run, learner.lab, objective=readings.SLOW_S, link=readings.HOPS["inventory"])


@action
def record(learner: Learner, run: Run) -> Note:
    """What the record of a run holds: each table, how many rows it has, and one of them."""
    rows = [("table", "rows", "what a row is", "one of them")]
    with _published(run) as db:
        for name, what in TABLES.items():
            ((count,),) = db.execute(f"select count(*) from [{name}]")  # noqa: S608 - a name above
            rows.append((name, f"{count:,}", what, _example(db, name) if count else "-"))
    return Note((f"The record of the run with {named(run.info.fix)}:",), table=tuple(rows))


@contextmanager
def _published(run: Run) -> Iterator[sqlite3.Connection]:
    """The record without the judge's own notes, which say of each order what it met: no service of a shop has such a log."""
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    try:
        run.db.conn.backup(db)
        db.execute("delete from logs where event in (?, ?)", (NOTED, ANSWERED))
        yield db
    finally:
        db.close()


def _example(db: sqlite3.Connection, table: str) -> str:
    row = db.execute(f"select * from [{table}] order by rowid desc limit 1").fetchone()  # noqa: S608 - a name above
    return ", ".join(f"{k}={_short(row[k])}" for k in row.keys() if row[k] not in ("", None, "{}"))[:150]  # noqa: SIM118


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)[:40]


@action
def sql(learner: Learner, run: Run, query: str) -> Note:
    """Ask the record of a run in SQL, and show what comes back as a table. Raises LearnerError with SQLite's own words."""
    try:
        with _published(run) as db:
            found = db.execute(query).fetchall()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise LearnerError(f"the record cannot answer that: {error}; its tables are {', '.join(TABLES)}") from None
    table = [tuple(found[0].keys()), *(tuple(row) for row in found[:SHOWN])] if found else []
    more = f", the first {SHOWN} of them:" if len(found) > SHOWN else ":"
    return Note((chart.plural(len(found), "row") + more,), table=tuple(table))


@action
def complaint(learner: Learner, run: Run) -> Generator[Note, None, str]:
    """The order that a customer complains about, as the gateway saw it; returns its id."""
    order = complained(run)
    told = f"The customer ordered {order.product} at second {order.at:.2f}. The gateway's access log has it as request"
    told += f" {order.request_id}: answered {order.status}, {chart.plural(order.bytes, 'byte')}, after"
    yield Note((f"{told} {chart.seconds(order.took)}.",))
    return order.request_id


def complained(run: Run) -> Order:
    """The first order that met COMPLAINT. Raises LearnerError if none did."""
    found = next((order for order in readings.orders(run) if order.met == COMPLAINT), None)
    if found is None:
        raise LearnerError(f"no order of this run met {COMPLAINT}; run the scenario orders with seed 0")
    return found


def _order(run: Run, name: str | None) -> Order:
    """An order by its id or its name, or the one of the complaint. Raises LearnerError."""
    if name is None:
        return complained(run)
    everybody = readings.orders(run)
    found = next((order for order in everybody if name in (order.request_id, order.name)), None)
    if found is None:
        raise LearnerError(f"no order {name!r} in this run; it has order-0 to order-{len(everybody) - 1}, or give its id")
    return found


@action
def search(learner: Learner, run: Run, order: str | None = None) -> Note:
    """All log lines that name an order, in time order; if only the gateway does, how many others may be about it."""
    asked = _order(run, order)
    lines = readings.all_logs(run)
    found = sorted((log for log in lines if log.request_id == asked.request_id), key=lambda log: log.time)
    verb = "names" if len(found) == 1 else "name"
    told = [f"{chart.plural(len(found), 'log line')} of {len(lines):,} {verb} {asked.request_id}."]
    if not any(log.host in SERVICES for log in found):
        told += _haystack(run, asked)
    table = [("second", "service", "level", "event", "error_type", "other fields")]
    for log in found[:SHOWN]:
        fields = "" if log.fields == "{}" else log.fields
        table.append((f"{log.time:.3f}", log.host, log.level, log.event, log.error_type or "-", fields))
    return Note(tuple(told), table=tuple(table))


def _haystack(run: Run, order: Order) -> list[str]:
    """How many lines of the three services may be about an order that none of them names, and how they differ."""
    lines = readings.service_logs(run)
    if not lines:
        return ["Shop, inventory and pricing have logged nothing at all."]
    near = [log for log in lines if order.at - readings.NEAR_S <= log.time <= order.at + order.took + readings.NEAR_S]
    bare = sum(not log.request_id for log in lines)
    near_ms = f"{readings.NEAR_S * 1000:.0f} ms"
    return [
        f"Shop, inventory and pricing have {len(lines):,} lines, and {bare:,} of them name no request.",
        f"{chart.plural(len(near), 'line')} of theirs came within {near_ms} of this order: any of them may be about it.",
        _alike(lines),
    ]


def _alike(lines: Sequence[_record.Log]) -> str:
    """Do the lines differ, and does that help?"""
    (level, event, fields), most = Counter((log.level, log.event, log.fields) for log in lines).most_common(1)[0]
    commonest = f"{level}, {event!r}, {fields}"
    if most == len(lines):
        return f"They do not differ: all {most:,} say {commonest}."
    errors = sum(log.level in _record.ERROR_LEVELS for log in lines)
    told = f" Of the others {errors:,} are errors, and none of them says whose." if errors else ""
    return f"They hardly differ: {most:,} of {len(lines):,} say {commonest}.{told}"


@action
def answers(learner: Learner, *runs: Run) -> Note:
    """How orders were answered, counted at the gateway: by status, size, and the error that the body names."""
    counts = [Counter(_answer(order) for order in readings.orders(run)) for run in runs]
    kinds = sorted({kind for count in counts for kind in count})
    heads = [f"{named(run.info.fix)}, {run.info.world}" for run in runs]
    rows = [("answer", *heads), *((kind, *(f"{count[kind]:,}" for count in counts)) for kind in kinds)]
    return Note(("Orders by how they were answered, counted at the gateway:",), table=tuple(rows))


def _answer(order: Order) -> str:
    if order.status == 0:
        return "not answered"
    if not order.bytes:
        return f"{order.status}, empty"
    if order.error:
        return f"{order.status}, error {order.error}"
    return f"{order.status}, with {'a price' if order.right_answer else 'a body'}"


@action(most_runs=2)
def seen(learner: Learner, *runs: Run) -> Iterator[Chart | Note]:
    """Which failed orders can be seen, and where: one or two runs side by side."""
    yield figures.seen(runs, [named(run.info.fix) for run in runs])
    for run in runs:
        bare = sum(not log.request_id for log in readings.error_logs(run))
        if bare:
            told = f"{named(run.info.fix)}: {chart.plural(bare, 'error log')} without a request id, so in no row."
            yield Note((told[:1].upper() + told[1:],), "warn")


@action
def trace(learner: Learner, run: Run, order: str | None = None) -> Iterator[Chart | Note]:
    """The trace of an order as a waterfall, by default of the one complained about; "slowest" is the one of longest time."""
    slowest = max(readings.orders(run), key=lambda o: o.took)
    asked = slowest if order == "slowest" else _order(run, order)
    in_it = run.spans(asked.trace_id)
    yield charts.trace(run, asked.trace_id, _headline(asked, spans.tree(in_it)))
    missing = [service for service in asked.passed if service not in {span.host for span in in_it}]
    if missing:
        told = f"The order passed {', '.join(missing)} as well: no span in this trace."
        more = " They make none at all."
        if any(span.host in missing for span in run.spans()):
            more = " They have spans, but in traces of their own: does `call` put the traceparent into the headers, and"
            more += " before it sends them?"
        yield Note((told + more,), "warn")


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
    return f"{told}, spent {chart.seconds(slowest.own_s)} of its {chart.seconds(whole)} in {slowest.span.host} itself"


@action
def begins(learner: Learner, run: Run) -> Note:
    """In which service failures begin, the lowest one with an error log for the order, beside what was predicted."""
    logs = readings.by_service_and_id(readings.error_logs(run))
    failed = readings.failed(run)
    lowest = [next((s for s in reversed(SERVICES) if (s, order.request_id) in logs), "in no log") for order in failed]
    said = learner.predicted(PREDICTED)
    measured = ", ".join(f"{place} {count}" for place, count in Counter(lowest).most_common())
    table = (("", "you predicted", "measured"), (PREDICTED, str(said["value"]) if said else "-", measured))
    told = f"{chart.plural(len(failed), 'order')} failed. Each began in the lowest service with an error log for it:"
    return Note((told,), table=table)


@action
def slow(learner: Learner, run: Run) -> Note:
    """For each family of products: how long orders took, and the own time of each service, from the spans."""
    own = readings.own_times(run)
    rows = [("family", "orders", "request time, p50", *(f"{service}, own time" for service in SERVICES))]
    for family in FAMILIES:
        ours = [o for o in readings.orders(run) if o.product.startswith(f"{family}-")]
        if ours:
            means = [_mean([own[o.trace_id, service] for o in ours if (o.trace_id, service) in own]) for service in SERVICES]
            rows.append((family, str(len(ours)), chart.seconds(stats.percentile([o.took for o in ours], 50)), *means))
    told = f"{readings.slow_percent(run):.1f} % of the orders took longer than {chart.seconds(readings.SLOW_S)}."
    return Note((f"{told} Own time is the mean, from spans:",), table=tuple(rows))


def _mean(values: list[float]) -> str:
    return chart.seconds(sum(values) / len(values)) if values else "-"


@action
def access(learner: Learner, run: Run, from_s: float = 0.0, empty: bool | None = None) -> Note:
    """The gateway's access log with the size of each answer, from a second on: of all orders, or of the empty ones."""
    found = [order for order in readings.orders(run) if order.at >= from_s and empty in (None, not order.bytes)]
    rows = [("second", "request id", "status", "bytes", "after")]
    for order in found[:LISTED]:
        rows.append(
            (f"{order.at:.2f}", order.request_id, str(order.status), str(order.bytes), f"{1000 * order.took:.1f} ms")
        )
    kind = {None: "", True: ", empty", False: ", with a body"}[empty]
    told = f"{chart.plural(len(found), 'order')}{kind}, from second {from_s:g} on"
    return Note((told + (f"; the first {LISTED}:" if len(found) > LISTED else ":"),), table=tuple(rows))


@action
def wire(learner: Learner, run: Run, order: str | None = None) -> Note:
    """What was seen between the services while an order was inside; exchanges of other orders may be among it."""
    if order is None:
        return Note(('Give the request id of an order, as lab.access() lists them: lab.wire(run, "...").',))
    asked = _order(run, order)
    rows = [("link", "request id", "begins after", "takes", "status")]
    for link in run.links():
        for seen in run.requests(link):
            if asked.at <= seen.sent <= asked.at + asked.took:
                took = "-" if seen.done is None else f"{1000 * (seen.done - seen.sent):.1f} ms"
                begins = f"{1000 * (seen.sent - asked.at):.1f} ms"
                rows.append((link, seen.request_id or "-", begins, took, str(seen.status or seen.error_type)))
    told = f"Exchanges that began in the {1000 * asked.took:.1f} ms in which {asked.request_id} was inside:"
    return Note((told,), table=tuple(rows))


@action
def alert(
    learner: Learner,
    signal: str | None = None,
    burn_rate: float | None = None,
    window_s: float | None = None,
    fix: str = BROKEN,
) -> None:
    """Try an alert rule: it fires when the error budget burns `burn_rate` times too fast, over the last `window_s` seconds.

    The budget is 1 % of the orders. `signal` is what counts as failed, at the gateway: "5xx", "slow" or "empty".
    """
    if not alerts.chosen(signal, readings.SIGNALS):
        return None
    if burn_rate is None or window_s is None:
        return alerts.no_rule_yet()
    longest = readings.LONGEST_S
    if not is_number(burn_rate) or not is_number(window_s) or burn_rate <= 0 or not 1 <= window_s <= longest:
        expected = f"expected a burn rate above 0, and a window of 1 to {longest:g} s"
        raise LearnerError(f"the rule is a burn rate of {burn_rate!r} over {window_s!r} s; {expected}")
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    failed = f"so when {100 * burn_rate * readings.BUDGET:.3g}% of the orders are {signal}"
    told = (
        f"{named(chosen.name).capitalize()}. Page when over the last {window_s:g} s the burn rate is {burn_rate:g} or more,"
    )
    cases = {name: alerts.Case(Job(chosen, learner.scenario(name)), since) for name, since in WATCHED.items()}
    beside = ("failed, really", lambda run: str(sum(not order.right_answer for order in readings.orders(run))))
    alerts.try_rule(
        learner, f"{told} {failed}:", cases, lambda run: readings.fires_at(run, signal, burn_rate, window_s), 6.0, beside
    )
