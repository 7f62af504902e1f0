"""The dashboard in the notebook: five signals of a live run while it goes on, and the controls that change the run.

    board.py             the buttons, and the run in its thread
    replay.py            the same picture of a finished run, with a slider
    panels.py, svg.py    the contents of the panels, and their drawing; figure.py for pages without widgets

The numbers come from measure/timeseries.py; worlds/live/steering.py sends orders to the run, and worlds/live/orders.py
carries them out.

`Learner.dashboard` opens the dashboard; docs/dashboard.md describes it. A steered run is never graded.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labs.kit.measure.timeseries import TimeSeries
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, YOURS, Fix, Lab
from labs.kit.model.record import Run
from labs.kit.notebook import notes, progress_bar, results
from labs.kit.notebook.dashboard.board import Board, insist_on_quiet, stop_all
from labs.kit.notebook.dashboard.replay import Replay
from labs.kit.notebook.errors import LearnerError, one_line_errors
from labs.kit.notebook.handle import Handle
from labs.kit.notebook.repair_cell import no_such_repair, shipped
from labs.kit.worlds.live.steering import Steering

__all__ = ["Board", "Replay", "insist_on_quiet", "open_dashboard", "stop_all"]

SECONDS, LONGEST_S = 120.0, 1800.0
"""The default length of a steered run, unless it is stopped earlier, and the largest length."""
OBJECTIVE_S = 1.0
"""The bound of the request time if neither the call nor the lab's CHART names one."""


@dataclass(frozen=True)
class Look:
    """The view of a lab: the bound of its request time, the link whose calls are counted, that link's capacity."""

    objective_s: float
    link: str
    capacity: float | None


def look(lab: Lab, objective_s: float | None) -> Look:
    """The view, with the call's objective, the CHART's, or OBJECTIVE_S. Raises LearnerError for an invalid objective."""
    chart = lab.chart
    chosen = chart.get("objective", OBJECTIVE_S) if objective_s is None else objective_s
    if not is_number(chosen) or not chosen > 0:
        raise LearnerError(f"the objective is {objective_s!r}; expected seconds above 0, such as objective_s=0.5")
    return Look(float(chosen), chart.get("link", ""), chart.get("capacity"))


def link_of(lab: Lab, shown: str) -> str:
    """The link of the generic faults: the link that is shown, otherwise the first link of a service that runs the repair."""
    own = [f"{service.name}->{called}" for service in lab.services if service.runs_fix for called in service.calls]
    return shown or next(iter(own), f"load->{lab.entry}")


LIVE_ONLY = (
    "The dashboard is for JupyterLab, Notebook and VS Code: there this cell shows five signals of a live run, and buttons to"
    ' change its load, its faults and its code. Elsewhere, lab.run(world="live") does a live run without it.'
)


def open_dashboard(
    learner: Handle,
    what: str | Run = YOURS,
    scenario: str | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
    objective_s: float | None = None,
) -> Board | Replay | None:
    """See `Learner.dashboard`."""
    lab = learner.lab
    looks = look(lab, objective_s)
    if isinstance(what, Run):
        return _replay(what, lab, looks)
    with one_line_errors():
        chosen = learner.scenario(scenario)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise LearnerError(f"the seed is {seed!r}; expected a whole number such as 0")
    if not is_number(seconds) or not 0 < seconds <= LONGEST_S:
        raise LearnerError(f"a steered run of {seconds!r} s is not possible; give up to {LONGEST_S:g} seconds, such as 120")
    if what not in [YOURS, *lab.fix_names()]:
        raise LearnerError(no_such_repair(lab, what))
    if os.environ.get("BREAKFIX_LIVE") == "off":
        notes.show(notes.Note(("No dashboard: BREAKFIX_LIVE=off, so live runs are left out.",)))
        return None
    if not progress_bar.has_frontend():
        notes.show(notes.Note((LIVE_ONLY,)))
        return None

    def yours() -> Fix | None:
        return None if learner.cell.blocked else learner.cell.fix

    def ships(name: str) -> Callable[[], Fix | None]:
        return yours if name == YOURS else lambda: shipped(lab, name)

    def series(steering: Steering) -> TimeSeries:
        return TimeSeries(lab.entry, looks.objective_s, [due for _, due, _ in steering.drawn], looks.link)

    stop_all()  # a cell that is run again makes a new dashboard, and the old dashboard's run would go on unseen
    board = Board(
        lab,
        {name: ships(name) for name in dict.fromkeys((what, BROKEN, YOURS))},
        first=what,
        steering=lambda: Steering(lab, chosen, seconds, seed),
        series=series,
        keep=lambda run, fix, steering: learner.keep(run, steering.scenario, fix, seed),
        capacity=looks.capacity,
        link=link_of(lab, looks.link),
    )
    _display(board.widget)
    return board


def _replay(run: Run, lab: Lab, looks: Look) -> Replay | None:
    if run.info.lab != lab.name:
        raise LearnerError(f"this run is one of {run.info.lab}; expected one of {lab.name}, such as lab.run() gives")
    if not progress_bar.has_frontend():
        from labs.kit.notebook.dashboard.figure import five_signals

        results.draw(five_signals(run, lab, objective=looks.objective_s, link=looks.link, capacity=looks.capacity))
        return None
    replay = Replay(run, lab, TimeSeries.of(run, looks.objective_s, looks.link), looks.capacity)
    _display(replay.widget)
    return replay


def _display(widget: Any) -> None:
    from IPython.display import display

    show: Any = display  # IPython ships no types
    show(widget)
