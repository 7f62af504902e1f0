"""What the record of a run says of memory, and of what passed on the wire meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.kit import Run, names, record, stats
from labs.lab02_memory.scenarios import ABROAD, LIMIT_MB, MB, ROOM_MB, SCENARIOS, Wanted, wanted

HOST = "reports"
ENTRY, LINK, PROBE, EDITOR = "load->reports", "reports->store", "probe->reports", "probe->store"
POPULAR = "popular-"
WARM_S = {"mixed": 18.0, "popular": 8.0, "busy": 8.0, "stampede": 7.5, "revisions": 8.0}
"""From when on a cache that has a bound is full: before, it may grow, and may miss."""


@dataclass(frozen=True)
class Growth:
    """What stayed of what was made: low-water marks of two windows in a row, and the bytes made from one to the other."""

    low_before: float
    low_after: float
    made: float

    @property
    def kept(self) -> float:
        """Bytes that stayed for each byte made: 0 where memory comes back to where it was or below, 1 where all is kept.

        Less than a megabyte made counts as one: where nothing was made, nothing may stay either.
        """
        return max(0.0, round((self.low_after - self.low_before) / max(self.made, MB), 2))


def readings_of(run: Run, start: float = 0.0, end: float = float("inf")) -> list[tuple[float, float]]:
    """(second, bytes held by the reports service) of each reading in the window."""
    return [(s.time, s.value) for s in run.samples(names.MEMORY, HOST) if start <= s.time < end]


def held(run: Run, start: float = 0.0, end: float = float("inf")) -> list[tuple[float, float]]:
    """(second, bytes held on top of what the service held when the run began) of each reading in the window.

    That is what the simulated world reads. Live, the system counts the interpreter and its modules too: the first reading.
    """
    readings = readings_of(run)
    nothing = readings[0][1] if readings and run.info.world == "live" else 0.0
    return [(second, max(value - nothing, 0.0)) for second, value in readings if start <= second < end]


def low_water(run: Run, start: float, end: float) -> float:
    """The least that the service held in the window, in bytes. What goes up and comes down again does not lift it."""
    return min((value for _, value in held(run, start, end)), default=0.0)


def peak(run: Run) -> float:
    """The most that the service ever held, in bytes, also between two readings; live, where the system tells."""
    most = max((value for _, value in held(run)), default=0.0)
    highest = max((sample.value for sample in run.samples(names.MEMORY_PEAK, HOST)), default=0.0)
    if run.info.world == "simulated" or not highest:
        return max(most, highest)
    return max(most, highest - readings_of(run)[0][1])


def growth(run: Run, start: float, made: float) -> Growth:
    """Low-water marks before and after the middle of [start, end of the load); `made` is bytes a second."""
    end = run.info.load_s
    middle = (start + end) / 2
    return Growth(low_water(run, start, middle), low_water(run, middle, end), made * (middle - start))


def answered_bytes_s(run: Run, start: float) -> float:
    """Bytes of reports sent to visitors, per second of the load from `start` on."""
    return stats.goodput(run, start) * report_bytes(run)


def rendered_bytes_s(run: Run, start: float) -> float:
    """Bytes of reports rendered anew, per second of the load from `start` on: one for each reading of figures."""
    return len(fetched(run, start)) * report_bytes(run) / (run.info.load_s - start)


def report_bytes(run: Run) -> float:
    """The size of a report in this scenario, as learners know it; the autograder's differ by a few percent."""
    return 1000.0 * float(SCENARIOS[run.info.scenario].settings["report_kb"])


def fetched(run: Run, start: float, prefix: str = "") -> list[str]:
    """The names of the reports whose figures the store was asked for from `start` on, as seen on the wire."""
    head = f"GET /figures/{prefix}"
    return [r.endpoint for r in run.requests(LINK) if r.endpoint.startswith(head) and start <= r.sent < run.info.load_s]


def popular_visits(run: Run, start: float) -> int:
    """Visits from `start` on that asked for a popular report."""
    settings = SCENARIOS[run.info.scenario].settings
    tickets = (r.endpoint.rpartition("/")[2] for r in stats.user_requests(run, start))
    return sum(wanted(ticket, settings).name.startswith(POPULAR) for ticket in tickets)


def hit_rate(run: Run, start: float) -> float:
    """Share of the popular visits that needed nothing from the store; a report that was just revised may be read once
    for each currency in which it is asked for."""
    visits = popular_visits(run, start)
    revised = sum(start <= r.sent < run.info.load_s for r in run.requests(EDITOR))
    abroad = sum(start <= e.time < run.info.load_s and e.subject.endswith(ABROAD) for e in run.events("answer"))
    missed = max(0, len(fetched(run, start, POPULAR)) - revised - abroad)
    return max(0.0, 1 - missed / visits) if visits else 0.0


def crossed_at(run: Run, limit: float) -> float | None:
    """The second at which the service first held more than `limit` bytes; None if it never did."""
    return next((second for second, value in readings_of(run) if value > limit), None)


def growth_mb_s(run: Run) -> float:
    """Megabytes a second by which memory still grows, once a cache may be full: low-water marks of the load's last quarters.

    Of a service that was killed, from the start to the first kill. Raises ValueError if there is too little to tell.
    """
    if kills := [event.time for event in run.events(names.OOM_KILL)]:
        (first, low), *_, (last, high) = readings_of(run, 0.0, kills[0])
        return round((high - low) / MB / (last - first), 2)
    end = run.info.load_s
    windows = [(end / 2, 3 * end / 4), (3 * end / 4, end)]
    if not all(readings_of(run, *window) for window in windows):
        raise ValueError(f"{run} has no readings of memory in the second half")
    before, after = (low_water(run, *window) for window in windows)
    return round((after - before) / MB / (end / 4), 2) + 0.0  # never -0.0


