"""The audit: what a repair leaves over at the quiet end of a run, a gate of every lab that simulated runs judge.

Each run has a calm tail, in which nobody asks for anything. A right repair has ended by then what it began, but for what
every service keeps ready: workers, idle connections. Two kinds of facts are read. Calls, connections and descriptors are
counted from outside. Tasks, threads, lost exceptions and what stop() raises are told by the repair's own process, and count
only against it: one that hides them is not found out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from labs.kit.measure import stats
from labs.kit.model import names
from labs.kit.model.lab import Check, Lab
from labs.kit.model.record import Left, Run
from labs.kit.model.verdict import Finding

NAME = "left_over"
KEEPS = 0.5
MARGIN = 3
"""A bound is at least so many times what any right repair was seen to leave."""
LEAST_GROWN, GROWS_EACH = 10, 5
"""Tasks or threads that may come after the middle and stay: one for five requests. Right repairs: none. Slips: 80 threads
after 134 requests (lab08), 277 tasks after 331 (lab07)."""
LEAST_KEPT, KEEPS_EACH = 30, 4
"""Ended tasks or answers that may be kept: one for four requests. Right repairs: at most 28 after 448 requests (lab07, where
each failed job keeps its own). Slips: 371 after 371 (lab00)."""
LEAST_OPEN = 66
"""Files that may be open. Right repairs: 22 (lab08, seven threads with a connection to the database each)."""
MOST_CALLS = 3
"""Calls that may be under way: right repairs have none, and one of a service's own may be slow. Slips: 100 (lab05)."""
MOST_IDLE = 10
"""Connections that may be open beyond MARGIN times those that were in use at once. Right repairs: one more than in use."""


REPORTED = {
    names.ERRORS_LEFT: (
        "lost_exception",
        "an exception in {0} reached nobody{2}: {1}. Await the task, or look at its result.",
    ),
    names.NEVER_AWAITED: ("never_awaited", "{0} called {1} and never awaited it{2}, so nothing of it was done."),
    names.TASKS_LOST: ("lost_task", "{0} threw a task away before it ended{2}: {1}. Keep a reference to each task."),
    names.NEVER_CLOSED: (
        "never_closed",
        "{0} dropped a {1} that was still open{2}. Close it, or keep one for all requests.",
    ),
    names.STOP_FAILED: ("stop_fails", "{0} was told to stop, and stop() failed: {1}"),
    names.STOP_HANGS: ("stop_hangs", "{0} was told to stop, and its stop() had not returned {1} later."),
}
"""Of what one is too many: what was given up, and a stop that fails. With the reason and the sentence for it: {0} is the
service, {1} what it was, {2} how often."""
REASONS = (
    *(reason for reason, _ in REPORTED.values()),
    "calls_left", "tasks_left", "threads_left", "connections_left", "descriptors_left", "kept",
)  # fmt: skip
"""All reasons; the first are those that name their cause best."""
GROW = {names.TASKS_LEFT: "tasks_left", names.THREADS_LEFT: "threads_left"}


@dataclass(frozen=True)
class _Slip:
    """Something that is left over: how many, a slug, and a sentence."""

    count: int
    reason: str
    told: str


def audited(lab: Lab) -> Lab:
    """The lab with the audit as its last gate: over all scenarios that its simulated checks need, and in which a service
    runs the repair. Without any, as it is."""
    needed = dict.fromkeys(name for check in lab.checks if check.world == "simulated" for name in check.needs)
    needs = tuple(name for name in needed if _repaired(lab, name))
    return replace(lab, checks=(*lab.checks, _gate(needs))) if needs else lab


def _repaired(lab: Lab, scenario: str) -> bool:
    """Does a service that runs the repair take part in this scenario?"""
    return any(service.runs_fix for service in lab.taking_part(lab.scenarios[scenario]).services)


def left_over(runs: Mapping[str, Run]) -> Finding:
    """What is left over: of all runs what names its cause best, and of that the most."""
    found = [(name, slip) for name, run in runs.items() for slip in slips(run)]
    if not found:
        return Finding(True, 0, "quiet", "At the end of each run, all that was begun had ended.")
    name, slip = max(found, key=lambda pair: (-REASONS.index(pair[1].reason), pair[1].count))
    return Finding(False, slip.count, slip.reason, f"In {name!r}, {slip.told}")


