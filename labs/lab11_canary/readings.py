"""What the record of a run says: who was served by which version, which share was in force, how the fleet's releases ended.

All is told by services without the repair, the versions, the monitor and the fleet, or seen by the load.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from labs.kit import Run, stats
from labs.lab11_canary.releases import BAD_KINDS, GOOD_KINDS, SILENT

CONFIDENCE = 0.95
STABLE, CANARY = "stable", "canary"
CUT_OFF = 504
"""The router's answer for a version that does not answer."""
WINDOW_S, LEAST, LEAST_RATE = 15, 40, 0.01
"""An alert rule looks at so many seconds, and says nothing while a version got fewer requests in them. The old version's
error rate counts as the usual 1 % at least: of few requests none may fail, and any number is infinitely many times none."""

COUNTED = ("releases", "promoted", "halted", "rolled_back", "undecided", "harmed", "late")


@dataclass(frozen=True)
class Served:
    """One request that a version got: when, whose, which version, and its id."""

    time: float
    user: str
    version: str
    request: str


@dataclass(frozen=True)
class Ended:
    """How releases of some kinds ended: how many there were, and of each outcome. `harmed` are users, by the releases."""

    releases: int
    promoted: int
    halted: int
    rolled_back: int
    undecided: int
    harmed: int
    late: int
    """Of those that fell silent: how many were not rolled back soon after it."""
    stopped_s: float
    """Median seconds to a halt or rollback; below 0 if there was none. Of several kinds, the largest."""
    spread_s: float
    """From the first tenth of these seconds to the last; below 0 if there was no halt or rollback. Likewise."""

    @property
    def stopped(self) -> int:
        """Releases that were halted or rolled back."""
        return self.halted + self.rolled_back


def served(run: Run) -> list[Served]:
    """All requests that reached a version, in the order of their arrival there."""
    found = [Served(event.time, event.subject, event.by, event.detail) for event in run.events("served")]
    return sorted(found, key=lambda s: (s.time, s.user))


def exchanges(run: Run, *versions: str) -> list[tuple[float, bool]]:
    """What the router sent to these versions: when, and did it fail?"""
    found = [(r.sent, not r.ok) for name in versions for r in run.requests(f"router->{name}")]
    return sorted(found)


def shares(run: Run) -> list[tuple[float, float]]:
    """The share in force from each second on: (second, share), from (0, 0) on."""
    return [(0.0, 0.0), *((event.time, float(event.subject)) for event in run.events("share"))]


def share_at(run: Run) -> Callable[[float], float]:
    """A function from a second of the run to the share in force."""
    changes = shares(run)
    times = [at for at, _ in changes]
    return lambda at: changes[max(0, bisect_right(times, at) - 1)][1]


def end(run: Run) -> tuple[float, str] | None:
    """When and how the release ended: "out", "halt" or "rollback"; None if it did not."""
    found = run.events("end")
    return (found[0].time, found[0].subject) if found else None


def users_reached(run: Run) -> float | None:
    """Users who were served by the new version at least once, in % of those who were served at all; None without users."""
    everybody = {s.user for s in served(run)}
    reached = {s.user for s in served(run) if s.version == CANARY}
    return 100 * len(reached) / len(everybody) if everybody else None


def on_canary(run: Run, last_s: float) -> float:
    """Of the requests that reached a version in the last seconds of the load: the share that the new one got."""
    late = [s for s in served(run) if run.info.load_s - last_s <= s.time < run.info.load_s]
    return sum(s.version == CANARY for s in late) / len(late) if late else 0.0


def cut_off(run: Run, last_s: float) -> float:
    """Of the requests of the last seconds of the load: the share whose version did not answer."""
    late = stats.user_requests(run, run.info.load_s - last_s)
    return sum(r.status == CUT_OFF for r in late) / len(late)


@dataclass(frozen=True)
class Sent:
    """How a user was sent back: from the new version at `left` to the old one at `back`, with these shares in force."""

    user: str
    left: float
    back: float
    share_left: float
    share_back: float


def sent_back(run: Run) -> tuple[list[Sent], int]:
    """The first time that each user came back to the old version though the share had not fallen; and how many users were
    on the new version and came again."""
    at = share_at(run)
    falls = [time for (_, was), (time, now) in zip(shares(run), shares(run)[1:], strict=False) if now < was]
    last: dict[str, Served] = {}
    again: set[str] = set()
    back: dict[str, Sent] = {}
    for one in served(run):
        was = last.get(one.user)
        if was is not None and was.version == CANARY and not any(was.time < fall <= one.time for fall in falls):
            again.add(one.user)
            if one.version == STABLE and one.user not in back:
                back[one.user] = Sent(one.user, was.time, one.time, at(was.time), at(one.time))
        last[one.user] = one
    return list(back.values()), len(again)


