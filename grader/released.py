"""Does the release, run from top to bottom as a learner gets it, earn what untouched code earns?

nbval cannot say: a release holds no outputs, and nbval never compares a cell that has none. So the release is executed and
each verdict on the page compared with the one that an untouched repair must get.
"""

# mypy: disable-error-code="no-untyped-call"
# nbformat has no types

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

import labs
from grader.build import NOTEBOOKS
from grader.execute import execute
from labs.kit.cards import card
from labs.kit.evaluate import not_attempted
from labs.kit.lab import Lab


def differences(lab: Lab) -> list[str]:
    """One line for each check cell of the committed release that shows anything but "not attempted, 0 points".

    Raises:
        grader.execute.ExecutionFailed: a cell raises in an untouched notebook, so Run All would stop there.
    """
    nb = nbformat.read(labs.ROOT / Path(NOTEBOOKS, lab.name, f"{lab.name}.ipynb"), as_version=4)
    return compared(lab, execute(nb))


def compared(lab: Lab, executed: NotebookNode) -> list[str]:
    """The same for a release that was executed already."""
    cards = {v.check: card(v) for v in not_attempted(lab)}
    told = []
    for cell in executed.cells:
        check = cell.metadata.get("breakfix", {}).get("check")
        if check is None:
            continue
        if [o.output_type for o in cell.outputs] != ["execute_result"]:
            told.append(f"{lab.name}: {check} shows {[o.output_type for o in cell.outputs]}; expected its verdict alone")
            continue
        data = cell.outputs[0].data
        if float(data["text/plain"]) != 0:
            told.append(f"{lab.name}: {check} gives {data['text/plain']} points to untouched code; expected 0")
        elif check in cards and data.get("text/html") != cards[check]:
            told.append(f"{lab.name}: {check} does not show the verdict on untouched code, but {data.get('text/html')!r}")
    return told
