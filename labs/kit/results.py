"""What a learner is shown of a run: how it went in a line, predictions beside measurements, charts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.kit import cards, stats
from labs.kit.cards import Note
from labs.kit.lab import BROKEN, REFERENCE, Lab
from labs.kit.record import Run
from labs.kit.repairs import YOURS
from labs.kit.verdict import Status

if TYPE_CHECKING:
    from labs.kit.charts import Chart

Measure = tuple[Callable[[Run], float], str]
"""How a lab measures something that learners predict, and its unit."""


def measures(lab: Lab) -> Mapping[str, Measure]:
    """MEASURES of the lab's `__init__.py`, by the name that learners predict; empty if it has none."""
    found: Mapping[str, Measure] = getattr(importlib.import_module(f"labs.{lab.name}"), "MEASURES", {})
    return found


def look(lab: Lab) -> dict[str, Any]:
    """CHART of the lab's `__init__.py`: the keyword arguments of its charts; empty if it has none."""
    return dict(getattr(importlib.import_module(f"labs.{lab.name}"), "CHART", {}))


def named(fix: str) -> str:
    """A repair's name in a sentence."""
    return {YOURS: "your repair", BROKEN: "the broken code", REFERENCE: "the reference repair"}.get(fix, fix)


def said(prediction: Mapping[str, Any]) -> str:
    """A prediction's value with its unit."""
    value = prediction["value"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return cards.quantity(float(value), prediction["unit"])
    return f"{value} {prediction['unit']}".strip()


def note(lab: Lab, run: Run, predictions: Sequence[Mapping[str, Any]]) -> Note:
    """How a run went, and what was predicted beside what was measured."""
    i = run.info
    head = f"Scenario {i.scenario} with {named(i.fix)}, seed {i.seed}"
    table = _table(lab, run, {p["name"]: p for p in predictions})
    if run.status is not Status.PASS:
        return Note((f"{head}: {cards.WORDS[run.status][0]}. {i.detail}",), "bad", table=table)
    requests = run.requests()
    good = (
        f"{len(requests):,} requests, {100 * stats.success_rate(run):.3g}% of them succeeded" if requests else "no requests"
    )
    return Note((f"{head}: {good}.",), table=table)


def _table(lab: Lab, run: Run, predicted: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for name, (measure, unit) in measures(lab).items():
        try:
            measured = cards.quantity(measure(run), unit)
        except (ValueError, ArithmeticError, LookupError):  # a run that ended early may hold nothing to measure
            measured = "not measured"
        rows.append((name, said(predicted[name]) if name in predicted else "-", measured))
    return (("", "you predicted", "measured"), *rows) if rows else ()


def draw(chart: Chart) -> None:
    """Show a chart with its summary; in plain Python the summary alone."""
    if cards.shell() is None:
        print(chart.summary)
    else:
        cards.show(chart)
