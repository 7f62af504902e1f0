"""The Universal Scalability Law of lab08: fitted to points, it finds what made them."""

from __future__ import annotations

import math

import pytest

from labs.lab08_workers.usl import Law, fit, knee

SIZES = (1, 2, 4, 8, 16, 32)


@pytest.mark.parametrize(
    ("contention", "coherence"), [(0.05, 0.001), (0.3, 0.02), (0.1, 0.0), (0.0, 0.01), (0.0, 0.0), (1.0, 0.0)]
)
def test_a_fit_recovers_the_numbers_that_made_its_points(contention: float, coherence: float) -> None:
    """Points that lie on the law give back its contention and coherence."""
    law = Law(12.0, contention, coherence)
    found = fit({n: law.throughput(n) for n in SIZES})
    assert found.one == 12.0
    assert found.contention == pytest.approx(contention, abs=1e-9)
    assert found.coherence == pytest.approx(coherence, abs=1e-9)


def test_the_peak_is_where_the_law_is_highest() -> None:
    """Peak workers: a neighbour on either side makes less. Without coherence there is no peak."""
    law = Law(10.0, 0.1, 0.01)
    assert law.peak == pytest.approx(math.sqrt(0.9 / 0.01))
    assert law.throughput(law.peak) > max(law.throughput(law.peak - 1), law.throughput(law.peak + 1))
    assert Law(10.0, 0.1, 0.0).peak == math.inf


def test_neither_number_is_ever_negative() -> None:
    """More than linear growth, and a curve that bends the other way, are fitted as well as they can be."""
    assert fit({1: 10.0, 2: 22.0, 4: 45.0}) == Law(10.0, 0.0, 0.0)
    bent = fit({1: 10.0, 2: 10.0, 4: 12.0, 8: 20.0})
    assert bent.contention >= 0
    assert bent.coherence == 0


def test_the_line_stays_near_the_points_of_a_hard_limit() -> None:
    """Two cores make twice one core's, and no more: the smooth law can miss the bend, and must not lie a fifth above it."""
    measured = {1: 10.0, 2: 19.4, 4: 19.6, 8: 19.8, 16: 19.7}
    law = fit(measured)
    assert max(law.throughput(n) / made for n, made in measured.items()) < 1.15


@pytest.mark.parametrize("measured", [{1: 10.0, 2: 20.0}, {2: 10.0, 4: 20.0, 8: 30.0}, {1: 10.0, 2: 0.0, 4: 20.0}])
def test_too_few_points_are_one_error(measured: dict[int, float]) -> None:
    """Two points, none at one worker, or one where nothing was made: the message says what is expected."""
    with pytest.raises(ValueError, match=r"expected 1 and at least two more|must be above 0"):
        fit(measured)


def test_the_knee_is_the_fewest_workers_near_the_best() -> None:
    """Two cores: two workers make nearly all, whatever sixteen make."""
    assert knee({1: 10.0, 2: 19.4, 4: 19.6, 8: 19.8, 16: 19.7}) == 2
    assert knee({1: 10.0, 2: 20.0, 4: 40.0}) == 4