def killed_s(run: Run) -> float:
    """When the router was killed; infinity if it was not."""
    return min((window.start for window in stats.fault_windows(run) if window.subject == "router"), default=math.inf)


def split(run: Run) -> tuple[float, float, float]:
    """Users who had the new version, those whom its share would have given it, and the standard deviation of chance.

    A user counts once for each share that was in force, with the part of the requests that the new version got.
    """
    at = share_at(run)
    asked: Counter[tuple[float, str]] = Counter()
    new: Counter[tuple[float, str]] = Counter()
    for one in served(run):
        if 0 < (share := at(one.time)) < 1:
            asked[share, one.user] += 1
            new[share, one.user] += one.version == CANARY
    got = sum(new[key] / asked[key] for key in asked)
    due = sum(share for share, _ in asked)
    return got, due, math.sqrt(sum(share * (1 - share) for share, _ in asked))


def fleet(run: Run) -> dict[str, Ended]:
    """How the fleet's releases ended, by kind; empty if the fleet did not get to its end."""
    return {event.subject: Ended(**json.loads(event.detail)) for event in run.events("fleet")}


def together(run: Run, kinds: Iterable[str]) -> Ended | None:
    """The sum over kinds; None if the fleet did not get to its end."""
    found = fleet(run)
    chosen = [found[kind] for kind in kinds if kind in found]
    if not chosen:
        return None
    sums = {name: sum(getattr(each, name) for each in chosen) for name in COUNTED}
    largest = {name: max(getattr(each, name) for each in chosen) for name in ("stopped_s", "spread_s")}
    return Ended(**sums, **largest)


def good(run: Run) -> Ended | None:
    """How the good releases ended."""
    return together(run, GOOD_KINDS)


def bad(run: Run) -> Ended | None:
    """How the bad releases ended."""
    return together(run, BAD_KINDS)


def silent(run: Run) -> Ended | None:
    """How the releases ended whose new version fell silent."""
    return together(run, (SILENT,))


def malformed(run: Run) -> int | None:
    """Answers to the fleet that were no decision; None if it did not get to its end."""
    found = run.events("fleet end")
    return int(found[0].subject) if found else None


def at_most(hits: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The upper bound of a rate of which `hits` in `of` were seen, with this confidence (Clopper and Pearson, 1934)."""
    low, high = hits / of, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(hits, of, middle) > 1 - confidence else (low, middle)
    return high


def at_least(hits: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The lower bound of a rate, as `at_most`."""
    return 1 - at_most(of - hits, of, confidence)


def _chance(most: int, of: int, rate: float) -> float:
    """The probability of at most `most` hits in `of`."""
    if not 0 < rate < 1:
        return float(rate == 0 or most >= of)
    hit, miss, all_ = math.log(rate), math.log1p(-rate), math.lgamma(of + 1)
    logs = (all_ - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * hit + (of - k) * miss for k in range(most + 1))
    return math.fsum(map(math.exp, logs))


def visits(run: Run, user: str) -> list[tuple[Served, int]]:
    """The requests of a user in order, each with the status of its answer; 0 if the version gave none."""
    status = {r.request_id: r.status for name in (STABLE, CANARY) for r in run.requests(f"router->{name}")}
    return [(one, status.get(one.request, 0)) for one in served(run) if one.user == user]


def back(run: Run, user: str) -> bool:
    """Did the new version fail a page of this user, and was the next one asked of the old version, which answered it?"""
    return any(
        (a.version, b.version) == (CANARY, STABLE) and failed >= 500 and answered == 200
        for (a, failed), (b, answered) in pairwise(visits(run, user))
    )


def kept(run: Run, user: str) -> bool:
    """Did this user, before everybody had the new version, get it at least twice, and the old one not any more?"""
    at = share_at(run)
    got = [one.version for one, _ in visits(run, user) if at(one.time) < 1]
    return CANARY in got and (later := got[got.index(CANARY) :]).count(CANARY) == len(later) >= 2


def fires_at(run: Run, times: float, for_s: float) -> float | None:
    """The second at which the new version has failed above `times` times as often as the old one for `for_s` seconds; None
    if it never does."""
    sent = {name: exchanges(run, name) for name in (STABLE, CANARY)}

    def over(second: int) -> bool:
        some = {
            name: [failed for at, failed in rows if second + 1 - WINDOW_S <= at < second + 1] for name, rows in sent.items()
        }
        if min(map(len, some.values())) < LEAST:
            return False
        rate = {name: sum(rows) / len(rows) for name, rows in some.items()}
        return rate[CANARY] > times * max(LEAST_RATE, rate[STABLE])

    return stats.lasts(map(over, range(int(run.info.load_s))), for_s)
