"""The chart of connections: every reading is drawn against its limit, and the sentence under it says what they show."""

from __future__ import annotations

import pytest

from labs.kit import charts
from labs.kit.charts.chart import BLACK, VERMILLION
from labs.kit.charts.connections import DESCRIPTORS, Span
from labs.kit.model.names import CONNECTIONS, IN_TRANSACTION, MOST_CONNECTIONS, REFUSED_CONNECTIONS
from labs.kit.model.record import Event, Record, Sample
from labs.kit.model.verdict import Status
from tests.kit.handmade import make_info, make_request

WORKERS = ("one", "two")


def make_run(*, sessions=(1, 4), refused=2, stuck=(0, 3), late=(), events=(), **changes):
    """Ten good requests and five that got a 500, one of them without an answer; sessions, refusals and descriptors."""
    record = Record()
    record.add("requests", [make_request(0.1 + n / 2, request_id=f"g{n}") for n in range(8)])
    record.add("requests", [make_request(4.1, status=409), make_request(4.2, status=404)])
    record.add("requests", [make_request(5.1 + n / 10, status=500) for n in range(4)] + [make_request(6.0, None, 0)])
    samples = [Sample(0.0, MOST_CONNECTIONS, "database", 4.0)] if sessions else []
    samples += [Sample(1.0 + n, CONNECTIONS, "database", float(value)) for n, value in enumerate(sessions)]
    samples += [Sample(1.0 + n, IN_TRANSACTION, "database", float(value)) for n, value in enumerate(stuck)]
    samples += [Sample(3.0 + n, REFUSED_CONNECTIONS, "database", n + 1.0) for n in range(refused)]
    samples += [Sample(0.0 + n, DESCRIPTORS, worker, 10.0 + n) for worker in WORKERS for n in range(3)]
    record.add("samples", [*samples, *late])
    record.add("events", events)
    return record.close(make_info(**changes))


def panels(*runs, **options):
    """The axes of a chart of these runs, row by row."""
    return charts.connections(runs, workers=WORKERS, open_files=20, **options).figure.axes


def dashed(axes):
    """Heights of the limits that are drawn in an axes."""
    return [line.get_ydata()[0] for line in axes.lines if line.get_color() == BLACK]


def test_requests_are_counted_by_whether_the_server_failed():
    """Ten answered, a 409 and a 404 among them, and five that got a 5xx or nothing; each in the half second it was due."""
    answers = panels(make_run())[0]
    heights = [bar.get_height() for bar in answers.patches]
    half = len(heights) // 2
    assert (sum(heights[:half]), sum(heights[half:])) == (10, 5)
    assert heights[half + 10] == 4  # those due from 5.0 s on


def test_both_limits_are_drawn():
    """The server's places and the workers' files stand there as lines; without a limit of files there is none."""
    run = make_run()
    _, sessions, descriptors = panels(run)
    assert (dashed(sessions), dashed(descriptors)) == ([4.0], [20])
    unlimited = charts.connections([run], workers=WORKERS).figure.axes
    assert dashed(unlimited[2]) == []


def test_each_refusal_is_a_cross():
    """Two refusals are two crosses, above the line of the limit; none without."""
    for count in (0, 2):
        sessions = panels(make_run(refused=count))[1]
        crosses = [c for c in sessions.collections if c.get_offsets().size and len(c.get_sizes())]
        offsets = [tuple(o) for c in crosses for o in c.get_offsets() if o[1] > 4]
        assert [at for at, _ in offsets] == [3.0, 4.0][:count]


def test_what_is_seen_after_the_end_is_not_drawn():
    """While a run is cleared away, sessions end that were stuck in it: they count as they were."""
    late = [Sample(99.0, IN_TRANSACTION, "database", 0.0), Sample(99.0, CONNECTIONS, "database", 0.0)]
    chart = charts.connections([make_run(late=late)], workers=WORKERS)
    assert "3 idle in a transaction at the end" in chart.summary
    assert max(max(line.get_xdata()) for line in chart.figure.axes[1].lines) == 12.0


def test_the_summary_tells_what_is_lost():
    """A reader who does not see the picture learns of requests, sessions, refusals, transactions and descriptors."""
    chart = charts.connections([make_run(), make_run(sessions=(), refused=0, stuck=())], workers=WORKERS, titles=("a", "b"))
    assert chart.summary == (
        "a: 5 of 15 requests got a 5xx or no answer, up to 4 sessions at the server, with room for 4, 2 refused, "
        "3 idle in a transaction at the end, one from 10 to 12 descriptors, two from 10 to 12 descriptors; "
        "b: 5 of 15 requests got a 5xx or no answer, one from 10 to 12 descriptors, two from 10 to 12 descriptors."
    )


def test_a_server_that_says_nothing_is_said():
    """An empty panel would read as a chart that failed."""
    sessions = panels(make_run(sessions=(), refused=0, stuck=()))[1]
    assert "no reading" in [text.get_text() for text in sessions.texts]


def test_a_restart_is_shaded_in_every_panel():
    """The fault of the run has its place in time in all three."""
    events = [Event(2.0, "fault on", "database", "x"), Event(3.0, "fault off", "database", "x")]
    counts = [[len(axes.patches) for axes in panels(make_run(events=given))] for given in ([], events)]
    assert [after - before for before, after in zip(*counts, strict=True)] == [1, 1, 1]


def test_named_spans_stand_in_the_place_of_the_faults():
    """Whoever names what was out of order gets that shaded in all panels, with its name; not the faults as well."""
    events = [Event(2.0, "fault on", "database", "x"), Event(3.0, "fault off", "database", "x")]
    axes = panels(make_run(events=events), spans=[[Span(1.0, 2.5, "report"), Span(4.0, 99.0, "silence")]])
    bare = panels(make_run(events=events), spans=[[]])
    assert [len(a.patches) - len(b.patches) for a, b in zip(axes, bare, strict=True)] == [2, 2, 2]
    assert {"report", "silence"} <= {text.get_text() for text in axes[0].texts}
    with pytest.raises(ValueError, match="1 lists of spans for 2 runs; give one for each"):
        panels(make_run(), make_run(), spans=[[]])


def test_a_run_that_ended_early_says_so():
    """Its numbers are those of half a run."""
    run = make_run(status=str(Status.CRASHED))
    chart = charts.connections([run], workers=WORKERS, titles=("mine",))
    assert chart.summary == "mine: the run ended early (crashed) and shows 15 requests."
    ended = [text for text in chart.figure.axes[2].texts if "ended early: crashed" in text.get_text()]
    assert [text.get_color() for text in ended] != [VERMILLION]
    assert len(ended) == 1


@pytest.mark.parametrize(
    ("runs", "workers", "titles", "told"),
    [
        (0, WORKERS, (), "0 runs and 2 workers were given; expected one to three of each"),
        (4, WORKERS, (), "4 runs and 2 workers"),
        (1, (), (), "1 runs and 0 workers"),
        (2, WORKERS, ("only one",), "1 titles for 2 runs; give one for each"),
    ],
)
def test_what_does_not_fit_is_refused(runs, workers, titles, told):
    """How many were given, and how many fit."""
    with pytest.raises(ValueError, match=told):
        charts.connections([make_run()] * runs, workers=workers, titles=titles)


def test_the_same_runs_give_the_same_picture():
    """Notebooks are compared byte by byte."""
    one, other = (charts.connections([make_run()], workers=WORKERS, open_files=20).png() for _ in range(2))
    assert one == other
