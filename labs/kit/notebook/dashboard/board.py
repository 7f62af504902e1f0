"""The dashboard of a live run as a widget: buttons, five panels, and the thread of the run.

The thread also draws the panels from the run's messages, at most every REDRAW_S. So the kernel can handle the buttons, and a
long-running cell does not stop the picture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from labs.kit.measure.timeseries import TimeSeries
from labs.kit.model.faults import BlackHole, Fault, Latency
from labs.kit.model.lab import BROKEN, YOURS, Fix, Lab, named
from labs.kit.model.names import DEPLOY, DEPLOY_FAILED, FAULT_OFF, FAULT_ON
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.notebook import notes
from labs.kit.notebook.dashboard.replay import Picture, Replay, window
from labs.kit.notebook.errors import LearnerError
from labs.kit.worlds.live.steering import Steering, untimed

REDRAW_S = 0.35
LOADS = (0.5, 1.0, 2.0)
ADDED_S = 0.5
"""The delay of the generic latency in each direction."""
ENDS_WITHIN_S = 40.0
_running: list[Board] = []


def insist_on_quiet() -> None:
    """Raise LearnerError while a run is being steered: two runs at once would disturb each other's measurements."""
    if _running:
        raise LearnerError(
            f"a live run of {_running[0].lab.name} is being steered in a dashboard; press Stop there, or end it with"
            " labs.kit.notebook.dashboard.open.stop_all(), and run this again"
        )


def stop_all() -> None:
    """End the steered runs, and wait until nothing of them is left."""
    for board in list(_running):
        board.stop()
        board.wait()


