"""The picture of the dashboard as a widget, and a finished run with a slider."""

from __future__ import annotations

from labs.kit.measure.timeseries import TimeSeries
from labs.kit.model.lab import Lab
from labs.kit.model.record import Run
from labs.kit.notebook import notes
from labs.kit.notebook.dashboard import panels, svg

WINDOW_S = 60.0
"""The length of the visible part of a live run."""
STEPS_A_SECOND = 2
"""Of the slider over a finished run."""


class Picture:
    """The panels as a widget: their SVG, and below it a summary in one sentence."""

    def __init__(self, lab: Lab, capacity: float | None) -> None:
        import ipywidgets

        self.lab, self.capacity = lab, capacity
        self.widget = ipywidgets.HTML()

    def draw(self, series: TimeSeries, start: float, end: float, until: float) -> None:
        """Show `start` to `end` with the data known at `until`."""
        self.widget.value = drawn(series, self.lab, start, end, until, self.capacity)


def drawn(series: TimeSeries, lab: Lab, start: float, end: float, until: float, capacity: float | None = None) -> str:
    """The picture as HTML."""
    view = panels.view(series, lab, start, end, until, capacity)
    said = panels.summary(series, until)
    return f'{svg.draw(view, said)}<div class="breakfix-summary">{notes.safe(said)}</div>'


def window(at: float, length: float = WINDOW_S) -> tuple[float, float]:
    """The visible part of the run at a moment: it grows by halves from 15 s, then moves with the time."""
    for whole in (length / 4, length / 2, length):
        if at <= whole:
            return 0.0, whole
    return at - length, at


class Replay:
    """A finished run with a slider over its time, and a button that plays it."""

    def __init__(self, run: Run, lab: Lab, series: TimeSeries, capacity: float | None) -> None:
        import ipywidgets

        self.run, self.series = run, series
        self.picture = Picture(lab, capacity)
        steps = max(1, round(run.info.seconds * STEPS_A_SECOND))
        play = ipywidgets.Play(min=0, max=steps, value=steps, interval=round(1000 / STEPS_A_SECOND), show_repeat=False)
        self.slider = ipywidgets.IntSlider(min=0, max=steps, value=steps, readout=False, layout={"width": "30em"})
        self.slider.description = "time"
        self._link = ipywidgets.jslink((play, "value"), (self.slider, "value"))
        self.slider.observe(lambda change: self.show(change["new"] / STEPS_A_SECOND), "value")
        self.controls = ipywidgets.HBox([play, self.slider])
        self.widget = ipywidgets.VBox([self.controls, self.picture.widget])
        self.show(run.info.seconds)

    def show(self, until: float) -> None:
        """Show the run up to a moment, on the axes of the whole run."""
        whole = self.run.info.seconds
        self.picture.draw(self.series, 0.0, whole, min(until, whole))

    def __repr__(self) -> str:
        return f"<replay of {self.run!r}>"
