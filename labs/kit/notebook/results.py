"""The presentation of a run for the learner: its result in a line, predictions beside measurements, charts."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.kit.charts.chart import percent, plural
from labs.kit.measure import stats
from labs.kit.model.lab import BROKEN, Lab, named
from labs.kit.model.record import ERROR_LEVELS, Run
from labs.kit.model.verdict import Status
from labs.kit.notebook import notes
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import quoted

if TYPE_CHECKING:
    from labs.kit.charts import Chart


def said(prediction: Mapping[str, Any]) -> str:
    """The value of a prediction in words: a number with its unit, or the word itself."""
    value = prediction["value"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return notes.quantity(float(value), prediction["unit"])
    return str(value)


def no_prediction(asked: Mapping[str, str], name: str, value: object, unit: str) -> str:
    """Why this is no prediction of a lab that asks for these names, each with its unit; "" if it is one, or None yet.

    Without a unit a word is asked for. A moment may also come "never".
    """
    if asked and name not in asked:
        close = difflib.get_close_matches(name, asked, n=1)
        meant = f"Did you mean {close[0]!r}?" if close else f"It asks for: {', '.join(map(repr, asked))}."
        return f"Not noted: this lab asks for no prediction of {name!r}. {meant}"
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if value is None or not asked.get(name) or number or value == "never":
        return ""
    return f"Not noted: {value!r} is no number. Write one, of the unit {unit!r}, as in lab.predict({name!r}, 12)."


def note(lab: Lab, run: Run, predictions: Sequence[Mapping[str, Any]], source: str = "") -> Note:
    """The result of a run, the errors in the services' logs, and the measurements.

    Predictions are about the broken code in the lab's first scenario, so they are shown only beside such runs. `source` is
    the text of the repair: of lines that are named it is quoted.
    """
    i = run.info
    head = f"Scenario {i.scenario} with {named(i.fix)}, {'live, ' * (i.world == 'live')}seed {i.seed}"
    if run.status is Status.INFRA_ERROR:
        again = "This run does not count; run the cell again."
        return Note((f"{head}: {notes.WORDS[run.status][0]}. {i.detail}", again), "bad")
    table = _table(lab, run, {p["name"]: p for p in predictions} if _predicted(lab, run) else {})
    errors = tuple(quoted(told, source) for told in _errors(run))
    logged = ("What the services logged; one request may leave several lines:",) if errors else ()
    if run.status is not Status.PASS:
        ended = f"{head}: {notes.WORDS[run.status][0]}. {quoted(i.detail, source)}"
        return Note((ended, *_advice([i.detail]), *logged), "bad", errors, table)
    requests = run.requests()
    good = f"{len(requests):,} requests, {_share(stats.success_rate(run))} of them succeeded" if requests else "no requests"
    return Note((f"{head}: {good}.", *_validity(run), *logged), listed=errors, table=table)


def _share(share: float) -> str:
    """A share in percent with three digits: 100% only for all, 0% only for none."""
    return percent(share) if not 0.005 <= share < 0.995 else f"{100 * share:.3g}%"


def _predicted(lab: Lab, run: Run) -> bool:
    return run.info.fix == BROKEN and run.info.scenario == next(iter(lab.scenarios))


def _validity(run: Run) -> tuple[str, ...]:
    """The send lag of a live run: whether the run is a valid measurement."""
    if run.info.world != "live":
        return ()
    return (f"A valid measurement: 99% of the requests were sent within {1000 * stats.send_lag(run):.1f} ms of their time.",)


SHOWN_ERRORS = 3
"""The largest number of kinds of logged errors in a run's note."""
LONGEST_ERROR = 120
"""The largest length of an error's own text."""


ADVICE = {
    "pickle": "What goes to another process is pickled: give it a function at the top of a module and plain values. A method"
    " takes all of its object along, with its pools and connections.",
    r"never awaited|'coroutine' object|type coroutine|<coroutine object": "Calling an async function makes a coroutine and"
    " runs none of it; `await` does.",
}
"""Explanations of errors, by a pattern of the error's text."""
_NEVER_LOOKED_AT = re.compile(r"future: <Task finished .*?coro=<([^ ()]+).*? exception=(.*?)>")
"""What asyncio prints of a task that ended with an exception when the last reference to it is gone."""
_NEVER_AWAITED = re.compile(r"fix\.py:\d+: RuntimeWarning: coroutine '[^']*' was never awaited")


def _errors(run: Run) -> tuple[str, ...]:
    """The most frequent errors in the services' logs, each with its line of fix.py if the log has one.

    Python's warnings of coroutines that were never awaited are added, because these coroutines did not run.
    """
    kinds: Counter[str] = Counter()
    warned: dict[str, None] = {}
    for log in run.logs():
        if log.level in ERROR_LEVELS:
            of = f": {log.error_type}" if log.error_type else ""
            kinds[f"{log.host} logged {log.event!r}{of}{_where(log.fields)}"[:300]] += 1
        elif found := _NEVER_AWAITED.search(log.fields):
            warned[f"{log.host} warned at {found[0]}"[:300]] = None  # Python warns once per line, so a count says nothing
        elif log.event == "print" and (found := _NEVER_LOOKED_AT.search(log.fields)):
            warned[f"{log.host}: an exception in a background task reached nobody: {found[2]} in {found[1]}"[:300]] = None
    ranked = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    told = (*(f"{count:,} x {kind}" for kind, count in ranked[:SHOWN_ERRORS]), *list(warned)[:SHOWN_ERRORS])
    if others := ranked[SHOWN_ERRORS:]:
        told += (f"and {plural(len(others), 'other kind')}: {plural(sum(count for _, count in others), 'error log')}",)
    return told + _advice(told)


