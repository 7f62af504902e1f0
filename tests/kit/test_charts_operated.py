"""The chart of a runbook: what a reader finds in it."""

from __future__ import annotations

from labs.kit import charts
from labs.kit.model.names import ACTION, PAGED
from labs.kit.model.record import Event, Run
from tests.kit.handmade import make_request, make_run

EVENTS = (
    Event(3.0, PAGED, "operator", "error_rate > 0.5 for 3 s"),
    Event(5.0, ACTION, "shop", "set shop ATTEMPTS 1"),
    Event(5.0, ACTION, "payments", "restart payments"),
    Event(8.0, ACTION, "edge", "shed 0"),
    Event(8.5, ACTION, "shop", "nobody did this", by="shop"),
)


def failing(until: float, events: tuple[Event, ...] = ()) -> Run:
    """Ten seconds of ten requests; those from second 2 on fail until then, the last ones refused in no time."""
    rows = [make_request(n / 10, 0.0 if 60 < n < 80 else 0.05, 504 if 20 <= n < 10 * until else 200) for n in range(100)]
    return make_run(rows, events)


def texts(chart: charts.Chart) -> list[str]:
    """All that is written in the figure."""
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]


def test_it_shows_both_runs_the_objective_and_the_actions() -> None:
    """With and without by name, both objectives, each moment with what was done then; what services say is not drawn."""
    chart = charts.operated(failing(10), failing(6, EVENTS), objective=0.4, noun="order", link="a->b")
    written = texts(chart)
    assert {"with the runbook", "without", "objective 90%", "objective 400 ms"} <= set(written)
    assert {"3 s page", "5 s set shop ATTEMPTS 1; restart payments", "8 s shed 0"} <= set(written)
    assert not [text for text in written if "nobody" in text]
    assert chart.summary == "40 of 100 orders failed with the runbook, which took 3 actions; 80 of 100 failed without."


def test_it_is_drawn_without_an_operator_and_without_requests() -> None:
    """Nothing to mark, nothing to draw: the figure is there all the same."""
    assert charts.operated(failing(3), failing(3)).png().startswith(b"\x89PNG")
    assert charts.operated(make_run(), make_run()).png().startswith(b"\x89PNG")
