"""What a run of this lab says, in numbers: of the kept file, of the process's memory, and of the answers to callers.

All of it was read or seen by the judge; the version of the model comes from the registry, which runs no repair.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labs.kit import Kept, Run, names, record, stats
from labs.lab09_batches import data
from labs.lab09_batches.scenarios import BURST_CALLERS, CALM_CALLERS, LEAVES_AFTER_S, POISON_AT, asks, twins

NIGHT, SCORING = "night", "scoring"
ROWS, PLACE, CALLS, ITEMS = "night.rows", "night.place", "model.calls", "model.items"
RAISED, DONE, BY_LINE = "the night raised", "the night is done", "calls by line"
BUCKET = 512
"""Ids of so many numbers are counted together: some 73 events."""
MOST_ASIDE = 300
_MIX = 97
_SQL = f"""
select 'scores', event_id / {BUCKET}, count(*), count(distinct event_id), sum(score * (1 + event_id % {_MIX}))
from scores group by 2
union all select * from (
  select 'aside', event_id, count(*), substr(min(reason), 1, 80), 0 from set_aside group by event_id order by event_id
  limit {MOST_ASIDE}
)
union all select 'all aside', count(distinct event_id), count(*), 0, 0 from set_aside
"""  # noqa: S608 - put together from the numbers of this file
KEPT = Kept("scores.sqlite", _SQL, scenarios=("night", "small", "kills"))
"""What the judge reads of a night, at most 1,000 rows."""


@dataclass(frozen=True)
class Night:
    """What a night has kept. Counts of events, but for `rows_twice`, which counts rows.

    `lost` have no row, `lost_behind` of them lie before an event that has one; `short` are the buckets of ids in which some
    are lost. `rows_twice` are rows too many, `invented` rows of events that have no score; in `wrong` buckets the scores are
    others. `aside` maps the id of an event to the reason kept with it, one of them if there are more; `aside_rows` counts
    the events, `aside_twice` the rows too many. `unread` says why the file could not be read, else "".
    """

    events: int
    lost: int = 0
    lost_behind: int = 0
    rows_twice: int = 0
    invented: int = 0
    wrong: int = 0
    aside: dict[int, str] = field(default_factory=dict)
    aside_rows: int = 0
    aside_twice: int = 0
    short: frozenset[int] = frozenset()
    unread: str = ""


def night(run: Run) -> Night:
    """What the night had kept when the morning came."""
    told = run.events("model")[0]
    right = data.scores(told.detail, int(told.subject))
    rows, unread = stats.kept(run, NIGHT)
    if unread:
        return Night(len(right), lost=len(right), unread=unread)
    buckets: dict[int, list[int]] = {}
    short: set[int] = set()
    for event, score in right.items():
        counted = buckets.setdefault(event // BUCKET, [0, 0])
        counted[0] += 1
        counted[1] += score * (1 + event % _MIX)
    found = {row[1]: row[2:] for row in rows if row[0] == "scores"}
    lost = behind = twice = invented = wrong = 0
    last = max((bucket for bucket in found if bucket in buckets), default=-1)
    for bucket, (number, mixed) in buckets.items():
        count, different, sum_of = found.pop(bucket, (0, 0, 0))
        lost += max(0, number - different)
        short |= {bucket} if different < number else set()
        behind += max(0, number - different) * (bucket < last)
        invented += max(0, different - number)
        twice += count - different
        wrong += count == different == number and sum_of != mixed
    invented += sum(count for count, _, _ in found.values())
    aside = {row[1]: str(row[3]) for row in rows if row[0] == "aside"}
    totals = next(row for row in rows if row[0] == "all aside")
    return Night(len(right), lost, behind, twice, invented, wrong, aside, totals[1], totals[2] - totals[1], frozenset(short))


def peak_mb(run: Run) -> float:
    """The most that the pipeline's process ever held, in MB, on top of what it held at the start; live as far as known."""
    held = [s.value for s in run.samples(names.MEMORY, NIGHT)]
    tops = [s.value for s in run.samples(names.MEMORY_PEAK, NIGHT)]
    start = held[0] if run.info.world == "live" and held else 0.0
    return (max([*held, *tops], default=0.0) - start) / names.MB