class Board:
    """The dashboard of one lab: `run` is the record of the last steered run, None until a run has ended.

    Args:
        codes: functions by the name on their button; each returns the code to deploy, or None if it cannot run yet.
        first: the name of the code with which a run begins.
        steering: makes the Steering of a new run; series: makes its time series.
        keep: called with each finished run and its first code, in the run's thread.
        capacity: the capacity of the lab's link, in calls a second; None if unknown.
        link: the link of the generic faults, "caller->called".
    """

    def __init__(
        self,
        lab: Lab,
        codes: dict[str, Callable[[], Fix | None]],
        first: str,
        steering: Callable[[], Steering],
        series: Callable[[Steering], TimeSeries],
        keep: Callable[[Run, Fix, Steering], None],
        capacity: float | None = None,
        link: str = "",
    ) -> None:
        self.lab, self.codes, self.first = lab, codes, first
        self._new_steering, self._new_vitals, self._keep = steering, series, keep
        self.capacity = capacity
        self.run: Run | None = None
        self.redraws = 0
        self.thread: threading.Thread | None = None
        self.steering: Steering | None = None
        self.series: TimeSeries | None = None
        self._drawn_at = 0.0
        generic = (untimed(Latency(link=link, latency_s=ADDED_S)), untimed(BlackHole(link=link)))
        named = {_what(fault): fault for fault in (*generic, *steering().faults)}  # the scenario's own before a generic one
        self.faults = tuple(reversed(named.values()))
        self.is_on: dict[tuple[str, str], bool] = {}
        self._build()

    # The page -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        import ipywidgets

        self.start_button = ipywidgets.Button(description="Start", icon="play", button_style="success")
        self.stop_button = ipywidgets.Button(description="Stop", icon="stop", button_style="danger", disabled=True)
        self.status = ipywidgets.HTML()
        self.load = ipywidgets.ToggleButtons(options=[(f"x{factor:g}", factor) for factor in LOADS], value=1.0)
        self.load.style.button_width = "4em"
        self.load.layout.width = "auto"
        wide = {"width": "auto"}
        self.deploys = [ipywidgets.Button(description=f"Deploy {named(n)}", layout=wide) for n in self.codes]
        self.switches = [ipywidgets.ToggleButton(description=_switch_name(f), layout=wide) for f in self.faults]
        self.picture = Picture(self.lab, self.capacity)
        self.start_button.on_click(lambda _: self.start())
        self.stop_button.on_click(lambda _: self.stop())
        self.load.observe(lambda change: self._steer(lambda s: s.load(change["new"])), "value")
        for name, button in zip(self.codes, self.deploys, strict=True):
            button.on_click(lambda _, name=name: self.deploy(name))
        for fault, switch in zip(self.faults, self.switches, strict=True):
            switch.observe(lambda change, fault=fault: self._switched(fault, change["new"]), "value")
        row, level = ipywidgets.HBox, {"align_items": "center", "flex_flow": "row wrap"}
        self.below = ipywidgets.VBox([self.picture.widget])
        self.widget = ipywidgets.VBox(
            [
                row([self.start_button, self.stop_button, self.status]),
                row([ipywidgets.Label("Load"), self.load, ipywidgets.Label("Code"), *self.deploys], layout=level),
                row([ipywidgets.Label("Faults"), *self.switches], layout=level),
                self.below,
            ]
        )
        self.widget.observe(self._closed, "comm")
        self._enable(running=False)
        first = self.codes[self.first]()
        self._say(f"Waits for Start. It begins with {named(self.first)}.{_unrepaired(self.first, first) if first else ''}")

    def _closed(self, change: Any) -> None:
        """End the run when the widget is removed from its page: nobody could stop the run afterwards."""
        if change["new"] is None:
            self.stop()

    def _enable(self, running: bool) -> None:
        self.start_button.disabled = running
        for widget in (self.stop_button, self.load, *self.deploys, *self.switches):
            widget.disabled = not running

    def _say(self, text: str) -> None:
        self.status.value = f'<span class="breakfix-status">{notes.safe(text)}</span>'

    def __repr__(self) -> str:
        state = "steers a run" if self.running else f"holds {self.run!r}" if self.run else "waits for Start"
        return f"<dashboard of {self.lab.name}: {state}>"

    # The run --------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Is a run in progress?"""
        return self in _running

    def start(self) -> None:
        """Begin a run, after the end of any other dashboard's run. Does nothing while this dashboard has a run."""
        if self.running:
            return
        fix = self._code(self.first)
        if fix is None:
            return
        stop_all()
        self.is_on, self.redraws = {}, 0
        self.load.value = 1.0
        for switch in self.switches:
            switch.value = False
        steering = self.steering = self._new_steering()
        _running.append(self)
        self._enable(running=True)
        self._say("Starting the processes of the run.")
        self.series = self._new_vitals(steering)
        steering.hear = self._hear
        self.below.children = (self.picture.widget,)
        self.thread = threading.Thread(target=self._go, args=(fix, steering), name="steered run", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """End the run, if there is one. `wait()` returns when nothing of it is left."""
        if self.running and self.steering is not None:
            self._say("Stopping.")
            self.steering.finish()

    def wait(self, timeout_s: float = ENDS_WITHIN_S) -> None:
        """Wait for the end of the run.

        Raises:
            LearnerError: the run has not ended in that time.
        """
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(timeout_s)
            if self.thread.is_alive():
                raise LearnerError(
                    f"the steered run has not ended within {timeout_s:g} s; restart the kernel, which ends it"
                )

    def close(self) -> None:
        """End the run and remove the dashboard from the page."""
        self.stop()
        self.wait()
        self.widget.close()

    def deploy(self, name: str) -> None:
        """Replace the running code by the code of that name.

        Raises:
            LearnerError: the dashboard has no such code.
        """
        if name not in self.codes:
            raise LearnerError(f"no code {name!r} to deploy; this dashboard has: {', '.join(self.codes)}")
        fix = self._code(name)
        if fix is not None:
            self._say(f"Deploying {named(name)}.{_unrepaired(name, fix)}")
            self._steer(lambda s: s.deploy(fix))

    def _code(self, name: str) -> Fix | None:
        fix = self.codes[name]()
        if fix is None:
            self._say("The repair cell (%%fix) cannot run yet; put it right and run it first.")
        return fix

    def _steer(self, order: Callable[[Steering], None]) -> None:
        if self.running and self.steering is not None:
            order(self.steering)

    def _switched(self, fault: Fault, on: bool) -> None:
        """A switch has changed: by a person, or by `_seen` after a fault of the scenario."""
        what = _what(fault)
        if self.is_on.get(what, False) is not on:
            self.is_on[what] = on
            self._steer(lambda s: s.switch(fault, on))

    def _seen(self, kind: str, where: str, detail: str) -> None:
        """Handle an event of the run: set the switches to the present state."""
        if kind == DEPLOY:
            self._say(f"Running. {where} now runs {named(detail)}.")
        if kind == DEPLOY_FAILED:
            self._say(f"Deploy failed, the old code goes on: {detail}")
        if kind in (FAULT_ON, FAULT_OFF):
            for fault, switch in zip(self.faults, self.switches, strict=True):
                if _what(fault) == (where, detail):
                    self.is_on[where, detail] = switch.value = kind == FAULT_ON

    def _hear(self, message: dict[str, Any]) -> None:
        """Handle a message of the run, in its thread."""
        assert self.series is not None
        self.series.hear(message)
        if (row := message.get("signal", {})).get("table") == "events":
            self._seen(*(str(row.get(part)) for part in ("kind", "subject", "detail")))
        now = time.monotonic()
        if now - self._drawn_at >= REDRAW_S and self.series.at > 0:
            if not self.redraws:
                self._say(f"Running {named(self.first)}.")
            self._drawn_at = now
            self.redraws += 1
            self.picture.draw(self.series, *window(self.series.at), self.series.at)

    def _go(self, fix: Fix, steering: Steering) -> None:
        """Make one run, in its thread."""
        from labs.kit.worlds.live.world import run_live

        said = ""
        try:
            run = run_live(self.lab, fix, steering.scenario, steering.seed, steering=steering)
            self.run = run
            said = _ended(run)
            self._keep(run, fix, steering)
        except Exception as error:  # noqa: BLE001 - in a thread the error would be lost, and the page would not change
            said = f"{said} {type(error).__name__}: {error}".strip()
        finally:
            _running.remove(self)
            self._enable(running=False)
            self._say(said)
        if self.run is not None and self.series is not None and self.run.requests():
            self.series.at = self.run.info.seconds
            self.below.children = (Replay(self.run, self.lab, self.series, self.capacity).widget,)


def _unrepaired(name: str, fix: Fix) -> str:
    """What to say where the learner deploys a repair and there is none: the broken code takes its place."""
    return (
        " The repair cell (%%fix) was not run yet: that is the broken code." if (name, fix.name) == (YOURS, BROKEN) else ""
    )


def _what(fault: Fault) -> tuple[str, str]:
    """A fault's name and place as in the events of a record."""
    return fault.where, type(fault).__name__


def _switch_name(fault: Fault) -> str:
    """The text of a switch: the fault, its size if it has one, and its place."""
    sizes = {"latency_s": "+{:g} s", "rate": "{:.0%}", "timeout_s": "{:g} s", "bytes_per_s": "{:g} B/s"}
    size = next((form.format(getattr(fault, name)) for name, form in sizes.items() if hasattr(fault, name)), "")
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(fault).__name__).strip()
    return " ".join(filter(None, (words, size, f"({fault.where})")))


def _ended(run: Run) -> str:
    """The end of a steered run in words."""
    i = run.info
    how = f"Ended after {i.seconds:.1f} s" if run.status is Status.PASS else notes.WORDS[run.status][0].capitalize()
    return f"{how}{': ' * bool(i.detail)}{i.detail or '.'} Its record is board.run. Steered runs are not graded."
