"""What a run of this lab says, in numbers. All of it was seen on the wire, or comes from services that run no repair.

Times are seconds of the run; windows are half open, [start, end).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from labs.kit import Run, record, stats
from labs.lab07_backpressure.scenarios import CAPACITY, PATIENCE_S

WORK = "api->renderer"
REFUSED = (429, 503)
OFFER_FAILED = "Intake.offer failed"
"""What the API logs when an exception leaves the repair's `offer`; its caller gets an error 500."""
LEAST_PAID_S = 10.0
"""A worker that was rented is paid for this long, however soon it is released."""


def renders(run: Run, start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The labels that the renderer finished in the window, in the order in which they were sent for."""
    last = run.info.seconds if end is None else end
    found = [r for r in run.requests(WORK) if r.status == 200 and r.endpoint == "POST /render"]
    return [r for r in found if r.done is not None and start <= r.done < last]


def in_time(run: Run, start: float = 0.0, end: float | None = None) -> float:
    """Answers within the patience of their callers, a second of the window in which they came, as `renders` counts."""
    end = run.info.load_s if end is None else end
    # The load hangs up when its patience ends: what is 2xx came in time.
    return sum(r.ok and r.done is not None and start <= r.done < end for r in run.requests()) / (end - start)


def words(run: Run, start: float = 0.0, end: float | None = None) -> list[float]:
    """For each request of the window: seconds until its caller heard yes or no; the whole patience if neither."""
    asked = stats.user_requests(run, start, end)
    return [min(r.latency or PATIENCE_S, PATIENCE_S) if told(r) else PATIENCE_S for r in asked]


def told(request: record.Request) -> bool:
    """Did its caller hear yes or no?"""
    return request.ok or request.status in REFUSED


def failed(request: record.Request) -> bool:
    """Was it answered with an error, which is neither yes nor no?"""
    return request.status >= 400 and request.status not in REFUSED


def went_in(request: record.Request) -> bool:
    """Was its job taken in, whatever became of it then?"""
    return request.status not in REFUSED and not failed(request)


def raised(run: Run) -> str:
    """What `offer` raised most often, by the API's log, as "QueueFull"; "an exception" if the log does not say."""
    kinds = Counter(log.error_type for log in run.said.logs("api") if log.event == OFFER_FAILED and log.error_type)
    return min(kinds, key=lambda kind: (-kinds[kind], kind), default="an exception")


@dataclass(frozen=True)
class Wait:
    """A job whose work began at `at`, after so many seconds; did its caller get the label in time?"""

    at: float
    seconds: float
    served: bool


def waits(run: Run) -> list[Wait]:
    """The queue wait of each request of the shops whose work began under load: from when it was due until then."""
    asked = {r.request_id: r for r in run.requests()}
    end = run.info.load_s
    begun = [(w.sent, asked[w.request_id]) for w in run.requests(WORK) if w.request_id in asked and w.sent < end]
    return [Wait(at, at - request.intended, request.ok) for at, request in begun]


def waited_for(run: Run, start: float) -> float:
    """Of the labels made from `start` on, those that came in time, in %. Raises ZeroDivisionError if there are none."""
    made, useful = renders(run, start, run.info.load_s), served(run)
    return 100 * sum(r.request_id in useful for r in made) / len(made)


def served(run: Run) -> set[str]:
    """The names of the jobs, of all clients, whose callers got their label in time."""
    return {r.request_id for link in ("load->api", "bulk->api") for r in run.requests(link) if r.ok}


@dataclass(frozen=True)
class Share:
    """How many of a client's requests were served in time."""

    served: int
    asked: int

    @property
    def share(self) -> float:
        """As a share of 0 to 1; 1 if it asked for nothing."""
        return self.served / self.asked if self.asked else 1.0


def shops(run: Run, start: float = 0.0) -> Share:
    """The quiet clients, together."""
    asked = stats.user_requests(run, start)
    return Share(sum(r.ok for r in asked), len(asked))


def bulk(run: Run, start: float = 0.0) -> Counter[str]:
    """How the noisy client's jobs ended from `start` on, by its own word (it runs no repair): done, refused, error, ..."""
    return Counter(event.detail for event in run.events("bulk job") if event.time >= start)


@dataclass(frozen=True)
class Rented:
    """What workers were paid for: all worker-seconds of a run, and how often some were rented, or released."""

    worker_seconds: float
    rents: int
    releases: int


def rented(run: Run, base: int = 2) -> Rented:
    """What the renderer charged for: `base` workers all the time, and each one more for at least LEAST_PAID_S."""
    begun: list[float] = []
    total, rents, releases = base * run.info.seconds, 0, 0
    for event in (e for e in run.events() if e.kind in ("rent", "release")):
        more = int(event.subject) - base - len(begun)
        rents += more > 0
        releases += more < 0
        begun += [event.time] * more
        for _ in range(min(-more, len(begun))):
            total += max(LEAST_PAID_S, event.time - begun.pop())
    total += sum(max(LEAST_PAID_S, run.info.seconds - at) for at in begun)
    return Rented(total, rents, releases)


def advice(run: Run) -> str:
    """What to do about errors, in a clause."""
    return f"offer() raised {raised(run)}, which its caller hears as neither yes nor no. Catch it, and refuse: job.refuse()."


def why(run: Run, start: float, end: float | None = None) -> tuple[str, str]:
    """Why too few callers of the window were served in time: a slug, and a sentence from the wire."""
    end = run.info.load_s if end is None else end
    made = renders(run, start, end)
    pace = len(made) / (end - start)
    asked = stats.user_requests(run, start, end)
    refused = [r for r in asked if r.status in REFUSED]
    offered = len(asked) / (end - start)
    errors = sum(failed(r) for r in asked)
    names = {r.request_id for r in made}
    if 2 * errors > sum(not r.ok for r in asked):
        return "errors", f"{errors} of {len(asked)} callers got an error: {advice(run)}"
    if pace < 0.8 * min(CAPACITY, offered):
        return "renderer_idle", (
            f"the renderer made {pace:.0f} labels a second of the {min(CAPACITY, offered):.0f} that it could and that were"
            " asked for. What keeps work from it?"
        )
    if sum(r.request_id in names for r in refused) > 0.2 * len(made):
        return "refused_after_work", (
            f"{sum(r.request_id in names for r in refused)} callers were refused after their label had been made. When is a"
            " refusal cheap?"
        )
    if stats.mean_in_flight(run, WORK, start, end) > 10:
        return "queue_at_renderer", (
            f"on average {stats.mean_in_flight(run, WORK, start, end):.0f} calls were under way to a renderer that works on"
            " two at a time: the queue stands there, where nobody bounds it."
        )
    if len(refused) + errors < 0.02 * len(asked):
        return "nothing_refused", (
            f"the renderer made {pace:.0f} labels a second, and of {len(asked)} callers {len(refused)} were refused: the"
            " others stand in line for longer than they wait. Which of them could have been told at once? A bound alone"
            " tells nobody: at a full queue, `await put()` waits for a place, and put_nowait() raises QueueFull."
        )
    return "refused_too_late", (
        f"{len(refused) + errors} of {len(asked)} callers were turned away, and still the renderer worked for callers who"
        " had left. How long may a job have waited when its work begins?"
    )
