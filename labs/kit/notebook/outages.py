"""`lab.outage(NAME)`: the card, the chart and the fidelity table of a public outage."""

from __future__ import annotations

from labs.kit.charts.chart import Chart
from labs.kit.judging.fidelity import Fidelity
from labs.kit.model import outage
from labs.kit.model.lab import Lab
from labs.kit.notebook.notes import Note

EACH_S = 4.0
"""The largest real time of one run in seconds, until one was measured here."""
AS_IT_WAS, MENDED = "as it was", "with the mending"


def listed(lab: Lab) -> Note:
    """The outages of a lab, one line each."""
    known = outage.names(lab)
    if not known:
        return Note((f"{lab.name} has no public outage.",))
    told = tuple(f'lab.outage("{name}"): {outage.load(lab, name).title}' for name in known)
    return Note(("The same failure in public:",), listed=told)


def drawn(found: Fidelity) -> Chart:
    """The first scenario as it was, beside the same with the mending."""
    from labs.kit import charts

    return charts.public(found.runs[0], found.control[0], titles=(AS_IT_WAS, MENDED), **found.outage.chart)


def table(found: Fidelity) -> Note:
    """The fidelity table, the sources, and what is left out."""
    head = ("fact", "public figure", "measured here", "same shape", MENDED)
    rows = [
        (row.fact.fact, row.fact.figure, row.found.measured, "yes" if row.found.same else "NO", row.mended.measured)
        for row in found.rows
    ]
    word = "has" if found.holds else "does NOT have"
    lines = (
        f"{found.outage.title}: the scenario {word} the public shape. The mending: {found.outage.mending}.",
        f"Sources: {'; '.join(sources(found))}.",
        "Left out, or chosen by us:",
    )
    return Note(lines, "good" if found.holds else "bad", found.outage.left_out, (head, *rows))


def sources(found: Fidelity) -> list[str]:
    """The pages on which the figures were read, each once; a digest is marked."""
    told = (f"{row.fact.source}{' (a digest, not the original)' * row.fact.digest}" for row in found.rows)
    return list(dict.fromkeys(told))
