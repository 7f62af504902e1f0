"""Checks that an unchanged release, run from top to bottom, earns the verdicts of untouched code.

nbval runs every release, but compares nothing, because a release has no outputs. So each verdict in it is compared with the
verdict that an untouched repair must get (conftest.py calls `told` for each cell that nbval ran).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labs.kit.judging.evaluate import not_attempted
from labs.kit.model.lab import Lab
from labs.kit.notebook.notes import card


def told(lab: Lab, metadata: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]]) -> str | None:
    """One line if a check cell shows anything but "not attempted, 0 points"; None for every other cell.

    `metadata` and `outputs` belong to a notebook's cell after its execution.
    """
    check = metadata.get("breakfix", {}).get("check")
    if check is None:
        return None
    kinds = [o["output_type"] for o in outputs]
    if kinds != ["execute_result"]:
        return f"{lab.name}: {check} shows {kinds}; expected its verdict alone"
    data = outputs[0]["data"]
    if float(data["text/plain"]) != 0:
        return f"{lab.name}: {check} gives {data['text/plain']} points to untouched code; expected 0"
    cards = {v.check: card(v) for v in not_attempted(lab)}
    if check in cards and data.get("text/html") != cards[check]:
        return f"{lab.name}: {check} does not show the verdict on untouched code, but {data.get('text/html')!r}"
    return None
