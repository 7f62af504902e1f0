"""The formulas, on runs small enough to count by hand."""

from __future__ import annotations

import math

import pytest

from labs.kit.measure import stats
from labs.kit.model.record import Event
from tests.kit.handmade import INNER, OUTER, make_request, make_run, make_storm


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([15, 20, 35, 40, 50], 30, 20),
        ([15, 20, 35, 40, 50], 40, 20),
        ([15, 20, 35, 40, 50], 50, 35),
        ([15, 20, 35, 40, 50], 100, 50),
        ([15, 20, 35, 40, 50], 0, 15),
        ([3, 1, 2], 50, 2),
        (range(1, 1001), 99.9, 999),
        (range(1, 101), 7, 7),  # 7 / 100 * 100 is a little over 7 in binary, and must not become rank 8
    ],
)
def test_percentile_is_nearest_rank(values, q, expected):
    """The percentile is the smallest value that at least q % do not exceed: one of the values, in any order."""
    assert stats.percentile(values, q) == expected


def test_percentile_refuses_what_has_none():
    """No values, or a q outside 0 to 100, is an error that says what to do."""
    with pytest.raises(ValueError, match="widen the window"):
        stats.percentile([], 50)
    with pytest.raises(ValueError, match="between 0 and 100, not at 101"):
        stats.percentile([1.0], 101)


def mixed_run():
    """Ten requests, one a second from 0 s; those of seconds 4 and 5 fail, the last never ends."""
    rows = [make_request(float(s), status=503 if s in (4, 5) else 200) for s in range(9)]
    return make_run([*rows, make_request(9.0, None, 0, error_type="unfinished")])


def test_success_counts_what_was_intended_in_the_window():
    """Windows are half open, unfinished requests failed, and the default window is the whole load."""
    run = mixed_run()
    assert stats.success_rate(run) == 0.7
    assert stats.success_rate(run, 0, 4) == 1
    assert stats.success_rate(run, 4, 6) == 0
    assert stats.success_rate(run, 8, 10) == 0.5


def test_success_belongs_to_the_intended_time():
    """A request intended in the window but sent and answered after it counts in the window."""
    run = make_run([make_request(1.0, 5.0, sent=4.0), make_request(4.5, status=500)])
    assert stats.success_rate(run, 0, 2) == 1
    assert stats.success_rate(run, 4, 10) == 0


def test_a_share_of_nothing_is_an_error():
    """An empty window, or one without requests, has no success rate; the message names the window and the load."""
    run = make_run([make_request(1.0)])
    with pytest.raises(ValueError, match=r"no request was intended from 5 s to 6 s.*from 0 to 10 s"):
        stats.success_rate(run, 5, 6)
    with pytest.raises(ValueError, match=r"the window from 6 s to 5 s is empty"):
        stats.goodput(run, 6, 5)
    with pytest.raises(ValueError, match="no request was intended"):
        stats.amplification(run, INNER, 5, 6)


def test_goodput_is_per_second_of_intended_time():
    """Seven answers to a load of ten seconds are 0.7 a second, however late they came."""
    assert stats.goodput(mixed_run()) == pytest.approx(0.7)
    assert stats.goodput(mixed_run(), 2, 4) == 1
    late = make_run([make_request(0.5 + i, 10.5 - i) for i in range(10)])
    assert stats.goodput(late) == 1


def test_latency_counts_from_the_intended_time_and_forgets_nobody():
    """A request sent late counts from when it was due; one that never ended counts with what it had waited by the end."""
    run = make_run([make_request(1.0, 2.5, sent=3.0), make_request(2.0, None, 0), make_request(3.0, 0.25)], seconds=12.0)
    assert stats.latencies(run) == [0.25, 2.5, 10.0]
    assert stats.send_lag(run, 100) == 2.0
    assert stats.send_lag(make_run()) == 0


def retried_run():
    """Three orders in the first second, one in the next; 1, 3 and 0 attempts, and 1."""
    users = [make_request(t, request_id=name) for t, name in ((0.0, "a"), (0.1, "b"), (0.2, "c"), (1.5, "d"))]
    inner = [
        make_request(0.01, link=INNER, request_id="a"),
        make_request(0.11, 0.4, 0, link=INNER, request_id="b", attempt=1, error_type="timeout"),
        make_request(0.51, 0.4, 0, link=INNER, request_id="b", attempt=2, error_type="timeout"),
        make_request(1.0, link=INNER, request_id="b", attempt=3),
        make_request(1.51, link=INNER, request_id="d"),
    ]
    return make_run([*users, *inner], load_s=2.0, seconds=3.0)


