"""The waterfall of a trace: parents above children, own time without that of children, errors and loose ends named."""

from __future__ import annotations

import pytest

from labs.kit.charts.traces import trace
from labs.kit.measure.spans import own_seconds, tree
from labs.kit.model.record import Record, Run, Span
from tests.kit.handmade import make_info


def span(name: str, parent: str, start: float, end: float, host: str = "shop", status: str = "UNSET") -> Span:
    """A span whose id is its name."""
    return Span("t" * 32, name, parent, host, name, start, end, status, "{}")


def run_of(*spans: Span) -> Run:
    """A finished run that holds these spans and nothing else."""
    record = Record()
    record.add("spans", spans)
    return record.close(make_info())


EDGE = span("edge", "", 1.0, 1.5, "gateway")
MIDDLE = span("middle", "edge", 1.1, 1.45)
LEAF = span("leaf", "middle", 1.15, 1.4, "pricing", "ERROR")


def test_children_stand_below_their_parents() -> None:
    """However the spans came in, a parent is above its children, and each is one step deeper."""
    assert [(row.span.name, row.depth) for row in tree([LEAF, MIDDLE, EDGE])] == [("edge", 0), ("middle", 1), ("leaf", 2)]


def test_own_time_leaves_out_what_children_cover_and_counts_overlaps_once() -> None:
    """Two children of 0.2 s that overlap by 0.1 s leave 0.7 s of a second; what a child does after its parent counts not."""
    parent = span("p", "", 0.0, 1.0)
    children = [span("a", "p", 0.1, 0.3), span("b", "p", 0.2, 0.4)]
    assert own_seconds(parent, children) == pytest.approx(0.7)
    assert own_seconds(parent, [span("late", "p", 0.9, 1.5)]) == pytest.approx(0.9)
    assert own_seconds(parent, [span("all", "p", 0.0, 1.0)]) == 0


def test_a_loose_span_and_parents_that_go_round_are_shown_once() -> None:
    """A span whose parent is not there is a root; spans that are each other's parents are drawn, and end."""
    loose = span("loose", "nobody", 1.2, 1.3)
    a, b = span("a", "b", 2.0, 2.1), span("b", "a", 2.0, 2.1)
    rows = tree([EDGE, loose, a, b])
    assert sorted(row.span.name for row in rows) == ["a", "b", "edge", "loose"]
    assert [row.depth for row in rows if row.span.name in ("edge", "loose")] == [0, 0]


def test_the_summary_names_services_slowest_and_errors() -> None:
    """A reader who does not see the picture learns who took part, where the time went, and who failed."""
    told = trace(run_of(EDGE, MIDDLE, LEAF), "t" * 32, "order-7").summary
    assert told == (
        "order-7: 3 spans of gateway, shop, pricing in 500 ms; the longest own time, 250 ms, is that of pricing (leaf);"
        " errors in pricing."
    )


def test_a_trace_in_parts_is_said_to_be() -> None:
    """Two roots in one trace are two parts: somebody did not pass the parent on."""
    told = trace(run_of(EDGE, span("other", "", 1.1, 1.2)), "t" * 32).summary
    assert "in 2 parts that are not joined" in told
    assert "no errors" in told


def test_every_span_has_a_bar_and_the_failed_one_an_edge() -> None:
    """Three bars, of which one has the rim of an error, and their words beside them."""
    [axes] = trace(run_of(EDGE, MIDDLE, LEAF), "t" * 32).figure.axes
    assert len(axes.patches) == 3
    assert [patch.get_linewidth() > 0 for patch in axes.patches] == [False, False, True]
    assert [text.get_text() for text in axes.texts] == ["500 ms", "350 ms", "250 ms, all its own, ERROR"]


def test_an_unknown_trace_is_one_clear_error() -> None:
    """The message names the trace, and how many spans there are."""
    with pytest.raises(ValueError, match="no span of a trace 'x' was recorded; the run has 1 span"):
        trace(run_of(EDGE), "x")
