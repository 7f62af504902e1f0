"""The honest-load benchmarks: their truth is right, their clients do as they are said to, and nothing is left running."""

from __future__ import annotations

import os

import psutil
import pytest

from benchmarks import honest, locusting
from benchmarks.honest import Trial, truth
from benchmarks.talking import child
from labs.kit.model.load import NS
from labs.kit.worlds.simulated.coordinator import cpu_pinning

SHORT = Trial(seconds=2.5, stall_after_s=0.5, stall_s=1.5)


@pytest.fixture(autouse=True)
def nothing_left() -> object:
    """No process outlives its benchmark, and this thread may run where it could before."""
    cores = cpu_pinning.CAN_PIN and os.sched_getaffinity(0)
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before
    assert (cpu_pinning.CAN_PIN and os.sched_getaffinity(0)) == cores


def test_the_truth_of_a_schedule() -> None:
    """1,000 requests, one each 20 ms: 100 come during 2 s of stall, and the 11th longest wait is 2 s less 10 gaps."""
    dues = [round(n * 0.02 * NS) for n in range(1, 1_001)]
    assert truth(dues, 8 * NS, 10 * NS) == pytest.approx(1_800)
    assert truth(dues, 8 * NS, 8 * NS) == 0
    assert truth(dues, 8 * NS, round(8.15 * NS)) == 0, "eight requests of a thousand are less than 1 %"


def test_who_comes_as_the_stall_begins_waits_and_who_comes_as_it_ends_does_not() -> None:
    """The stall is half open, [begin, end)."""
    assert truth([5 * NS], 5 * NS, 6 * NS) == 1_000
    assert truth([6 * NS], 5 * NS, 6 * NS) == 0


def test_the_open_loop_counts_the_whole_stall() -> None:
    """Every request of the schedule is sent, and none that was due in the stall's second half ends before the stall does."""
    driven, (begin, end) = honest.open_loop(SHORT)
    assert len(driven.requests) == 124  # the one that would be due at 2.5 s is not within 2.5 s
    assert all(r.due <= r.sent <= r.done for r in driven.requests)
    caught = [r for r in driven.requests if (begin + end) / 2 <= r.due < end]
    assert caught
    assert [r for r in caught if r.done < end] == []


def test_a_closed_loop_sends_nothing_while_it_waits() -> None:
    """Five users that stand still with the server send far less than the schedule's 124 requests: 55 at most."""
    took = honest.closed_loop(SHORT)
    assert SHORT.users < len(took) < 124 / 2


def test_send_lag_reports() -> None:
    """Its row has positive figures that fit together, and says what share of its core the load took."""
    row = honest.send_lag(200, 0.5)
    assert (row.name, row.unit) == ("send-lag", "ms")
    assert row.ours > 0
    assert row.yardstick > 0
    assert row.ratio == pytest.approx(row.ours / row.yardstick)
    assert row.reached == (row.ours <= 5)
    assert "% of it used" in row.what


@pytest.mark.parametrize(
    ("reported", "reached"), [(1_711, True), (1_889, True), (1_700, False), (1_900, False), (47, False)]
)
def test_within_five_percent_of_the_truth(reported: float, reached: bool) -> None:
    """A report is as wrong above the truth as below it."""
    assert honest._row("any", "", 1_800, reported, SHORT).reached == reached


@pytest.mark.parametrize("installed", [None, "2.99"])
def test_the_clients_stand_side_by_side(monkeypatch: pytest.MonkeyPatch, installed: str | None) -> None:
    """Three rows against one truth; without Locust, its row says how to get it, and it is not started."""
    requests = [honest.Sent(round(n * 0.02 * NS), n, round(n * 0.02 * NS) + NS) for n in range(1, 100)]
    monkeypatch.setattr(honest, "open_loop", lambda trial: (honest.Driven(requests, 0, 1.0, 1.0), (NS, 2 * NS)))
    monkeypatch.setattr(honest, "closed_loop", lambda trial: [3.0] * 90)
    monkeypatch.setattr(locusting, "version", lambda: installed)
    monkeypatch.setattr(locusting, "p99_ms", lambda *arguments: (47.0, 900))
    ours, closed, locust = honest.stall(SHORT)
    assert [row.name for row in (ours, closed, locust)] == ["stall: ours", "stall: closed loop", "stall: Locust"]
    assert ours.yardstick == closed.yardstick == locust.yardstick == pytest.approx(1_000)
    assert (ours.reached, closed.reached, locust.reached) == (True, False, False)
    if installed is None:
        assert "not installed: pip install 'breakfix[honest]'" in locust.what
        assert locust.ours != locust.ours, "not a number"
    else:
        assert "Locust 2.99, 5 users at constant_throughput, 900 requests" in locust.what
        assert locust.ours == 47


@pytest.mark.skipif(locusting.version() is None, reason="Locust is an extra, and is not installed")
def test_locust_reports() -> None:
    """Locust runs against the canned server, and all of its requests are answered."""
    with honest._server() as (server, port):
        p99, requests = locusting.p99_ms(port, 50, 5, 2, lambda: server.hear("first"))
    assert p99 > 0
    assert requests > 0


def test_a_locust_that_fails_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is told in Locust's own last words, whether it ends unasked or the server never hears of it."""

    def silence() -> None:
        raise RuntimeError("the server heard nothing")

    monkeypatch.setattr(locusting, "COMMAND", ("-c", "import sys; print('why'); sys.exit('out of order')"))
    with pytest.raises(RuntimeError, match=r"^Locust ended without a report; its last words: out of order$"):
        locusting.p99_ms(1, 50, 5, 1, lambda: None)
    with pytest.raises(RuntimeError, match=r"^Locust sent nothing; its last words: (out of order|none)$"):
        locusting.p99_ms(1, 50, 5, 1, silence)


def test_a_load_that_is_not_answered_is_no_measurement() -> None:
    """Requests that fail are an error, never figures: nobody listens on the port."""
    with honest._server() as (_, port):
        pass
    with pytest.raises(RuntimeError, match=r"^\d+ of 9 requests failed, the first with 'refused': nothing was measured$"):
        honest._drive(port, 50, 0.2)


def test_a_process_that_ends_is_told_with_its_last_words() -> None:
    """A child that fails says why in one line, and one that ends early is not waited for."""
    with (
        child("benchmarks.closed", {"port": 1}) as closed,
        pytest.raises(
            RuntimeError, match=r"^benchmarks.closed ended, expected 'took_ms'; its last words: KeyError: 'users'$"
        ),
    ):
        closed.hear("took_ms")