def test_amplification_divides_attempts_by_user_requests_of_the_same_window():
    """Five attempts for four orders overall; three for three, then two for one, second by second."""
    run = retried_run()
    assert stats.attempts(run, INNER) == 5
    assert stats.amplification(run, INNER) == 5 / 4
    assert stats.amplification(run, INNER, 0, 1) == 1
    assert stats.amplification(run, INNER, 1, 2) == 2


def test_an_attempt_counts_when_it_was_sent():
    """On an inner link the window is that of the sending, also where a record knows of an earlier intention."""
    run = make_run([make_request(0.5), make_request(0.5, link=INNER, sent=3.0)])
    assert stats.attempts(run, INNER, 0, 1) == 0
    assert stats.attempts(run, INNER, 3, 4) == 1


def test_a_silent_link_has_no_attempts_but_a_nameless_one_is_an_error():
    """A link that saw nothing counts 0; text that can be no link is an error that lists the links."""
    run = retried_run()
    assert stats.attempts(run, "shop->stock") == 0
    with pytest.raises(ValueError, match=r"no link 'bank': .*load->shop, shop->bank"):
        stats.attempts(run, "bank")


def test_outcomes_tell_status_or_error():
    """Attempts are counted by how they ended, in the window in which they were sent."""
    assert stats.outcomes(retried_run(), INNER) == {"200": 3, "timeout": 2}
    assert stats.outcomes(retried_run(), INNER, 1, 2) == {"200": 2}


def per_second(*rates, load_s=10.0, after=0.0):
    """Ten requests in each second from `after` on, of which the given share is answered."""
    rows = []
    for second, rate in enumerate(rates):
        rows += [make_request(after + second + i / 10, status=200 if i < 10 * rate else 504) for i in range(10)]
    return make_run(rows, load_s=load_s)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([1] * 10, 0),
        ([0, 0, 1, 1, 1, 1, 1, 1, 1, 1], 2),
        ([0, 1, 1, 0, 1, 1, 1, 1, 1, 1], 4),
        ([0, 0, 0.9, 0.9, 0.9, 1, 1, 1, 1, 1], 2),
        ([0, 0, 0.8, 0.9, 0.9, 1, 1, 1, 1, 1], 3),
        ([1] * 9 + [0], math.inf),
        ([0] * 7 + [1, 1, 1], 7),
        ([0] * 8 + [1, 1], math.inf),
        ([0] * 10, math.inf),
    ],
)
def test_recovery_is_the_moment_from_which_it_stays_healthy(rates, expected):
    """Recovery begins the last stretch of healthy seconds that reaches the end of the load; shorter than asked is never."""
    assert stats.recovery_s(per_second(*rates), 0.0, sustained_s=3.0, level=0.9) == expected


def test_recovery_counts_from_the_end_of_the_trigger():
    """Failures before `after` do not count, and the seconds are cut from `after`, not from whole seconds of the run."""
    run = per_second(0, 0, 1, 1, 1, 1, 1, load_s=10.0, after=2.5)
    assert stats.recovery_s(run, 2.5) == 2
    assert stats.recovery_s(run, 4.5) == 0
    assert stats.recovery_s(run, 4.0) == 1  # the bin from 4 s holds five failures of the second before 4.5 s


def test_recovery_needs_something_that_recovered():
    """A second without requests is no failure, but a stretch without any proves nothing."""
    assert stats.recovery_s(per_second(0, 1, load_s=10.0), 0.0) == 1
    assert stats.recovery_s(per_second(0, 0, load_s=10.0), 0.0) == math.inf
    assert stats.recovery_s(make_run(), 0.0) == math.inf
    with pytest.raises(ValueError, match="window from 10 s to 10 s"):
        stats.recovery_s(make_run(), 10.0)
    with pytest.raises(ValueError, match="length above 0"):
        stats.recovery_s(make_run(), 0.0, bin_s=0)


def test_timeline_loses_no_request():
    """Every request and attempt of a run is in exactly one bin, and the last bin is as long as what is left."""
    run = make_storm(load_s=10.0)
    for bin_s in (1.0, 0.3, 7.0):
        rows = stats.timeline(run, bin_s)
        assert sum(b.offered for b in rows) == len(run.requests())
        assert sum(b.ok for b in rows) == sum(r.ok for r in run.requests())
        assert all(b.ok + b.failed == b.offered for b in rows)
        assert sum(b.attempts[INNER] for b in rows) == len(run.requests(INNER))
        assert sum(b.seconds for b in rows) == pytest.approx(run.info.seconds)


