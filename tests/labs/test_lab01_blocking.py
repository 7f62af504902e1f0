"""What lab01's diagnosis is judged by: which health check is evidence, and when a rule over a signal fires."""

from __future__ import annotations

from math import inf

import pytest

from labs.kit.model.names import LOOP_LAG
from labs.kit.model.record import Record, Request, Run, Sample
from labs.lab01_blocking.readings import ENTRY, FAST, LINK, SLOW, fires_at, met_a_free_loop, waited_for_two, worst
from tests.kit.handmade import make_info


def exchange(link: str, endpoint: str, sent: float, done: float, name: str = "", status: int = 200) -> Request:
    """One exchange."""
    return Request(link, name, endpoint, 1, sent, sent, done, status, "")


def run_of(*requests: Request, lag: tuple[float, ...] = ()) -> Run:
    """A run of five seconds with these exchanges, and these readings of loop lag, one a second."""
    record = Record()
    record.add("requests", requests)
    record.add("samples", [Sample(at + 0.5, LOOP_LAG, "page", value) for at, value in enumerate(lag)])
    return record.close(make_info(lab="lab01_blocking", scenario="crowded", load_s=5.0))


@pytest.mark.parametrize(
    ("health", "calls", "twice", "free"),
    [
        ((1.0, 1.2), [(0.95, 1.05), (1.06, 1.16)], True, False),
        ((1.0, 1.1), [(0.95, 1.05)], False, False),
        ((1.0, 1.04), [(0.95, 1.01), (1.02, 1.03)], False, False),
        ((1.0, 1.001), [(0.8, 0.9), (1.1, 1.2)], False, True),
        ((1.0, 1.02), [], False, False),
    ],
)
def test_what_a_health_check_shows(
    health: tuple[float, float], calls: list[tuple[float, float]], twice: bool, free: bool
) -> None:
    """Two calls while it waited for long; or none, and an answer at once."""
    run = run_of(exchange(ENTRY, FAST, *health, "visit-1"), *(exchange(LINK, "GET /price", *call) for call in calls))
    assert (waited_for_two(run, "visit-1"), met_a_free_loop(run, "visit-1")) == (twice, free)
    assert not waited_for_two(run, "visit-2")


def test_a_price_is_no_health_check() -> None:
    """It waits for its own call, whatever the loop does."""
    calls = [exchange(LINK, "GET /price", 1.0, 1.1), exchange(LINK, "GET /price", 1.1, 1.2)]
    assert not waited_for_two(run_of(exchange(ENTRY, SLOW, 1.0, 1.2, "visit-1"), *calls), "visit-1")


def test_a_rule_fires_over_the_signal_that_it_names() -> None:
    """A loop that reports nothing is held; a price that failed never came; a second without a price tells nothing."""
    run = run_of(exchange(ENTRY, SLOW, 1.0, 1.01, "visit-1", 502), lag=(0.01, 0.2, 0.2))
    assert list(worst(run, "price")) == [0.0, inf, 0.0, 0.0, 0.0]
    assert fires_at(run, "lag", 50, 3) == 4.0
    assert fires_at(run, "price", 50, 1) == 2.0
    assert fires_at(run, "health", 50, 1) is None
