"""Where answers come from: what a visitor was answered truly, the store must have sent by then, once at least.

Read on the wire to the store, in what the store logged, and in what the load and the probe got: nothing of it is the
repair's word. What the store sent may be kept, so an earlier sending counts as well as one for this very visitor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import inf

from labs.kit import Run, stats
from labs.lab02_memory.readings import EDITOR, LINK
from labs.lab02_memory.scenarios import ABROAD, LEDGER, SCENARIOS, wanted


def invented(run: Run) -> list[str]:
    """The answers that did not come from the store, each in a few words."""
    fetched = _fetched(run)
    return [*_visits(run, fetched), *_after_revisions(run, fetched), *_parts(run)]


def _fetched(run: Run) -> Mapping[str, list[float]]:
    """When the store had sent the figures of each report."""
    fetched = defaultdict(list)
    for call in run.requests(LINK):
        _, figures, name = call.endpoint.partition("GET /figures/")
        if figures and call.ok and call.done is not None:
            fetched[name].append(call.done)
    return fetched


def _visits(run: Run, fetched: Mapping[str, list[float]]) -> Iterator[str]:
    """Reports that a visitor got before anybody had read their figures."""
    for ticket, done in _answered(run):
        want = wanted(ticket, SCENARIOS[run.info.scenario].settings)
        if not want.size and not any(at <= done + stats.CLOCK_S for at in fetched.get(want.name, [])):
            yield f"the report {want.name} at second {done:.2f}"


def _after_revisions(run: Run, fetched: Mapping[str, list[float]]) -> Iterator[str]:
    """Revised reports that the probe got right before anybody had read their new figures."""
    apart = 0.0 if run.info.world == "simulated" else stats.CLOCK_S  # the next revision may come at once
    revised = [(call.endpoint, call.sent) for call in run.requests(EDITOR)]
    for event in run.events("answer"):
        name, until = event.subject.removesuffix(ABROAD), event.time - apart
        if event.detail == "right" and name != LEDGER:
            since = max((at for endpoint, at in revised if endpoint == f"POST /revise/{name}" and at < until), default=0.0)
            if not any(since - stats.CLOCK_S <= at <= event.time + stats.CLOCK_S for at in fetched.get(name, [])):
                yield f"the report {name}, revised at second {since:.2f}, at second {event.time:.2f}"


def _parts(run: Run) -> Iterator[str]:
    """Parts of the ledger of which a visitor got bytes that the store had not sent; any calls may have brought them."""
    sent = [(log.time, told) for log, told in stats.logged(run, "store", "sent")]
    settings = {**SCENARIOS[run.info.scenario].settings, **({"ledger_mb": sent[0][1]["ledger_mb"]} if sent else {})}
    for ticket, done in _answered(run):
        want = wanted(ticket, settings)
        reached = want.start
        for start, stop in sorted((told["start"], told["stop"]) for at, told in sent if at <= done + stats.CLOCK_S):
            reached = max(reached, stop) if start <= reached else reached
        if reached < want.start + want.size:
            yield f"the ledger from byte {want.start} on at second {done:.2f}"


def _answered(run: Run) -> Iterator[tuple[str, float]]:
    """The ticket of each visit that was answered 200, and when."""
    for visit in run.requests():
        if visit.ok:
            yield visit.endpoint.rpartition("/")[2], inf if visit.done is None else visit.done
