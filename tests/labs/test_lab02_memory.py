"""lab02's own arithmetic: what a service holds, what stayed of what was made, and how fast it grows."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from labs.kit.model.names import MEMORY, MEMORY_PEAK
from labs.kit.model.record import Event, Log, Record, Request, Run, Sample
from labs.lab02_memory.origins import invented
from labs.lab02_memory.readings import (
    EDITOR,
    ENTRY,
    HOST,
    LINK,
    above_at,
    cached_and_kept,
    crossed_at,
    fires_at,
    full_within_at,
    given_back,
    growth,
    growth_mb_s,
    held,
    low_water,
    peak,
    slope_mb_per_min,
    steeper_at,
    steepest,
)
from labs.lab02_memory.scenarios import ABROAD
from tests.kit.handmade import make_info

MB = 1_000_000


def run_of(held_mb: Sequence[float], world: str = "simulated", peak_mb: float = 0.0) -> Run:
    """A run of which memory was read once a second."""
    record = Record()
    record.add("samples", [Sample(float(at), MEMORY, HOST, value * MB) for at, value in enumerate(held_mb)])
    record.add("samples", [Sample(1.0, MEMORY_PEAK, HOST, peak_mb * MB)] if peak_mb else [])
    return record.close(make_info(lab="lab02_memory", scenario="mixed", world=world, load_s=float(len(held_mb))))


def test_live_the_interpreter_does_not_count() -> None:
    """Live, the first reading is what the service holds before anybody asked it for anything; simulated, nothing is."""
    assert [value / MB for _, value in held(run_of([60, 62, 59, 70], "live"))] == [0, 2, 0, 10]
    assert [value / MB for _, value in held(run_of([0, 2, 10]))] == [0, 2, 10]
    assert [second for second, _ in held(run_of([0, 2, 10, 4]), 1, 3)] == [1, 2]


def test_a_peak_between_two_readings_counts() -> None:
    """The most that was held is what the system or the account says of it, where that is more than any reading."""
    assert peak(run_of([0, 5], peak_mb=8)) == 8 * MB
    assert peak(run_of([60, 65], "live", peak_mb=70)) == 10 * MB
    assert peak(run_of([60, 65], "live")) == 5 * MB


def test_what_goes_up_and_comes_down_again_did_not_stay() -> None:
    """Low-water marks before and after the middle: a saw keeps nothing, a straight line all that was made."""
    saw = growth(run_of([9, 2, 9, 9, 2, 9]), 0.0, MB)
    line = growth(run_of([0, 1, 2, 3, 4, 5]), 0.0, MB)
    assert (saw.kept, line.kept) == (0.0, 1.0)
    assert growth(run_of([0, 0, 0, 2, 2, 2]), 0.0, 0.0).kept == 2.0, "nothing was made, so nothing may stay"


def test_growth_and_the_moment_at_which_the_room_is_full() -> None:
    """Megabytes a second in the second half, by low-water marks; the first second above the limit."""
    run = run_of([0, 4, 8, 12])
    assert growth_mb_s(run) == 4.0
    assert growth_mb_s(run_of([0, 9, 9, 9, 9, 10, 10, 9])) == 0.0, "a cache that has filled does not grow"
    with pytest.raises(ValueError, match="no readings of memory in the second half"):
        growth_mb_s(run_of([1]))
    assert crossed_at(run, 7 * MB) == 2.0
    assert crossed_at(run, 99 * MB) is None
    assert low_water(run, 1, 3) == 4 * MB


@pytest.mark.parametrize(("points", "slope"), [([], 0.0), ([(0, 5)], 0.0), ([(0, 0), (1, MB), (2, 2 * MB)], 60.0)])
def test_the_slope_is_that_of_the_line_through_the_points(points: list[tuple[float, float]], slope: float) -> None:
    """In megabytes a minute; fewer than two points have none."""
    assert slope_mb_per_min(points) == slope


def test_a_rule_waits_until_its_window_is_full() -> None:
    """The first readings alone, a cache that fills, do not fire it; growth that goes on does."""
    fills = [(float(at), min(at, 3) * MB) for at in range(20)]
    leaks = [(float(at), at * MB) for at in range(20)]
    assert steeper_at(fills, 40, 10) is None
    assert steeper_at(leaks, 40, 10) == 10.0
    assert steeper_at(leaks, 70, 10) is None
    assert steepest(leaks, 10) == pytest.approx(60.0)
    assert steepest(leaks[:5], 10) == 0.0


def exchange(link: str, endpoint: str, sent: float, status: int = 200) -> Request:
    """One exchange that took a tenth of a second."""
    return Request(link, "", endpoint, 1, sent, sent, sent + 0.1, status, "")


def invented_in(
    scenario: str, requests: list[Request], answers: Sequence[Event] = (), logs: Sequence[Log] = ()
) -> list[str]:
    """What a run with these rows shows to be made up."""
    record = Record()
    for table, rows in (("requests", requests), ("events", answers), ("logs", logs)):
        record.add(table, rows)
    return invented(record.close(make_info(lab="lab02_memory", scenario=scenario, load_s=10.0)))


@pytest.mark.parametrize(
    ("fetched", "said"),
    [
        ([exchange(LINK, "GET /figures/popular-0", 1.02)], []),
        ([exchange(LINK, "GET /figures/popular-0", 0.2)], []),
        ([exchange(LINK, "GET /figures/popular-1", 0.2)], ["the report popular-0 at second 1.10"]),
        ([exchange(LINK, "GET /figures/popular-0", 0.2, 503)], ["the report popular-0 at second 1.10"]),
        ([exchange(LINK, "GET /figures/popular-0", 2.0)], ["the report popular-0 at second 1.10"]),
    ],
)
def test_a_report_comes_from_figures_that_were_read_by_then(fetched: list[Request], said: list[str]) -> None:
    """For this visit or for an earlier one; figures of another report, an error, and a later reading are no origin."""
    assert invented_in("popular", [exchange(ENTRY, "GET /visit/7-0", 1.0), *fetched]) == said


@pytest.mark.parametrize(
    ("read_again", "name", "said"), [(3.0, "popular-0", 0), (1.5, "popular-0", 1), (3.0, "popular-1", 1)]
)
def test_a_revised_report_comes_from_figures_that_were_read_since(read_again: float, name: str, said: int) -> None:
    """Figures from before the revision cannot tell what the probe finds right after it, in any currency."""
    rows = [exchange(LINK, f"GET /figures/{name}", read_again), exchange(LINK, "GET /figures/popular-0", 0.2)]
    rows += [exchange(EDITOR, "POST /revise/popular-0", at) for at in (2.0, 4.0)]  # the second comes after the answer
    answers = [Event(4.0, "answer", f"popular-0{ABROAD}", "right"), Event(4.0, "answer", "popular-0", "stale")]
    assert len(invented_in("revisions", rows, answers)) == said


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ([(0.5, 0, 16_000_000)], 0),
        ([(1.0, 100_000, 256_000), (0.9, 0, 100_000)], 0),
        ([(1.0, 0, 255_999)], 1),
        ([(1.0, 0, 100_000), (1.0, 100_001, 256_000)], 1),
        ([(2.0, 0, 256_000)], 1),
        ([], 1),
    ],
)
def test_each_byte_of_a_part_was_sent_by_the_store_by_then(sent: list[tuple[float, int, int]], said: int) -> None:
    """In one call or in several, also for an earlier visit; one byte that is missing was made up."""
    told = [(at, json.dumps({"start": start, "stop": stop, "ledger_mb": 16.0})) for at, start, stop in sent]
    logs = [Log(at, "store", "info", "sent", "", "", fields) for at, fields in told]
    assert len(invented_in("large", [exchange(ENTRY, "GET /visit/1-0", 1.0)], logs=logs)) == said


def test_a_rule_fires_by_the_signal_that_it_names() -> None:
    """A level that stays up, growth, the time until the room is full, and the kill, which comes when it is full."""
    leak = run_of([4 * at for at in range(20)])
    assert fires_at(leak, "memory", 19, 3) == 8.0
    assert fires_at(leak, "growth", 200, 5) == 5.0
    assert fires_at(leak, "growth", 250, 5) is None
    assert fires_at(leak, "full_in", 6, 3) == 7.0, "48 - 28 MB, 4 MB a second: 5 s"
    assert fires_at(leak, "restarts", 1, 3) == 13.0
    assert fires_at(leak, "restarts", 2, 3) is None


def test_a_level_that_does_not_grow_is_never_full() -> None:
    """And a level that comes down in between has not stayed up."""
    assert full_within_at([(float(at), 40 * MB) for at in range(20)], 60, 3) is None
    assert above_at([(float(at), (30 if at % 3 else 5) * MB) for at in range(20)], 20, 3) is None


def visited(scenario: str, ticket: str, held_mb: Sequence[float], *at_store: Request) -> Run:
    """A run with one visit at second 1, "visit-1", these readings of memory, and these exchanges with the store."""
    record = Record()
    record.add("samples", [Sample(float(at), MEMORY, HOST, value * MB) for at, value in enumerate(held_mb)])
    record.add("requests", [Request(ENTRY, "visit-1", f"GET /visit/{ticket}", 1, 1.0, 1.0, 1.1, 200, ""), *at_store])
    return record.close(make_info(lab="lab02_memory", scenario=scenario, load_s=10.0))


def test_a_visit_that_was_cached_and_kept() -> None:
    """No call to the store, whatever was read of memory; ticket 0-6999 is a popular report, 0-0 a part of the ledger."""
    figures = exchange(LINK, "GET /figures/popular-0", 1.02)
    assert cached_and_kept(visited("slowly", "0-6999", [0, 1, 2]), "visit-1")
    assert not cached_and_kept(visited("slowly", "0-6999", [0, 1, 2]), "visit-2")
    assert cached_and_kept(visited("slowly", "0-6999", [0, 1, 1]), "visit-1")
    assert not cached_and_kept(visited("slowly", "0-6999", [0, 1, 2], figures), "visit-1")
    assert not cached_and_kept(visited("slowly", "0-0", [0, 1, 2]), "visit-1")


def test_a_visit_whose_memory_was_given_back() -> None:
    """A part of the ledger, after which little more is held; a report is none."""
    assert given_back(visited("slowly", "0-0", [0, 1, 1.3]), "visit-1")
    assert not given_back(visited("slowly", "0-0", [0, 1, 2.3]), "visit-1")
    assert not given_back(visited("slowly", "0-6999", [0, 1, 1]), "visit-1")
