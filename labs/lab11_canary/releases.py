"""Releases drawn as counts: what a metrics endpoint would say of thousands of releases, second by second.

Eleven kinds. Four are good: nothing is wrong with the new version. Six are bad, each in its own way. One falls silent. All
draws come from one generator; who has its seed knows each release.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labs.lab11_canary.scenarios import REGIONS

RATE = 100.0
"""Requests a second that a release's service gets, in all."""
BASE_ERRORS = 0.01
BASE_SLOW = 0.02
"""Of all requests, those that take more than 250 ms."""
DEADLINE_S = 150
"""A release that was not decided by then is left undecided: it keeps its share."""
NOTICED_S = 60
"""So long after a bad release was let out, halted or left undecided, people notice, and it harms nobody any more."""

GOOD, NOISY, BOTH, BETTER = "good", "good, noisy", "both versions bad", "better than the old one"
AT_ONCE, BURN, REGION, LOAD, SLOW = "bad at once", "slow burn", "bad in one region", "bad under load", "slow, no errors"
BAD_DAY = "bad on a bad day"
SILENT = "falls silent"
GOOD_KINDS = (GOOD, NOISY, BOTH, BETTER)
BAD_KINDS = (AT_ONCE, BURN, REGION, LOAD, SLOW, BAD_DAY)
KINDS = (*GOOD_KINDS, *BAD_KINDS, SILENT)

UNDER_LOAD = 0.4
"""A version that is bad under load is so from this share on."""
INCIDENT, INCIDENT_S = 0.3, 30
"""In an incident of both versions, everywhere or in one region, so many requests fail, and are slow, for so many seconds."""
FAULTY = 0.05
"""Before a release that is better, so many requests of the old version fail, and so many are slow."""
BAD_DAY_ERRORS, WORSE = (0.1, 0.3), 3.0
"""On a bad day so many requests of the old version fail, and are slow; of the new one so many times as many fail."""
VERY = (0.0, 0.3, 1.0)
"""Of the requests that a slow release delays, so many take more than a second; of the others it is 0.3."""
SILENT_FROM, SILENT_AT_S = (0.0, 0.15, 0.4, 0.6, 0.8, np.inf), (5, 60)
"""A release falls silent at its first share, or at one of these, or, with the last, in one of these seconds; and it
never counts a request again."""
SILENT_S = 15
"""So long after it fell silent, a release must have been rolled back, or it is late."""
NOISE_S = 5
"""A noisy service has another error rate, in both versions, after so many seconds."""

OPEN, PROMOTED, HALTED, ROLLED_BACK = 0, 1, 2, 3
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Second:
    """One second of the releases under way. Axes of `stable` and `canary`: release, region, (requests, errors, the four
    buckets of the histogram of times)."""

    numbers: NDArray[np.int64]
    shares: NDArray[np.float64]
    stable: Counts
    canary: Counts