def _advice(told: Sequence[str]) -> tuple[str, ...]:
    return tuple(advice for words, advice in ADVICE.items() if any(re.search(words, each) for each in told))


def _where(fields: str) -> str:
    """The exception and the last line of fix.py from the traceback in a log line; "" without a traceback."""
    try:
        traceback = str(json.loads(fields).get("exception", "")) if '"exception"' in fields else ""
    except (ValueError, AttributeError):  # a service that runs the repair may write anything
        traceback = ""
    lines = re.findall(r'File "[^"\n]*fix\.py", line (\d+)', traceback)
    raised = traceback.strip().splitlines()[-1].partition(": ")[2] if traceback.strip() else ""
    text = f" ({raised[:LONGEST_ERROR]})" if raised else ""
    return text + (f" at fix.py:{lines[-1]}" if lines else "")


def _table(lab: Lab, run: Run, predicted: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    rows = []
    belongs = not lab.measured_in or run.info.scenario in lab.measured_in
    for name, (measure, unit) in lab.measures.items() if belongs else ():
        try:
            found = measure(run)
            measured = "never" if found is None else notes.quantity(found, unit)
        except (ValueError, ArithmeticError, LookupError):
            if run.status is Status.PASS and not predicted:  # not a matter of this scenario
                continue
            measured = "not measured"
        rows.append((name, said(predicted[name]) if name in predicted else "-", measured))
    if predicted or not rows:
        return (("", "you predicted", "measured"), *rows) if rows else ()
    return (("", "measured"), *((name, measured) for name, _, measured in rows))


def heads(runs: Sequence[Run], titles: Sequence[str] = ()) -> list[str]:
    """What heads each run: the titles, if there is one for each; else repair and scenario."""
    return list(titles) if len(titles) == len(runs) else [f"{named(r.info.fix)}, {r.info.scenario}" for r in runs]


def title(run: Run) -> str:
    """The code and the scenario of a run, and whether it was live: what stands above its column or panel."""
    return f"{named(run.info.fix)}, {run.info.scenario}" + ", live" * (run.info.world == "live")


def side_by_side(
    told: str, parts: Sequence[Any], read: Callable[..., Mapping[str, str]], heads: Sequence[str] = (), *more: str
) -> Note:
    """A table of signals, a column for each run, or for each part of one: `read` gives the same signals of each, by name.

    `heads` stand over the columns; by default the repair, scenario and world of each run. `told` and `more` stand above.
    """
    heads = heads or [f"{named(run.info.fix)}, {run.info.scenario}, {run.info.world}" for run in parts]
    readings = [read(part) for part in parts]
    rows = [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    return Note((told, *more), table=(("signal", *heads), *rows))


LISTED = 20
"""The requests of one list."""


def requests(run: Run, from_s: float, failed: bool | None, link: str | None) -> Note:
    """The first requests of a run on a link from a second on, with their ids; see `Learner.requests`.

    Raises:
        LearnerError: the run has no such link.
    """
    if link is not None and link not in run.links():
        raise LearnerError(f"no link {link!r} in this run; the links are: {', '.join(run.links())}")
    found = [r for r in run.requests(link) if r.intended >= from_s and (failed is None or failed is not r.ok)]
    asked = {None: "Requests", True: "Requests that failed", False: "Requests that were answered 2xx"}[failed]
    told = f"{asked}, seed {run.info.seed}, from second {from_s:g} on: {len(found)}"
    told += f"; the first {LISTED} of them:" if len(found) > LISTED else "."
    rows = [("request", "sent at, s", "endpoint", "answer", "after")]
    for r in found[:LISTED]:
        after = "never" if r.latency is None else f"{1000 * r.latency:,.0f} ms"
        rows.append((r.request_id, f"{r.sent:.2f}", r.endpoint, str(r.status or r.error_type), after))
    return Note((told,), table=tuple(rows) if found else ())


def counted(run: Run, host: str, event: str) -> Counter[str]:
    """The sum of what a service logged under this event, name by name."""
    found: Counter[str] = Counter()
    for _, fields in stats.logged(run, host, event):
        found.update(fields)
    return found


def insist_on_run(given: object) -> None:
    """Raise LearnerError if this is neither a run nor None, which stands for one that did not take place."""
    if given is not None and not isinstance(given, Run):
        raise LearnerError(f'{given!r} is no run; lab.run() and lab.run("broken") return one: broken = lab.run("broken")')


def nothing() -> None:
    """Show the note that the run has not taken place."""
    notes.show(Note(("Nothing to show: the run of the cell above has not taken place yet.",)))


def took_place(*runs: Run | None) -> list[Run]:
    """The runs that took place and did not fail because of the machine; if there is none, a note says so.

    Raises:
        LearnerError: something else than a run was given.
    """
    for run in runs:
        insist_on_run(run)
    chosen = [run for run in runs if run is not None and run.status is not Status.INFRA_ERROR]
    if not chosen:
        nothing()
    return chosen


def draw(chart: Chart) -> None:
    """Show a chart with its summary; in plain Python only the summary."""
    if notes.shell() is None:
        print(chart.summary)
    else:
        notes.show(chart)
