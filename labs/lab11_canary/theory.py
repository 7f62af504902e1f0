"""The textbook pair: a version that fails in 1 % of its requests, or in 5 %, and ten requests a second to tell them apart.

Tests that people write, on thousands of such releases at once; and Wald's two lines for the best of them, the sequential
probability ratio test (A. Wald, "Sequential Tests of Statistical Hypotheses", 1945).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GOOD, BAD = 0.01, 0.05
A_SECOND = 10
SECONDS = 60
RELEASES = 4000
WEIGHT = math.log(BAD / GOOD)
"""What an error adds to the logarithm of the likelihood ratio."""
CREDIT = math.log((1 - BAD) / (1 - GOOD))
"""What a request without an error adds: it is below 0."""

Grid = NDArray[np.int64]
Test = Callable[[Grid, int], NDArray[np.bool_]]
"""From the errors of each release and second, and the requests a second, to the seconds in which the test says stop."""


@dataclass(frozen=True)
class Tested:
    """What a test did: shares of the good and the bad releases that it stopped, and the median seconds to a bad one."""

    false: float
    caught: float
    median_s: float


def five_percent(errors: Grid, requests: int) -> NDArray[np.bool_]:
    """More than 5 % errors in one second."""
    return errors > 0.05 * requests


def significant(p: float, least: int = 0, looks: tuple[int, ...] = ()) -> Test:
    """Fewer than `p` good versions would have so many errors by now; from `least` requests on; only at `looks` if given."""

    def test(errors: Grid, requests: int) -> NDArray[np.bool_]:
        seconds = np.arange(1, errors.shape[1] + 1)
        bound = np.array([_critical(requests * int(s), p) for s in seconds])
        looked = np.isin(seconds, looks) if looks else seconds * requests >= least
        return np.asarray((errors.cumsum(axis=1) >= bound) & looked)

    return test


def _critical(requests: int, p: float) -> int:
    """The smallest number of errors that a good version reaches with a probability below p."""
    chance, errors, left = (1 - GOOD) ** requests, 0, 1.0
    while left >= p:
        left -= chance
        chance *= (requests - errors) / (errors + 1) * GOOD / (1 - GOOD)
        errors += 1
    return errors


def sequential(bound: float) -> Test:
    """The likelihood ratio of bad to good has reached e to the `bound`."""

    def test(errors: Grid, requests: int) -> NDArray[np.bool_]:
        return np.asarray((errors * WEIGHT + (requests - errors) * CREDIT).cumsum(axis=1) >= bound)

    return test


def measure(test: Test, requests: int = A_SECOND, releases: int = RELEASES) -> Tested:
    """Try a test on as many good and as many bad releases of SECONDS seconds, always the same ones."""
    rng = np.random.default_rng(11)
    stopped = [test(rng.binomial(requests, rate, (releases, SECONDS)), requests) for rate in (GOOD, BAD)]
    false, caught = (float(hits.any(axis=1).mean()) for hits in stopped)
    first = stopped[1].argmax(axis=1)[stopped[1].any(axis=1)] + 1
    return Tested(false, caught, float(np.median(first)) if len(first) else math.inf)


TESTS: dict[str, tuple[Test, int]] = {
    "more than 5 % errors in any second": (five_percent, A_SECOND),
    "p < .05, looked at each second": (significant(0.05), A_SECOND),
    "p < .001, each second from 50 requests on": (significant(0.001, 50), A_SECOND),
    "p < .05, one look at second 60": (significant(0.05, looks=(SECONDS,)), A_SECOND),
    "likelihood ratio above 100, each second": (sequential(math.log(100)), A_SECOND),
    "the same, with 1 % of the users": (sequential(math.log(100)), A_SECOND // 10),
}


def wald(bound: float) -> tuple[float, float]:
    """The sequential test at this bound: at most so many of the good are stopped; users that a bad one harms on average.

    A false alarm has at most the probability e to the minus `bound`. A bad version's likelihood ratio grows by the same
    amount with each request, on average; of the requests until then, BAD - GOOD are harmed by the release.
    """
    gain = BAD * WEIGHT + (1 - BAD) * CREDIT
    return math.exp(-bound), (BAD - GOOD) * bound / gain