def is_score(request: record.Request) -> bool:
    """Does it ask for a score?"""
    return request.endpoint.startswith("POST")


def waited(run: Run, request: record.Request) -> float:
    """Seconds until its answer; until the end of the run if there was none."""
    return run.info.seconds - request.intended if request.latency is None else request.latency


def leaves(request: record.Request) -> bool:
    """Did this caller leave at once?"""
    return request.error_type == "timeout" and request.latency is not None and request.latency < 2 * LEAVES_AFTER_S


def scores_asked(run: Run, start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The requests for a score that were due in the window, without those of callers who left at once."""
    return [r for r in stats.user_requests(run, start, end) if is_score(r) and not leaves(r)]


def told_apart(run: Run) -> list[tuple[str, record.Request]]:
    """Each request of the load with what it is, see `scenarios.asks`, in order."""
    crowd = run.info.scenario if run.info.scenario in POISON_AT else ""
    return [(asks(crowd, index), request) for index, request in enumerate(run.requests())]


def calm(run: Run) -> list[tuple[str, record.Request]]:
    """Those of `reset` who came alone, after the short rush."""
    return told_apart(run)[BURST_CALLERS : BURST_CALLERS + CALM_CALLERS]


def unanswered(run: Run, how: str) -> tuple[int, int]:
    """How many callers who stayed got no answer in the rush, "reset" or "timeout", and how many of them had a twin."""
    off = [index for index, (what, r) in enumerate(told_apart(run)) if r.error_type == how and what == "score"]
    return len(off), sum(twins(run.info.scenario, index) >= 0 for index in off)


def complete_at(run: Run) -> float:
    """When the night had the rows that it has in the end, as it says itself; 0 if it does not say."""
    rows = run.samples(ROWS, NIGHT)
    return next((sample.time for sample in rows if sample.value == rows[-1].value), 0.0)


def soon(run: Run, limit_s: float) -> float:
    """Share of the requests for a score that were answered 200 or 422 within `limit_s`."""
    asked = scores_asked(run)
    return sum(r.status in (200, 422) and waited(run, r) <= limit_s for r in asked) / len(asked)


def health_late(run: Run, limit_s: float) -> float:
    """Share of the requests for the service's health that were answered within `limit_s`."""
    asked = [r for r in stats.user_requests(run) if not is_score(r)]
    return sum(r.ok and waited(run, r) <= limit_s for r in asked) / len(asked)


def computed_s(run: Run, host: str) -> float:
    """For how many seconds a service computed, as the judge saw it."""
    return sum(s.value for s in run.samples(names.COMPUTED, host))


def last_score(run: Run) -> float:
    """When the last score was answered; 0 if none was."""
    return max((r.done or 0.0 for r in run.requests() if r.ok and is_score(r)), default=0.0)


def events_in(run: Run) -> int:
    """How many events the file of this night has. Raises ValueError: the run has no night."""
    size = run.events("model")[0].detail
    if not size:
        raise ValueError(f"no night in the scenario {run.info.scenario!r}")
    return data.EVENTS[size]


def passed(run: Run, event: float) -> int:
    """How many events of this night have an id up to this one."""
    return min(data.passed(event), events_in(run))


def scored_share(run: Run) -> float:
    """Of the events that can be scored, how many have a row in the morning, in %. Raises KeyError: the run has no night."""
    kept = night(run)
    return 100 * (kept.events - kept.lost) / kept.events


def held_mb(run: Run) -> float:
    """`peak_mb` of a run that has a night. Raises ValueError: it has none."""
    events_in(run)
    return peak_mb(run)
