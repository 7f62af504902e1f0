"""The chart of loop lag: every request and every reading is drawn, and the sentence under it says what they show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labs.kit import charts
from labs.kit.model.record import Record, Sample
from labs.kit.model.verdict import Status
from tests.kit.handmade import make_info, make_request

ROUTES = {"GET /health": "health", "GET /price": "price"}


def make_run(lags=(0.0, 0.4), unfinished=0, **changes):
    """Ten health checks of 10 ms and five prices of 500 ms; `unfinished` more prices never end."""
    record = Record()
    requests = [make_request(0.5 + n / 2, 0.01, request_id=f"h{n}") for n in range(10)]
    requests += [make_request(1.0 + n / 2, 0.5, request_id=f"p{n}") for n in range(5)]
    requests += [make_request(6.0 + n / 2, None, 0, request_id=f"u{n}") for n in range(unfinished)]
    named = [("GET /health" if r.request_id.startswith("h") else "GET /price", r) for r in requests]
    record.add("requests", [replace(r, endpoint=endpoint) for endpoint, r in named])
    record.add("samples", [Sample(1.0 + n, "event_loop.lag", "page", lag) for n, lag in enumerate(lags)])
    return record.close(make_info(**changes))


def points(axes):
    """How many points the scatters of an axes hold."""
    return sum(len(collection.get_offsets()) for collection in axes.collections)


def test_every_request_and_every_reading_is_drawn():
    """15 requests are 15 points, those without an answer too; each reading of the lag is a bar as wide as it is high."""
    chart = charts.loop_lag([make_run(unfinished=2)], ROUTES, host="page")
    times, lag = chart.figure.axes
    assert points(times) == 17
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in lag.patches]
    assert bars == [pytest.approx((1.0, 0.0, 0.0)), pytest.approx((1.6, 0.4, 0.4))]


def test_the_summary_tells_both_routes_and_the_longest_lag():
    """A reader who does not see the picture learns the request times and the lag of each run."""
    chart = charts.loop_lag([make_run(), make_run(lags=())], ROUTES, host="page", titles=("one", "two"))
    assert chart.summary == (
        "one: health p50 10 ms and p99 10 ms, price p50 500 ms and p99 500 ms, event-loop lag at most 400 ms; "
        "two: health p50 10 ms and p99 10 ms, price p50 500 ms and p99 500 ms, event-loop lag not reported."
    )


@pytest.mark.parametrize(("lags", "told"), [((), "no reading"), ((0.0, 0.0004), "none over 1 ms"), ((0.0, 0.4), "")])
def test_a_panel_without_lines_says_why(lags, told):
    """An empty panel would read as a chart that failed."""
    lag = charts.loop_lag([make_run(lags=lags)], ROUTES, host="page").figure.axes[1]
    assert [text.get_text() for text in lag.texts if text.get_position() == (0.5, 0.5)] == [told]


def test_a_request_that_never_ended_stands_above_all_others():
    """At the height of what it had waited when the run ended, the last ones would seem to be answered ever sooner."""
    chart = charts.loop_lag([make_run(unfinished=2)], ROUTES, host="page")
    assert "price p50 500 ms and p99 never (2 of 7 never answered)" in chart.summary
    heights = [height for scatter in chart.figure.axes[0].collections for _, height in scatter.get_offsets()]
    assert len(set(heights[-2:])) == 1
    assert heights[-1] > max(heights[:-2])


def test_a_run_that_ended_early_says_so():
    """Its figures would read as if they were the whole run's."""
    chart = charts.loop_lag([make_run(status=str(Status.CRASHED))], ROUTES, host="page")
    assert "the run ended early (crashed)" in chart.summary


def test_runs_share_their_scales():
    """Two runs side by side can be compared by eye: the same y axis in both columns."""
    chart = charts.loop_lag([make_run(), make_run(lags=(3.0,))], ROUTES, host="page")
    one, two, lag_one, lag_two = chart.figure.axes
    assert one.get_ylim() == two.get_ylim()
    assert lag_one.get_ylim() == lag_two.get_ylim()
    assert lag_one.get_ylim()[1] > 3.0


def test_the_same_runs_give_the_same_bytes():
    """Charts of notebooks are kept in git: drawn twice, one is the other."""
    one, two = (charts.loop_lag([make_run()], ROUTES, host="page", objective=0.05).png() for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("runs", "routes", "titles"), [(0, ROUTES, ()), (4, ROUTES, ()), (1, {}, ()), (1, ROUTES, ("a", "b"))]
)
def test_what_cannot_be_drawn_is_said(runs, routes, titles):
    """No run, too many, no route, or titles for other runs: an error that says how many are expected."""
    with pytest.raises(ValueError, match=r"one to three|one for each"):
        charts.loop_lag([make_run()] * runs, routes, host="page", titles=titles)
