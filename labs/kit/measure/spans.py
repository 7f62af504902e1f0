"""The spans of one trace as a tree, and each span's own time: the time that none of its children covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.kit.model.record import Span

ERROR = "ERROR"
"""The status of a span that failed, as OpenTelemetry names it."""


@dataclass(frozen=True)
class Row:
    """A span, its depth below its root, and its own time in seconds: the time that none of its children covers."""

    span: Span
    depth: int
    own_s: float


def tree(spans: Sequence[Span]) -> list[Row]:
    """The spans of one trace: parents before children, children by their start. A span without a parent here is a root."""
    known = {span.span_id for span in spans}
    ordered = sorted(spans, key=lambda s: (s.start, -s.end, s.span_id))
    roots = [span for span in ordered if span.parent_id not in known or span.parent_id == span.span_id]
    shown: set[str] = set()

    def below(span: Span, depth: int) -> Iterator[Row]:
        if span.span_id in shown:  # parents that form a circle: a service can send any id
            return
        shown.add(span.span_id)
        children = [s for s in ordered if s.parent_id == span.span_id and s.span_id != span.span_id]
        yield Row(span, depth, own_seconds(span, children))
        for child in children:
            yield from below(child, depth + 1)

    rows = [row for root in roots for row in below(root, 0)]
    return rows + [row for span in ordered if span.span_id not in shown for row in below(span, 0)]


def own_seconds(span: Span, children: Sequence[Span]) -> float:
    """A span's own time in seconds: its length minus the union of its children's times."""
    own, covered_to = 0.0, span.start
    for child in sorted(children, key=lambda s: s.start):
        own += max(0.0, min(child.start, span.end) - covered_to)
        covered_to = min(span.end, max(covered_to, child.end))
    return own + max(0.0, span.end - covered_to)
