"""The variant of one name: which pair, when, which record, what else happened that evening. Chosen by a hash of the name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from labs.lab15_incident.pairs import HERRINGS, PAIRS, Change, Pair

WORD = "one evening"
"""The course's word: another word gives everybody another evening."""
QUIET: tuple[tuple[str, str], ...] = (
    ("gateway", "gateway 12.1: access log as JSON"),
    ("gateway", "gateway 12.2: timeouts named in one place"),
    ("catalog", "catalog 9.2: pictures are loaded late"),
    ("catalog", "catalog 9.2.1: other order of suggestions"),
    ("orders", "orders 5.0.3: spelling in mails"),
    ("orders", "orders 5.0.4: retries are counted"),
    ("payments", "payments 3.3.2: libraries renewed"),
    ("payments", "payments 3.3.3: histogram of waiting times"),
    ("store", "store: statistics renewed"),
    ("store", "store: backup moved to 03:00"),
)
"""Deploys that change nothing of what is measured."""
MOST_QUIET = 5
LEAD_S = 1.0
"""What was so before the evening began is so from this many seconds before it."""


@dataclass(frozen=True)
class Variant:
    """One evening. Times are seconds; `record` is "A" or "B", the one with the incident; `seed` is that of its runs."""

    pair_name: str
    record: str
    onset: float
    deployed: float
    herring_at: float
    quiet: tuple[Change, ...]
    other: tuple[Change, ...]
    """What happened in the other record: deploys, and a herring."""
    seed: int

    @property
    def pair(self) -> Pair:
        """The pair of faults."""
        return PAIRS[self.pair_name]

    @property
    def culprits(self) -> dict[str, str]:
        """The services in which something was wrong, and what."""
        return {fault.where: fault.kind for fault in (self.pair.x, self.pair.y)}

    def changes(self, x: bool, y: bool, later: float = 0.0, longer: float = 1.0) -> list[Change]:
        """The changes of an evening with X or without, with Y or without.

        X comes `later`, and what it does in time is stretched by `longer`.
        """
        pair = self.pair
        made = [*self.quiet, *moved(HERRINGS[pair.herring], self.herring_at)]
        made += moved(pair.x.changes, self.onset + later, longer) if x else []
        made += moved(pair.y.changes, self.deployed) if y else []
        return sorted(made)


def moved(changes: Sequence[Change], by: float, longer: float = 1.0) -> list[Change]:
    """The changes `by` seconds later."""
    return [(by + at * longer, service, key, value, told) for at, service, key, value, told in changes]


def variant(name: str, pair: str = "") -> Variant:
    """The evening of this name; with `pair`, as if the name had drawn that pair."""
    rng = Random(hashlib.sha256(f"{WORD} {name.strip().lower()}".encode()).digest())
    drawn = rng.choice(sorted(PAIRS))
    onset = round(rng.uniform(12, 16), 1)
    return Variant(
        pair or drawn, rng.choice("AB"), onset, round(rng.uniform(2, onset - 9), 1), round(onset - rng.uniform(1, 3), 1),
        _quiet(rng, onset), (*_quiet(rng, onset), *moved(HERRINGS[rng.choice(sorted(HERRINGS))], rng.uniform(10, 20))),
        rng.randrange(1000),
    )  # fmt: skip


def _quiet(rng: Random, onset: float) -> tuple[Change, ...]:
    """Some deploys that mean nothing, one of them close to the onset."""
    chosen = rng.sample(QUIET, MOST_QUIET)
    times = [rng.uniform(onset - 2, onset + 1), *(rng.uniform(2, 30) for _ in chosen[1:])]
    return tuple((round(at, 1), service, "", 0.0, text) for at, (service, text) in zip(times, chosen, strict=True))