def full_after_s(run: Run) -> float | None:
    """The second at which the room is full; live, the limit. None if it never is."""
    limit_mb = LIMIT_MB if run.info.world == "live" else ROOM_MB
    return crossed_at(run, limit_mb * MB)


# The alert rule: how fast does memory grow, over a window that is long enough? --------------------------------------


def slope_mb_per_min(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through (second, bytes), in MB a minute; 0 for fewer than two points.

    Prometheus calls it deriv(); any text on simple linear regression has the formula.
    """
    if len(points) < 2:
        return 0.0
    mean_at = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    return sum((at - mean_at) * (value - mean) for at, value in points) / spread * 60 / MB


def steepest(points: Sequence[tuple[float, float]], for_s: float) -> float:
    """The steepest slope of any window of `for_s` seconds, in MB a minute; 0 where no window is full."""
    ends = [at for at, _ in points if at >= for_s]
    return max((slope_mb_per_min([point for point in points if at - for_s < point[0] <= at]) for at in ends), default=0.0)


def steeper_at(points: Sequence[tuple[float, float]], above_mb_per_min: float, for_s: float) -> float | None:
    """The second at which the slope over the last `for_s` seconds is first above the bound; None if it never is."""
    return next((at for at, slope, _ in _slopes(points, for_s) if slope > above_mb_per_min), None)


def full_within_at(points: Sequence[tuple[float, float]], within_s: float, for_s: float) -> float | None:
    """The second at which the room will be full in less than `within_s`, if memory goes on as in the last `for_s` seconds.

    Prometheus calls it predict_linear().
    """
    for at, slope, value in _slopes(points, for_s):
        if slope > 0 and (ROOM_MB - value / MB) / (slope / 60) < within_s:
            return at
    return None


def _slopes(points: Sequence[tuple[float, float]], for_s: float) -> Iterator[tuple[float, float, float]]:
    """(second, MB a minute, bytes) of each reading that has a full window of `for_s` seconds before it."""
    for position, (at, value) in enumerate(points):
        if at >= for_s:
            yield at, slope_mb_per_min([point for point in points[: position + 1] if point[0] > at - for_s]), value


def above_at(points: Sequence[tuple[float, float]], above_mb: float, for_s: float) -> float | None:
    """The second at which memory has been above the bound for `for_s` seconds; None if it never has."""
    since = None
    for at, value in points:
        since = None if value <= above_mb * MB else at if since is None else since
        if since is not None and at - since >= for_s:
            return at
    return None


SIGNALS = {
    "memory": "more than {bound:g} MB for {for_s:g} s",
    "growth": "more than {bound:g} MB a minute over the last {for_s:g} s",
    "full_in": "the room full in less than {bound:g} s, if it goes on as in the last {for_s:g} s",
    "restarts": "at least {bound:g}",
}
"""The signals of an alert rule, and what a rule with each of them says."""


def fires_at(run: Run, signal: str, bound: float, for_s: float) -> float | None:
    """The second at which an alert rule first fires; None if it never does.

    The simulated world kills nobody: there, the one kill of a run comes when the room is full.
    """
    points = readings_of(run)
    if signal == "restarts":
        return crossed_at(run, ROOM_MB * MB) if bound <= 1 else None
    rule = {"memory": above_at, "growth": steeper_at, "full_in": full_within_at}[signal]
    return rule(points, bound, for_s)


# Evidence: what a visit left behind -------------------------------------------------------------------------------------

LITTLE_MB = 1.0


def visit_by(run: Run, name: str) -> record.Request | None:
    """The visit of this id; None if there was none."""
    return next((r for r in run.requests() if r.request_id == name), None)


def at_the_store(run: Run, visit: record.Request) -> list[record.Request]:
    """The exchanges with the store that began while a visit waited, those of the probe's visits among them."""
    end = float("inf") if visit.done is None else visit.done
    return [r for r in run.requests(LINK) if visit.sent <= r.sent < end]


def around(run: Run, visit: record.Request) -> tuple[tuple[float, float], tuple[float, float]]:
    """The last reading of memory before a visit came, and the first after it was answered: (second, bytes) each."""
    points = readings_of(run)
    before = max((point for point in points if point[0] <= visit.sent), default=(0.0, 0.0))
    return before, min((point for point in points if point[0] >= (visit.done or 0.0)), default=points[-1])


def asked_for(run: Run, visit: record.Request) -> Wanted:
    """What a visit asked for."""
    return wanted(visit.endpoint.rpartition("/")[2], SCENARIOS[run.info.scenario].settings)


def cached_and_kept(run: Run, name: str) -> bool:
    """Did this visit get a report without any call to the store? What is held after it is more, by its page: no reading of
    memory, which differs a little from machine to machine, has to show it."""
    visit = visit_by(run, name)
    return visit is not None and visit.ok and not asked_for(run, visit).size and not at_the_store(run, visit)


def given_back(run: Run, name: str) -> bool:
    """Did this visit get a part of the ledger, for which the store sent all of it, and was little more held after it?"""
    visit = visit_by(run, name)
    if visit is None or not visit.ok or not asked_for(run, visit).size:
        return False
    before, after = around(run, visit)
    return after[1] - before[1] < LITTLE_MB * MB