def slips(run: Run) -> Iterator[_Slip]:
    """All that is left over in a run."""
    for host in filter(None, run.info.repaired.split(",")):
        rows = run.left(host)
        yield from _reported(host, rows)
        yield from _grown(run, host, rows)
        yield from _held(run, host, rows)


def _reported(host: str, rows: list[Left]) -> Iterator[_Slip]:
    """Of this, one is one too many."""
    for kind, (reason, told) in REPORTED.items():
        found = [row for row in rows if row.kind == kind]
        if found:
            most = max(found, key=lambda row: row.count)
            times = f", {most.count} times" if most.count > 1 else ""
            yield _Slip(most.count, reason, told.format(host, most.what, times))


def _grown(run: Run, host: str, rows: list[Left]) -> Iterator[_Slip]:
    """What is more with each request: one in five is a leak, whatever else a service keeps ready.

    What requests hold whose callers still wait for an answer is not left over.
    """
    whole, later, waiting = asked(run, host), asked(run, host, run.info.load_s / 2), _waiting(run, host)
    for row in rows:
        if row.kind in GROW and row.count - waiting > max(LEAST_GROWN, later / GROWS_EACH):
            told = f"{host} had {row.count} {row.kind} more at the end than midway, after {later} more requests"
            yield _Slip(row.count, GROW[row.kind], f"{told}: {row.what}. Who starts one sees to it that it ends.")
        elif row.kind == names.KEPT_LEFT and row.count - waiting > max(LEAST_KEPT, whole / KEEPS_EACH):
            told = f"{host} still held {row.count} {row.what}, after {whole} requests"
            yield _Slip(row.count, "kept", f"{told}. What belongs to a request is let go with it.")


def _held(run: Run, host: str, rows: list[Left]) -> Iterator[_Slip]:
    calls = Counter({row.what: row.count for row in rows if row.kind == names.CALLS_LEFT})
    if calls.total() - _waiting(run, host) > MOST_CALLS:
        what, _ = calls.most_common(1)[0]
        told = f"{calls.total()} calls of {host} were still under way long after everybody had left ({what})."
        tasks = [f"{row.count} times {row.what}" for row in rows if row.kind == names.TASKS_LEFT]
        told += f" Tasks that go on: {', '.join(tasks)}." if tasks else ""
        yield _Slip(calls.total(), "calls_left", f"{told} Who gives up must end the call.")
    for row in rows:
        if row.kind == names.CONNECTIONS_LEFT:
            needed = stats.most_in_flight(run, row.what)
            if row.count > MOST_IDLE + MARGIN * needed:
                told = f"{host} held {row.count} connections open at the end, and never used more than {needed} at once"
                yield _Slip(row.count, "connections_left", f"{told} ({row.what}). One session for all requests keeps few.")
        elif row.kind == names.DESCRIPTORS_LEFT and row.count > max(LEAST_OPEN, asked(run, host) / KEEPS_EACH):
            told = f"{host} held {row.count} files open at the end. Close what you open."
            yield _Slip(row.count, "descriptors_left", told)


def _to(run: Run, host: str) -> list[str]:
    """The links on which a service is called."""
    return [link for link in run.links() if link.endswith(f"->{host}")]


def _waiting(run: Run, host: str) -> int:
    """The callers of a service that were still waiting for its answer when the run ended."""
    return sum(r.done is None for link in _to(run, host) for r in run.requests(link))


def asked(run: Run, host: str, start: float = 0.0) -> int:
    """How often a service was asked from `start` on."""
    return sum(r.sent >= start for link in _to(run, host) for r in run.requests(link))


def _gate(needs: tuple[str, ...]) -> Check:
    return Check(
        name=NAME, title="Nothing is left over at the end", needs=needs, judge=left_over, goal=0, bound="at most",
        unit="calls, connections, tasks, threads or exceptions left over",
        hint="What a request begins, it ends: await it, cancel it or close it, also where it fails or its caller leaves.",
        gate=True, keeps=KEEPS, simulated_only="only a simulated run has a calm tail after its end", hears=("left",),
    )  # fmt: skip
