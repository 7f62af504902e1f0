"""The Universal Scalability Law: how throughput grows with workers, and where it stops to.

    X(N) = X(1) N / (1 + s (N - 1) + k N (N - 1))

N. J. Gunther: Guerrilla Capacity Planning, Springer 2007, chapters 4 and 5. `s` is contention, the share of the work that
waits in one line; `k` is coherence, what workers cost each other in pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Law:
    """The law with its three numbers: throughput of one worker, contention, coherence."""

    one: float
    contention: float
    coherence: float

    def throughput(self, workers: float) -> float:
        """What so many workers make, in the unit of `one`."""
        extra = workers - 1
        return self.one * workers / (1 + self.contention * extra + self.coherence * workers * extra)

    @property
    def peak(self) -> float:
        """The number of workers with the most throughput; `math.inf` if more are always better."""
        if self.coherence <= 0:
            return math.inf
        return math.sqrt(max(0.0, 1 - self.contention) / self.coherence)


def fit(measured: Mapping[int, float]) -> Law:
    """The law that fits best: least squares on its linear form, N X(1) / X(N) - 1 = s (N - 1) + k N (N - 1).

    A point weighs X(N)^2 / N, so that it is the throughput whose squares are least: else the law, which is smooth, would
    lie far above the points at the bend of a limit that is hard.

    Neither number may be negative: where the best fit would make one so, it is 0, and the other is fitted alone.

    Args:
        measured: throughput by number of workers; 1 must be among them, and two more.

    Raises:
        ValueError: too few points, no point at 1, or a throughput that is not above 0.
    """
    if 1 not in measured or len(measured) < 3:
        raise ValueError(f"measured at {sorted(measured)} workers; expected 1 and at least two more")
    if min(measured.values()) <= 0:
        raise ValueError(f"measured {dict(measured)}; each throughput must be above 0")
    one = measured[1]
    workers = np.array([n for n in sorted(measured) if n > 1], dtype=float)
    made = np.array([measured[n] for n in sorted(measured) if n > 1])
    weight = made**2 / workers
    waits, pairs, loss = (weight * form for form in (workers - 1, workers * (workers - 1), workers * one / made - 1))
    (contention, coherence), *_ = np.linalg.lstsq(np.column_stack([waits, pairs]), loss, rcond=None)
    if coherence < 0:
        contention, coherence = float(waits @ loss / (waits @ waits)), 0.0
    elif contention < 0:
        contention, coherence = 0.0, float(pairs @ loss / (pairs @ pairs))
    return Law(one, max(0.0, float(contention)), max(0.0, float(coherence)))


def knee(measured: Mapping[int, float], share: float = 0.9) -> int:
    """The fewest workers that make at least this share of the most that was measured."""
    most = max(measured.values())
    return min(n for n, made in measured.items() if made >= share * most)