class Releases:
    """A fleet of releases, `each` of every kind, in an order that their numbers do not betray."""

    def __init__(self, each: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.kinds = rng.permutation(np.repeat(np.arange(len(KINDS)), each))
        total = len(self.kinds)
        self.share = np.zeros(total)
        self.state = np.full(total, OPEN)
        self.ended = np.full(total, DEADLINE_S)
        self.harmed = np.zeros(total, dtype=np.int64)
        self.second = 0
        self.region = rng.integers(len(REGIONS), size=total)
        self.everywhere = rng.random(total) < 0.5
        self.begins = rng.integers(5, 16, size=total)
        self.very = rng.choice(VERY, size=total)
        self.silent_from = np.where(self.kinds == KINDS.index(SILENT), rng.choice(SILENT_FROM, size=total), np.inf)
        self.silent_at = np.where(self.kinds == KINDS.index(SILENT), rng.integers(*SILENT_AT_S, size=total), DEADLINE_S)
        self.silent_at[np.isfinite(self.silent_from)] = DEADLINE_S
        self.silent_since = np.full(total, DEADLINE_S)
        self.day = rng.uniform(*BAD_DAY_ERRORS, size=total)
        self.noise = np.clip(np.exp(rng.normal(0.3, 0.8, (total, DEADLINE_S // NOISE_S))), 0.3, 6.0)
        self.weights = RATE * np.array([weight for _, weight in REGIONS])

    def _of(self, kind: str, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray(self.kinds[numbers] == KINDS.index(kind))[:, None]

    def _base(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Error rate and slow rate of both versions alike, now."""
        noise = np.where(self._of(NOISY, numbers), self.noise[numbers, self.second // NOISE_S][:, None], 1.0)
        since = self.second - self.begins[numbers][:, None]
        here = self._here(numbers) | self.everywhere[numbers][:, None]
        incident = self._of(BOTH, numbers) & here & (since >= 0) & (since < INCIDENT_S)
        day = self.day[numbers][:, None]
        faulty = np.where(self._of(BETTER, numbers), FAULTY, np.where(self._of(BAD_DAY, numbers), day, 0.0))
        errors = np.where(faulty > 0, faulty, BASE_ERRORS * noise)
        slow = np.where(faulty > 0, faulty, BASE_SLOW * noise)
        return np.where(incident, INCIDENT, errors), np.where(incident, INCIDENT, slow)

    def _here(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Is it the region that each release has trouble in, if it has any in one?"""
        return np.asarray(np.arange(len(REGIONS))[None, :] == self.region[numbers][:, None])

    def added(self, numbers: NDArray[np.int64], share: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """The shares of the new version's requests that fail, and that are slow, because of the release; by region."""
        since = self.second - self.begins[numbers][:, None]
        errors = np.zeros((len(numbers), len(REGIONS)))
        errors += np.where(self._of(AT_ONCE, numbers), 0.04, 0.0)
        errors += np.where(self._of(BURN, numbers), np.clip(0.002 * since, 0.0, 0.08), 0.0)
        errors += np.where(self._of(REGION, numbers) & self._here(numbers), 0.25, 0.0)
        errors += np.where(self._of(LOAD, numbers) & (share[:, None] >= UNDER_LOAD), 0.06, 0.0)
        day = self.day[numbers][:, None]
        errors += np.where(self._of(BAD_DAY, numbers), (WORSE - 1) * day / (1 - day), 0.0)
        errors[self.silent_since[numbers] <= self.second] = 1.0
        slow = np.where(self._of(SLOW, numbers), 0.08, 0.0) + np.zeros_like(errors)
        return errors, slow

    def draw(self) -> Second:
        """One second of all releases under way; those whom they harm in it are counted."""
        numbers = np.flatnonzero(self.state == OPEN)
        share = self.share[numbers]
        dead = (share >= self.silent_from[numbers]) | (self.second >= self.silent_at[numbers])
        silent = numbers[(share > 0) & dead]
        self.silent_since[silent] = np.minimum(self.silent_since[silent], self.second)
        base, slow = self._base(numbers)
        extra, extra_slow = self.added(numbers, share)
        arriving = self.rng.poisson(self.weights, (len(numbers), len(self.weights)))
        to_canary = self.rng.binomial(arriving, share[:, None])
        stable, _ = self._counts(numbers, arriving - to_canary, base, slow, 0.0, 0.0)
        better = self._of(BETTER, numbers)
        base, slow = np.where(better, BASE_ERRORS, base), np.where(better, BASE_SLOW, slow)
        canary, harmed = self._counts(numbers, to_canary, base, slow, extra, extra_slow)
        self.harmed[numbers] += harmed.sum(axis=1)
        canary[self.silent_since[numbers] <= self.second] = 0
        self.second += 1
        return Second(numbers, share, stable, canary)

    def _counts(self, numbers, requests, base, slow, extra, extra_slow) -> tuple[Counts, Counts]:  # type: ignore[no-untyped-def]
        """What the endpoint says of these requests, and how many of them the release harmed."""
        failed = self.rng.binomial(requests, base)
        more = self.rng.binomial(requests - failed, extra)
        late = self.rng.binomial(requests, slow)
        later = self.rng.binomial(requests - late, extra_slow)
        very = self.rng.binomial(late, VERY[1]) + self.rng.binomial(later, self.very[numbers][:, None])
        quick = self.rng.binomial(requests - late - later, 0.8)
        times = (quick, requests - late - later - quick, late + later - very, very)
        return np.stack([requests, failed + more, *times], axis=-1), more + later

    def apply(self, number: int, answer: float | str) -> None:
        """Carry out a controller's answer: a share, "halt" or "rollback"."""
        if isinstance(answer, str):
            self.state[number] = HALTED if answer == "halt" else ROLLED_BACK
        else:
            self.share[number] = answer
            self.state[number] = PROMOTED if answer >= 1 else OPEN
        if self.state[number] != OPEN:
            self.ended[number] = self.second
            if self.state[number] == ROLLED_BACK:
                self.share[number] = 0.0

    def close(self) -> None:
        """Count who is harmed after the last answer, until people notice: nobody, if the release was rolled back."""
        self.second = DEADLINE_S - 1
        numbers = np.arange(len(self.kinds))
        errors, slow = self.added(numbers, self.share)
        a_second = (self.weights * (errors + slow)).sum(axis=1) * self.share
        self.harmed += self.rng.poisson(a_second * NOTICED_S)

    def told(self) -> dict[str, dict[str, float]]:
        """How the releases ended, by kind: how many of each outcome, users harmed, and the seconds to a halt or rollback."""
        told = {}
        for place, kind in enumerate(KINDS):
            mine = self.kinds == place
            state = self.state[mine]
            stopped = self.ended[mine & np.isin(self.state, (HALTED, ROLLED_BACK))]
            told[kind] = {
                "releases": int(mine.sum()),
                "promoted": int((state == PROMOTED).sum()),
                "halted": int((state == HALTED).sum()),
                "rolled_back": int((state == ROLLED_BACK).sum()),
                "undecided": int((state == OPEN).sum()),
                "harmed": int(self.harmed[mine].sum()),
                "late": int((mine & self._late()).sum()),
                "stopped_s": float(np.median(stopped)) if len(stopped) else -1.0,
                "spread_s": float(np.subtract(*np.quantile(stopped, (0.9, 0.1)))) if len(stopped) else -1.0,
            }
        return told

    def _late(self) -> NDArray[np.bool_]:
        """Which releases fell silent, and were not rolled back within SILENT_S: at the deadline, all that go on count."""
        taken = np.where(self.state == ROLLED_BACK, self.ended, np.inf) - self.silent_since
        return np.asarray((self.silent_since < DEADLINE_S) & (taken > SILENT_S))
