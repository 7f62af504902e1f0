"""Numbers from the rows of a run: plain functions over a Run. Charts and checks compute nothing of their own.

Times are seconds from the start of the run; windows are half open, [start, end). "User requests" are the load's own, on
the link "load->ENTRY", and belong to the window in which they were *intended*: a request that a stall delayed counts
where the user felt the delay, and a request that never ended counts as failed. An exchange on an inner link is an
"attempt" and belongs to the window in which it was sent.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labs.kit.model.names import COMPUTED, KEPT
from labs.kit.model.record import JUDGE, Log, Request, Run

LEVEL = 0.9
"""The success rate that counts as healthy, by default."""

SUSTAINED_S = 3.0
"""The time that a run must stay healthy to count as recovered, by default."""

CLOCK_S = 0.05
"""By how much the clocks of two processes may differ in the live world."""


@dataclass(frozen=True)
class Bin:
    """The counts of one bin, [start, start + seconds).

    `offered`, `ok` and `failed` count user requests; `p50` and `p99` are their request times in seconds, failures
    included, or None without requests. `attempts` counts the exchanges sent on each link.
    """

    start: float
    seconds: float
    offered: int
    ok: int
    failed: int
    p50: float | None
    p99: float | None
    attempts: Mapping[str, int]


@dataclass(frozen=True)
class FaultWindow:
    """A fault, from the events "fault on" and "fault off". `end` is the end of the run if there is no "fault off"."""

    start: float
    end: float
    subject: str
    detail: str


def percentile(values: Iterable[float], q: float) -> float:
    """The q-th percentile by nearest rank: the smallest of the values that at least q % of them do not exceed.

    The result is always one of the values, never an average of two: the inverse of the empirical distribution function,
    definition 1 in Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996.

    Raises:
        ValueError: there are no values, or q is outside 0 to 100.
    """
    ordered = sorted(values)
    if not 0 <= q <= 100:
        raise ValueError(f"a percentile lies between 0 and 100, not at {q:g}; for the median ask for 50")
    if not ordered:
        raise ValueError(f"no values to take the percentile {q:g} of; widen the window")
    # Rounded first: 99.9 % of 1000 must be rank 999, whatever 99.9 * 1000 / 100 is in binary.
    rank = math.ceil(round(q * len(ordered) / 100, 9))
    return ordered[max(rank, 1) - 1]


def user_requests(run: Run, start: float = 0.0, end: float | None = None) -> list[Request]:
    """The load's requests with an intended time in [start, end); `end` is by default the end of the load.

    Raises:
        ValueError: the window is empty.
    """
    start, end = _window(run, start, end)
    return [r for r in run.requests() if start <= r.intended < end]


def success_rate(run: Run, start: float = 0.0, end: float | None = None) -> float:
    """Share, 0 to 1, of the user requests intended in the window that were answered 2xx; unfinished requests failed.

    It is the request-based availability of Google's "Site Reliability Engineering" (2016), chapter 3.

    Raises:
        ValueError: the window is empty, or no request was intended in it.
    """
    chosen = _some_requests(run, start, end)
    return sum(r.ok for r in chosen) / len(chosen)


def goodput(run: Run, start: float = 0.0, end: float | None = None) -> float:
    """User requests answered 2xx, per second of the window in which they were intended.

    Requests are counted by intended time, so that a backlog that drains later cannot raise the goodput above the offered
    rate. The term comes from RFC 2647 (section 3.17), which counts bits instead of requests.

    Raises:
        ValueError: the window is empty.
    """
    start, end = _window(run, start, end)
    return sum(r.ok for r in user_requests(run, start, end)) / (end - start)


def latencies(run: Run, start: float = 0.0, end: float | None = None) -> list[float]:
    """Request times in seconds, ascending, of the user requests intended in the window, failed ones included.

    They count from the intended time, against coordinated omission (Tene, "How NOT to Measure Latency", 2013). A request
    that never ended counts with the time from then to the end of the run: without it the worst would be missing.

    Raises:
        ValueError: the window is empty.
    """
    return sorted(_waited(run, r) for r in user_requests(run, start, end))


def send_lag(run: Run, q: float = 99.0) -> float:
    """The q-th percentile of the send lag in seconds: how late the load sent its requests; 0 without requests.

    It measures the measurement: a large lag says that the load generator was too slow, and the run is invalid.
    """
    lags = [r.sent - r.intended for r in run.requests()]
    return percentile(lags, q) if lags else 0.0


def attempts(run: Run, link: str, start: float = 0.0, end: float | None = None) -> int:
    """The number of exchanges sent on a link in the window; 0 if there were none.

    Raises:
        ValueError: the window is empty, or `link` is not of the form "caller->called".
    """
    return len(_sent(run, link, start, end))


def amplification(run: Run, link: str, start: float = 0.0, end: float | None = None) -> float:
    """Attempts on the link in the window, divided by the user requests intended in the same window.

    It is 1 without retries. Retries in several layers multiply: three layers of three attempts make 27 ("Site
    Reliability Engineering", chapter 22). Attempts that a backlog delays count in the window in which they are sent.

    Raises:
        ValueError: the window is empty, no request was intended in it, or `link` is not of the form "caller->called".
    """
    return attempts(run, link, start, end) / len(_some_requests(run, start, end))


def outcomes(run: Run, link: str, start: float = 0.0, end: float | None = None) -> Counter[str]:
    """The outcomes of the attempts sent in the window: {"200": 310, "timeout": 25}, by status or by error type.

    Raises:
        ValueError: the window is empty, or `link` is not of the form "caller->called".
    """
    return Counter(outcome(r) for r in _sent(run, link, start, end))


def outcome(request: Request) -> str:
    """The outcome of one exchange as a word: its status, or its error type if there was no answer."""
    return request.error_type or str(request.status)


def recovery_s(
    run: Run, after: float, sustained_s: float = SUSTAINED_S, level: float = LEVEL, *, bin_s: float = 1.0
) -> float:
    """Seconds from `after`, the end of the trigger, until the service is healthy and stays so to the end of the load.

    The time from `after` is cut into bins of `bin_s`. A bin is healthy if its success rate is at least `level`, or if no
    request was intended in it. Recovery is the start of the first bin from which all bins are healthy; it is `math.inf`
    if that stretch is shorter than `sustained_s` or saw no request. A metastable failure does not recover without outside
    help after the trigger is gone (Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021).

    Raises:
        ValueError: `after` is not before the end of the load, or `bin_s` is not above 0.
    """
    if bin_s <= 0:
        raise ValueError(f"bins of {bin_s:g} s are too short: give a length above 0")
    chosen = user_requests(run, after)
    recovered, since = 0, math.inf
    for number, requests in reversed(sorted(_by_bin(chosen, after, bin_s).items())):
        if sum(r.ok for r in requests) < level * len(requests):
            recovered = number + 1
            break
        since = requests[0].intended
    # No request was intended since: the load was over, or idle, before any request could show a recovery.
    lasted = run.info.load_s - (after + recovered * bin_s)
    return recovered * bin_s if since < math.inf and lasted >= sustained_s - 1e-9 else math.inf


def timeline(run: Run, bin_s: float = 1.0) -> list[Bin]:
    """The whole run in bins of `bin_s` seconds; the last bin may be shorter.

    Raises:
        ValueError: `bin_s` is not above 0.
    """
    if bin_s <= 0:
        raise ValueError(f"bins of {bin_s:g} s are too short: give a length above 0")
    users = _by_bin(run.requests(), 0.0, bin_s)
    sent = {link: Counter(_bin_of(r.sent, 0.0, bin_s) for r in run.requests(link)) for link in run.links()}
    rows = []
    for number in range(math.ceil(round(run.info.seconds / bin_s, 9))):
        requests = users.get(number, [])
        ok = sum(r.ok for r in requests)
        waited = [_waited(run, r) for r in requests]
        rows.append(
            Bin(
                start=number * bin_s,
                seconds=min(bin_s, run.info.seconds - number * bin_s),
                offered=len(requests),
                ok=ok,
                failed=len(requests) - ok,
                p50=percentile(waited, 50) if waited else None,
                p99=percentile(waited, 99) if waited else None,
                attempts={link: count[number] for link, count in sent.items()},
            )
        )
    return rows


def in_flight(run: Run, link: str, at: float) -> int:
    """The number of exchanges in flight on a link at one moment: sent, and not yet ended.

    Raises:
        ValueError: `link` is not of the form "caller->called".
    """
    return sum(r.sent <= at and (r.done is None or at < r.done) for r in _on(run, link))


def most_in_flight(run: Run, link: str, start: float = 0.0, end: float = math.inf) -> int:
    """The most exchanges that were under way on a link at one moment of the window.

    Raises:
        ValueError: `link` is not of the form "caller->called".
    """
    changes = [(r.sent, 1) for r in _on(run, link)]
    changes += [(math.inf if r.done is None else r.done, -1) for r in _on(run, link)]
    most = now = 0
    for at, change in sorted(changes):
        now += change
        most = max(most, now) if start <= at < end else most
    return most


def mean_in_flight(run: Run, link: str, start: float = 0.0, end: float | None = None) -> float:
    """The number of exchanges in flight on a link, averaged over the window.

    In a steady state it is the arrival rate times the mean time in the system: L = lambda W (Little, "A Proof for the
    Queuing Formula L = lambda W", 1961). If the two differ, the queue is growing or draining.

    Raises:
        ValueError: the window is empty, or `link` is not of the form "caller->called".
    """
    start, end = _window(run, start, end)
    held = 0.0
    for request in _on(run, link):
        done = run.info.seconds if request.done is None else request.done
        held += max(0.0, min(done, end) - max(request.sent, start))
    return held / (end - start)


def fault_windows(run: Run) -> list[FaultWindow]:
    """The faults of a run, in the order of their beginnings."""
    off = run.events("fault off")
    windows = []
    for on in run.events("fault on"):
        match = next((e for e in off if e.subject == on.subject and e.detail == on.detail and e.time >= on.time), None)
        if match:
            off.remove(match)
        windows.append(FaultWindow(on.time, match.time if match else run.info.seconds, on.subject, on.detail))
    return sorted(windows, key=lambda w: w.start)


def _window(run: Run, start: float, end: float | None) -> tuple[float, float]:
    end = run.info.load_s if end is None else end
    if not start < end:
        raise ValueError(
            f"the window from {start:g} s to {end:g} s is empty; the load lasts from 0 to {run.info.load_s:g} s"
        )
    return start, end


def _some_requests(run: Run, start: float, end: float | None) -> list[Request]:
    chosen = user_requests(run, start, end)
    if not chosen:
        start, end = _window(run, start, end)
        raise ValueError(
            f"no request was intended from {start:g} s to {end:g} s, so no share can be told; "
            f"the load lasts from 0 to {run.info.load_s:g} s"
        )
    return chosen


def _on(run: Run, link: str) -> list[Request]:
    if "->" not in link:
        raise ValueError(f'no link {link!r}: a link is "caller->called"; this run has {", ".join(run.links()) or "none"}')
    return run.requests(link)


def _sent(run: Run, link: str, start: float, end: float | None) -> list[Request]:
    start, end = _window(run, start, end)
    return [r for r in _on(run, link) if start <= r.sent < end]


def _waited(run: Run, request: Request) -> float:
    return run.info.seconds - request.intended if request.latency is None else request.latency


def _bin_of(time: float, origin: float, bin_s: float) -> int:
    # Rounded first: 0.3 s must fall into the fourth bin of 0.1 s, whatever 0.3 / 0.1 is in binary.
    return math.floor(round((time - origin) / bin_s, 9))


def _by_bin(requests: Iterable[Request], origin: float, bin_s: float) -> dict[int, list[Request]]:
    bins: dict[int, list[Request]] = {}
    for request in requests:
        bins.setdefault(_bin_of(request.intended, origin, bin_s), []).append(request)
    return bins


def logged(run: Run, host: str, event: str) -> list[tuple[Log, Any]]:
    """The log lines of a service under one event, each with its fields. Raises ValueError where these are no JSON."""
    return [(log, json.loads(log.fields)) for log in run.logs(host) if log.event == event]


def uncomputed(run: Run, host: str, pieces: int, each_s: float) -> int:
    """How many of `pieces` of declared work, each of `each_s`, a service never computed: whoever has them made them up.

    A tenth is let go, for work is declared in slices. 0 for a live run, in which nobody counts.
    """
    if run.info.world == "live":
        return 0
    computed = sum(sample.value for sample in run.samples(COMPUTED, host))
    return max(0, math.ceil(0.9 * pieces - computed / each_s))


def told_apart(value: float, bound: float, decimals: int = 0) -> tuple[str, str]:
    """Two figures with as many decimals as it takes to tell them apart, six at most: never "20 ms, at most 20 ms"."""
    while value != bound and decimals < 6 and f"{value:.{decimals}f}" == f"{bound:.{decimals}f}":
        decimals += 1
    one, other = f"{value:,.{decimals}f}", f"{bound:,.{decimals}f}"
    return one, other.rstrip("0").rstrip(".") if "." in other else other


def kept(run: Run, service: str) -> tuple[list[list[Any]], str]:
    """The rows that the judge read of what a service had kept (`Kept`), and why it could not read them, "" if it could."""
    read = [json.loads(event.detail) for event in run.events(KEPT) if event.subject == service and event.by == JUDGE]
    told: dict[str, Any] = read[-1] if read else {"error": "nothing was read"}
    return told.get("rows", []), told.get("error", "")


def lasts(seconds: Iterable[bool], for_s: float) -> float | None:
    """The end of the second in which a condition has held for `for_s` seconds without a break; None if it never does.

    Args:
        seconds: for each second from 0 on, whether the condition holds.
    """
    since = None
    for second, holds in enumerate(seconds):
        if not holds:
            since = None
            continue
        since = second if since is None else since
        if second + 1 - since >= for_s:
            return second + 1.0
    return None