def test_timeline_bins_by_hand():
    """A bin says what was offered and answered, the percentiles of request time, and the attempts on each link."""
    first, second, third = stats.timeline(retried_run())
    assert (first.start, first.offered, first.ok, first.failed) == (0.0, 3, 3, 0)
    assert first.p50 == pytest.approx(0.02)
    assert first.attempts == {OUTER: 3, INNER: 3}
    assert (second.offered, second.attempts[INNER]) == (1, 2)
    assert (third.offered, third.p50, third.p99) == (0, None, None)
    with pytest.raises(ValueError, match="length above 0"):
        stats.timeline(retried_run(), 0)


def test_a_request_on_an_edge_belongs_to_the_bin_that_begins():
    """0.3 s lies in the fourth bin of 0.1 s, although 0.3 / 0.1 is less than 3 in binary."""
    rows = stats.timeline(make_run([make_request(0.3)], seconds=1.0, load_s=1.0), 0.1)
    assert [b.offered for b in rows] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def retries_at(*times):
    """Second attempts, sent at these times."""
    return make_run([make_request(t, link=INNER, request_id=f"r{t}", attempt=2) for t in times])


def test_in_flight_counts_what_is_sent_and_not_ended():
    """An exchange is in flight from its sending up to, not including, its end; for ever if it never ended."""
    run = make_run([make_request(1.0, 2.0), make_request(2.0, 2.0), make_request(2.5, None, 0)])
    assert [stats.in_flight(run, OUTER, t) for t in (0.9, 1.0, 2.0, 2.9, 3.0, 4.0, 11.0)] == [0, 1, 2, 3, 2, 1, 1]


def test_littles_law_holds():
    """The mean number in flight is the arrival rate times the mean time, where nothing is left over at the end."""
    run = make_storm(tries=1, rate=20.0, stall_s=0)
    users = run.requests()
    rate = len(users) / run.info.seconds
    mean = sum(r.latency or 0 for r in users) / len(users)
    assert stats.mean_in_flight(run, OUTER, 0, run.info.seconds) == pytest.approx(rate * mean)


def test_fault_windows_pair_on_with_off():
    """Windows of one subject pair in order; a fault that was never switched off lasts to the end of the run."""
    events = [
        Event(1.0, "fault on", "a->b", "Stall"),
        Event(2.0, "fault on", "c", "ErrorStatus"),
        Event(3.0, "fault off", "a->b", "Stall"),
        Event(5.0, "fault on", "a->b", "Stall"),
        Event(6.0, "fault off", "a->b", "Stall"),
        Event(6.5, "restart", "c", ""),
    ]
    found = [(w.start, w.end, w.subject) for w in stats.fault_windows(make_run(events=events))]
    assert found == [(1.0, 3.0, "a->b"), (2.0, 12.0, "c"), (5.0, 6.0, "a->b")]
    twice = [
        Event(t, kind, "a->b", "Stall") for t, kind in ((1, "fault on"), (2, "fault on"), (3, "fault off"), (4, "fault off"))
    ]
    assert [(w.start, w.end) for w in stats.fault_windows(make_run(events=twice))] == [(1, 3), (2, 4)]


def test_the_storm_outlives_its_cause_and_a_bound_ends_it():
    """On a retry storm the figures tell the story: amplified and never recovered; bounded, recovered at once."""
    naive, bound = make_storm(), make_storm(bound=15)
    assert stats.success_rate(naive, 22) == 0
    assert stats.recovery_s(naive, 8.0) == math.inf
    assert stats.amplification(naive, INNER, 22) > 3.5
    assert stats.success_rate(bound, 22) == 1
    assert stats.recovery_s(bound, 8.0) == 0
    assert stats.amplification(bound, INNER, 22) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("value", "bound", "told"),
    [
        (20.0004, 20.0, ("20.0004", "20")),
        (25.3, 20.0, ("25", "20")),
        (20.0, 20.0, ("20", "20")),
        (49.96, 50.0, ("49.96", "50")),
    ],
)
def test_figures_that_differ_are_told_apart(value: float, bound: float, told: tuple[str, str]) -> None:
    """No more decimals than that takes, and none at all where they are equal."""
    assert stats.told_apart(value, bound) == told
