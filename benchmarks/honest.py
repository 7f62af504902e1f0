"""Is the load's measurement right? Its send lag, and its report on a server that stalls.

A client that waits for each answer before its next request sends nothing while the server stalls, and so hardly measures
the stall: coordinated omission (Tene, "How NOT to Measure Latency", 2013).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import locusting
from benchmarks.row import Row
from benchmarks.talking import Child, apart, child
from labs.kit.measure.stats import percentile
from labs.kit.model.load import Phase, arrivals
from labs.kit.model.names import NS
from labs.kit.worlds.live.runner import LEAD_S

LOAD, SERVER, CLOSED = "labs.kit.worlds.live.load", "benchmarks.canned", "benchmarks.closed"
WAITING = 1024
"""The server's backlog. Connections must wait during a stall; if they were refused, they would come back a second later."""
REQUEST = "GET / HTTP/1.1\r\nHost: canned\r\n\r\n"
PATIENCE_S = 30.0
MOST_LAG_MS = 5.0
NEAR = 0.05


@dataclass(frozen=True)
class Sent:
    """One request of the load: its intended time, its send time and its answer time, in ns of the run."""

    due: int
    sent: int
    done: int


@dataclass(frozen=True)
class Driven:
    """A whole load: its requests in the order of their intended times, and its start in ns of the system's monotonic clock.

    `idle_lag_ms` is the delay of timers on the idle machine before the load (p99), `cpu_s` the load's CPU time.
    """

    requests: list[Sent]
    start_ns: int
    idle_lag_ms: float
    cpu_s: float


@dataclass(frozen=True)
class Trial:
    """A load of `rate` a second for `seconds`, with at most `users` waiting users, and the server's stall in it."""

    rate: float = 50.0
    seconds: float = 20.0
    users: int = 5
    stall_after_s: float = 8.0
    stall_s: float = 2.0


TRIAL = Trial()


def send_lag(rate: float = 1_000, seconds: float = 10) -> Row:
    """The 99th percentile of the send lag of the load's process, alone on one core."""
    with apart() as core, _server() as (_, port):
        driven = _drive(port, rate, seconds, on=core or None)
    ours = percentile([(r.sent - r.due) * 1000 / NS for r in driven.requests], 99)
    where = "the load on one core" if core else "the load on any core, for this system cannot pin it"
    return Row(
        "send-lag",
        f"send lag p99 at {rate:,g} requests a second for {seconds:g} s, {where} ({driven.cpu_s / seconds:.0%} of it used), "
        "against the p99 of a timer on the idle machine",
        "ms",
        driven.idle_lag_ms,
        ours,
        ours / driven.idle_lag_ms,
        f"{MOST_LAG_MS:g} ms",
        ours <= MOST_LAG_MS,
    )


def stall(trial: Trial = TRIAL) -> list[Row]:
    """The reports of three clients on one stall, beside the truth: ours, a closed loop, and Locust if it is installed."""
    driven, stalled = open_loop(trial)
    true_ms = truth([r.due for r in driven.requests], *stalled)
    waited = [(r.done - r.due) * 1000 / NS for r in driven.requests]
    rows = [_row("ours", f"our open loop, {len(waited):,} requests", true_ms, percentile(waited, 99), trial)]
    took = closed_loop(trial)
    what = f"a closed loop, {trial.users} users that wait for each answer, {len(took):,} requests"
    rows.append(_row("closed loop", what, true_ms, percentile(took, 99), trial))
    version = locusting.version()
    if version is None:
        return [*rows, _row("Locust", f"Locust, {locusting.INSTALL}", true_ms, math.nan, trial)]
    with _server() as (server, port):
        p99, requests = locusting.p99_ms(port, trial.rate, trial.users, trial.seconds, lambda: _stall(server, trial))
    what = f"Locust {version}, {trial.users} users at constant_throughput, {requests:,} requests"
    return [*rows, _row("Locust", what, true_ms, p99, trial)]


def truth(dues: Sequence[int], begin: int, end: int) -> float:
    """The p99 in ms of the waits of requests due at `dues` for a server that stalls from `begin` to `end`, all in ns.

    It follows from the schedule alone: a request during the stall waits for its end, and no other request waits. The time
    to serve a request, tens of microseconds, is left out.
    """
    return percentile([(end - due) * 1000 / NS if begin <= due < end else 0.0 for due in dues], 99)


def open_loop(trial: Trial) -> tuple[Driven, tuple[int, int]]:
    """The kit's load through the stall, and the stall's begin and end, in ns of the run."""
    stalled: list[int] = []
    with _server() as (server, port):
        driven = _drive(port, trial.rate, trial.seconds, lambda: stalled.extend(_stall(server, trial)))
    begin, end = (at - driven.start_ns for at in stalled)
    return driven, (begin, end)


def closed_loop(trial: Trial) -> list[float]:
    """The time of each request of a closed loop, in ms, from its send time instead of its intended time."""
    pause_s = trial.users / trial.rate
    with _server() as (server, port):
        spec = {"port": port, "users": trial.users, "pause_s": pause_s, "seconds": trial.seconds}
        with child(CLOSED, spec) as closed:
            _stall(server, trial)
            took: list[float] = closed.hear("took_ms")
    return took


def _row(client: str, what: str, true_ms: float, reported_ms: float, trial: Trial) -> Row:
    ratio = reported_ms / true_ms
    return Row(
        f"stall: {client}",
        f"p99 of {trial.seconds:g} s at {trial.rate:g} requests a second with a stall of {trial.stall_s:g} s, against the "
        f"truth; reported by {what}",
        "ms",
        true_ms,
        reported_ms,
        ratio,
        f"within {NEAR:.0%} of the truth",
        abs(ratio - 1) <= NEAR,
    )


@contextmanager
def _server() -> Iterator[tuple[Child, int]]:
    """The canned server, and its port."""
    with child(SERVER, {"waiting": WAITING}) as server:
        yield server, server.hear("ready")


def _stall(server: Child, trial: Trial) -> tuple[int, int]:
    """Wait for the server's first request and plan its stall. Returns begin and end in ns of the monotonic clock."""
    begin = server.hear("first") + round(trial.stall_after_s * NS)
    end = begin + round(trial.stall_s * NS)
    server.order(stall=[begin, end])
    return begin, end


def _drive(
    port: int, rate: float, seconds: float, begun: Callable[[], object] = lambda: None, on: set[int] | None = None
) -> Driven:
    """Run the load's process against `port`, from its first request to its last answer; `begun` is called meanwhile.

    Raises:
        RuntimeError: a request failed, or was never answered.
    """
    dues = arrivals([Phase(rate, seconds, "constant")], seed=0)
    rows: list[list[int]] = []
    with child(LOAD, {"port": port, "calls": [(due, REQUEST, PATIENCE_S) for due in dues]}, on) as load:
        load.hear("ready")
        start_ns = time.monotonic_ns() + round(LEAD_S * NS)
        load.order(start=start_ns)
        idle_lag_ms = load.hear("idle_lag_ms")
        begun()
        while len(rows) < len(dues):
            rows += load.hear("rows")
        load.order(stop=True)
        cpu_s = load.hear("cpu_s")
    failed = [row for row in rows if row[3] != 200]
    if failed:
        raise RuntimeError(
            f"{len(failed)} of {len(rows)} requests failed, the first with {failed[0][4]!r}: nothing was measured"
        )
    requests = [Sent(dues[index], sent, done) for index, sent, done, *_ in sorted(rows)]
    return Driven(requests, start_ns, idle_lag_ms, cpu_s)
