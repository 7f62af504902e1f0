"""The learner's handle on a lab, as a notebook uses it: `lab = labs.open_lab("lab06_retries")`."""

from __future__ import annotations

import difflib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from labs.kit.judging.evidence import own_scenario
from labs.kit.judging.fix_cell import as_cell
from labs.kit.judging.runbook_cell import alone, parted
from labs.kit.judging.runbook_cell import as_cell as runbook_cell
from labs.kit.model import outage
from labs.kit.model.lab import BROKEN, OWN_SEED, YOURS, Fix, Lab, Measure, Scenario, named
from labs.kit.model.record import Run
from labs.kit.model.runbook import RunbookError
from labs.kit.model.verdict import Status, total
from labs.kit.notebook import acting, actions, magics, notes, results, runbooks
from labs.kit.notebook.errors import LearnerError, NoSuchAction, bound_to, one_line_errors, takes, validating
from labs.kit.notebook.notes import Note, Points
from labs.kit.notebook.repair_cell import quoted, shipped
from labs.kit.notebook.session import Session, insist_on_quiet

if TYPE_CHECKING:
    from labs.kit.notebook.dashboard.open import Board, Replay


Call = TypeVar("Call", bound=Callable[..., Any])


def told_in_a_line(method: Call) -> Call:
    """A method that a learner calls: arguments that it does not take are told in one line."""

    @wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        bound_to(method, f"lab.{method.__name__}", 1, *args, **kwargs)
        return method(*args, **kwargs)

    return called  # type: ignore[return-value]  # it is called as `method` is


class Learner(Session):
    """The learner's actions in a lab: code, predict, act, run, own, requests, dashboard, chart, compare, worlds, runbook,
    outage, check, hint, history, restore, reset.

    A lab adds its own actions in its `actions.py`: each function marked `@action`. They use `lab`, `workspace`, `repair`,
    `job`, `simulate`, `records`, `waiting` and `latest`.
    """

    @classmethod
    def open(cls, lab: Lab) -> Learner:
        """Open a lab: from now on its cells with a magic belong to it.

        Raises:
            LearnerError: nbgrader executes the notebook to grade it, which this course never does; or the work folder
                is not writable.
        """
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            raise LearnerError(
                "nbgrader is executing this notebook to grade it, but this course's own judge grades without executing it; "
                "run `nbgrader autograde` in the course's folder, where nbgrader_config.py is."
            )
        own = [f"{n}({takes(f, 1)}): {(inspect.getdoc(f) or '').partition(chr(10))[0]}" for n, f in actions.of(lab).items()]
        told = f"{cls.__doc__}\n    The actions of {lab.name} itself:\n    " + "\n    ".join(f"lab.{each}" for each in own)
        learner: Learner = type(cls.__name__, (cls,), {"__doc__": told})(lab)  # help(lab) shows the docstring of its class
        magics.register(learner)
        learner.state()
        return learner

    def __repr__(self) -> str:
        return f"<{self.lab.name}: {', '.join(self._actions())}>"

    # Measures -------------------------------------------------------------------------------------------------------

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The quantities that learners can predict in this lab, by name: a function of a Run, and the unit."""
        return self.lab.measures

    # Predict, run, compare ------------------------------------------------------------------------------------------

    @told_in_a_line
    def predict(self, name: str, value: float | str | None, unit: str = "") -> None:
        """Record your prediction of `name` before you run the system; the run shows it beside the measured value.

        What the lab does not ask for, or what is no number where it asks for one, is not noted, and a note says so.

        Raises:
            LearnerError: `value` is neither a number nor a word.
        """
        if not isinstance(value, int | float | str | None) or not isinstance(name, str) or not isinstance(unit, str):
            raise LearnerError(
                f'cannot note {value!r} for {name!r}; predict a number or a word, as in lab.predict("attempts", 12)'
            )
        asked = {**{one: measured[1] for one, measured in self.measures.items()}, **self.lab.foretold}
        unit = unit or asked.get(name, "")
        if wrong := results.no_prediction(asked, name, value, unit):
            notes.show(Note((wrong,), "warn"))
            return
        if value is None:
            notes.show(Note((f"No prediction of {name} yet: write yours in place of None, and run this cell again.",)))
            return
        row = {"name": name, "value": value, "unit": unit}
        before = next((results.said(p) for p in reversed(self.state().predictions) if p["name"] == name), None)
        if before != results.said(row):  # a cell that is run again makes no new prediction
            self._change(lambda state: state.predictions.append({**row, "after_runs": state.runs}))
        again = f" Before, you said {before}." if before not in (None, results.said(row)) else ""
        notes.show(Note((f"You predict {name}: {results.said(row)}.{again} Noted; predictions are never scored.",)))

    @told_in_a_line
    def code(self) -> None:
        """Show the code that failed, with the line numbers of the repair cell."""
        lines = as_cell(alone(self.lab, self.lab.fix(BROKEN)).source.rstrip()).splitlines()
        print("\n".join(f"{number:3}  {line}".rstrip() for number, line in enumerate(lines, 1)))

    @told_in_a_line
    def run(
        self, fix: str = YOURS, scenario: str | Scenario | None = None, seed: int = 0, world: str | None = None
    ) -> Run | None:
        """Run the system once and show the result.

        Args:
            fix: "fix" for your repair (the broken code until a `%%fix` cell ran); "broken"; or the name of one in fixes/.
            scenario: the name of one of the lab's scenarios, or a changed copy: `lab.lab.scenario("calm").with_(...)`.
                By default the lab's first scenario.
            world: "simulated", the same on every machine; or "live", with real processes, sockets and seconds. By default
                the world in which the lab is graded.

        Returns:
            The record of the run; None if it did not take place, for the reason shown.

        Raises:
            LearnerError: there is no such repair, scenario or world, or the seed is not a whole number.
        """
        chosen = self.repair(fix)
        finished = self.simulate(chosen, scenario, seed, world) if chosen else None
        if finished is not None:
            notes.show(results.note(self.lab, finished, self.state().predictions, chosen.source if chosen else ""))
        return finished

    @told_in_a_line
    def own(self, seed: int | None = None, scenario: str | None = None) -> Run | None:
        """Run the broken code once with a seed of your own: the record in which the diagnosis asks for evidence.

        Args:
            seed: a whole number that you choose, from 1 on. Write the same one into the diagnosis.
            scenario: as in `run`.

        Returns:
            The record of the run; None if it did not take place, for the reason shown.

        Raises:
            LearnerError: there is no such scenario, or the seed is none for a record of your own.
        """
        if seed is None:
            notes.show(Note((f"Choose a number of your own, {OWN_SEED.form}, and put it here: lab.own(...).",)))
            return None
        if not OWN_SEED.well_formed(seed):
            raise LearnerError(f"the seed of your own record is {seed!r}; expected {OWN_SEED.form}")
        with one_line_errors():
            chosen = own_scenario(self.lab, scenario or next(iter(self.lab.scenarios)), seed)
        return self.run(BROKEN, chosen, seed, "simulated")

    @told_in_a_line
    def requests(self, run: Run | None, from_s: float = 0.0, failed: bool | None = None, link: str | None = None) -> None:
        """List the requests of a run with their ids, as a proxy in front of the service logged them.

        Args:
            from_s: the second of the run from which they are listed, the first 20.
            failed: True lists those only that were not answered 2xx, False the others.
            link: another link than the users' own, such as "shop->payments".

        Raises:
            LearnerError: `run` is none, or it has no such link.
        """
        results.insist_on_run(run)
        if run is None:
            notes.show(Note(("There is no run yet: see the cell above.",)))
            return
        notes.show(results.requests(run, from_s, failed, link))

    @told_in_a_line
    def dashboard(
        self,
        what: str | Run = YOURS,
        scenario: str | None = None,
        seed: int = 0,
        seconds: float = 120.0,
        objective_s: float | None = None,
    ) -> Board | Replay | None:
        """Show five signals of a live run while it goes on, with buttons that change it; or replay a finished run.

        The buttons change the load, switch faults, and deploy other code while requests go on; each change is an event of
        the record. The run waits for its Start button. Such runs are never graded. See docs/dashboard.md.

        Args:
            what: the first code ("fix", "broken" or the name of a repair in fixes/), or a finished run, to replay it.
            scenario: the name of a scenario, by default the lab's first one; its last rate goes on until the end.
            seconds: the length of the run unless it is stopped.
            objective_s: the bound for the request time, by default the lab's own.

        Returns:
            The dashboard; its `run` is the record of the last run that ended. None without widgets: then a finished run is
            shown as a chart, and no run is started.

        Raises:
            LearnerError: there is no such repair or scenario, or a number is out of its range.
        """
        from labs.kit.notebook.dashboard import open

        return open.open_dashboard(self, what, scenario, seed, seconds, objective_s)

    @told_in_a_line
    def chart(self, run: Run | None = None) -> None:
        """Show the chart of a run, by default of the last run."""
        results.insist_on_run(run)
        run = run or (list(self.latest.values())[-1] if self.latest else None)
        if run is None:
            notes.show(Note(("Nothing to draw yet: lab.run() comes first.",)))
            return
        from labs.kit import charts

        results.draw(charts.outage(run, title=f"{named(run.info.fix)}, {run.info.scenario}", **self.lab.chart))

    @told_in_a_line
    def compare(
        self, before: Run | None = None, after: Run | None = None, *, scenario: str | None = None, seed: int = 0
    ) -> None:
        """Show two runs side by side, before and after, in one figure with its summary in words.

        By default they are the broken code and your repair; a run that is missing is made.
        """
        for given in (before, after):
            results.insist_on_run(given)
        if after is None:
            if not self.cell.attempted:
                notes.show(Note(("Nothing to compare yet: the repair cell (%%fix) still holds the broken code.",)))
                return
            after = self._run_of(self.repair(), scenario, seed)
        if after is not None and before is None:
            before = self._run_of(shipped(self.lab, BROKEN), scenario, seed)
        if before is None or after is None:
            return
        from labs.kit import charts

        titles = (f"before: {named(before.info.fix)}", f"after: {named(after.info.fix)}")
        results.draw(charts.before_after(before, after, titles=titles, **self.lab.chart))

    @told_in_a_line
    def worlds(self, simulated: Run | None, live: Run | None) -> None:
        """Show one scenario in both worlds: the live run drawn over the simulated run."""
        for given in (simulated, live):
            results.insist_on_run(given)
        if simulated is None or live is None:
            notes.show(Note(("Nothing to compare: one of the two runs has not taken place.",)))
            return
        if (simulated.info.world, live.info.world) != ("simulated", "live"):
            raise LearnerError(
                f"these are runs of the worlds {simulated.info.world} and {live.info.world}; expected first a"
                ' simulated one, then a live one: lab.worlds(lab.run(), lab.run(world="live"))'
            )
        from labs.kit import charts

        look = dict(self.lab.chart)
        link = look.pop("link", f"load->{self.lab.entry}")
        results.draw(charts.worlds(simulated, live, link=link, **look))

    @told_in_a_line
    def act(self, *orders: str, then: str | tuple[str, ...] = (), after_s: float = 10.0) -> None:
        """Do something about the broken code while it fails, and see what it does beside doing nothing.

        Args:
            orders: what an operator does when the page has come, such as "restart payments"; all at once. Without any, the
                orders that this lab's desk takes are listed.
            then: what follows `after_s` seconds later, such as "shed 0".

        Raises:
            LearnerError: an order is none of this lab's, or the lab has no operator.
        """
        following = (then,) if isinstance(then, str) else tuple(then)
        if not all(isinstance(order, str) for order in (*orders, *following)):  # None in the cell as it is released
            notes.show(Note(("Put an order here, a text in quotation marks:",), listed=acting.orders_of(self.lab)))
            return
        if not orders:
            notes.show(acting.listed(self.lab))
            return
        text = acting.text_of(self.lab, orders, following, after_s)
        told = "; ".join(orders) + f", after {after_s:g} s {'; '.join(following)}" * bool(following)
        broken, scenario = shipped(self.lab, BROKEN), self.lab.called_to
        for name, book in ((acting.NOTHING, ""), (told, text)):
            if name not in self.acts:
                run = self.simulate(broken, scenario.with_(runbook=book))
                if run is None:
                    return
                self.acts[name] = run
        results.draw(runbooks.drawn(self.lab, self.acts[acting.NOTHING], self.acts[told], "with your act"))
        notes.show(acting.table(self.acts))

    @told_in_a_line
    def runbook(
        self, scenario: str | Scenario | None = None, fix: str = BROKEN, seed: int = 0, world: str | None = None
    ) -> Run | None:
        """Play the runbook of the `%%runbook` cell; show what the operator did, and what it cost beside a run without one.

        Args:
            scenario: as in `run`; by default the one to which the lab's operator is called.
            fix: as in `run`; by default the broken code, for which an operator is called.

        Returns:
            The record of the run with the operator; None if it did not take place, for the reason shown.

        Raises:
            LearnerError: there is no such repair, scenario or world, or the seed is not a whole number.
        """
        try:
            runbooks.book_of(self.lab, self.runbook_text)
        except RunbookError:
            notes.show(runbooks.looked_at(self.lab, self.runbook_text))
            return None
        if (chosen := self.repair(fix)) is None:
            return None
        chosen = alone(self.lab, chosen)
        with one_line_errors():
            asked = self.lab.called_to if scenario is None else self.scenario(scenario)
        without = self._run_of(chosen, asked, seed, world)
        played = self.simulate(chosen, asked.with_(runbook=self.runbook_text), seed, world) if without else None
        if without is not None and played is not None:
            results.draw(runbooks.drawn(self.lab, without, played))
            notes.show(runbooks.card(without, played))
        return played

    @told_in_a_line
    def outage(self, name: str | None = None, seed: int = 0) -> None:
        """Run a public outage as a small scenario: its chart and its fidelity table, beside the same with the mending.

        Args:
            name: an outage of this lab; without one, all are listed.

        Raises:
            LearnerError: there is no such outage, or the seed is not a whole number.
        """
        from labs.kit.judging import fidelity
        from labs.kit.notebook import outages

        if name is None:
            notes.show(outages.listed(self.lab))
            return
        with one_line_errors():
            chosen = outage.load(self.lab, name)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise LearnerError(f"the seed is {seed!r}; expected a whole number such as 0")
        if not self._wanted("simulated"):
            return
        runs = 2 * len(chosen.scenarios(name))
        with self.waiting(f"outage {name}", f"{chosen.title}, {runs} runs", outages.EACH_S * runs) as bar:
            found = fidelity.fidelity(self.lab, name, seed, bar.update)
        results.draw(outages.drawn(found))
        notes.show(outages.table(found))

    # Verdicts, hints, versions --------------------------------------------------------------------------------------

    @told_in_a_line
    def check(self, name: str) -> Points:
        """The verdict of one check, or of the "diagnosis": its points as a number, with a card for people.

        The first check of a repair evaluates it; the other checks, and later sessions, read the result.

        Raises:
            LearnerError: there is no such check.
        """
        if self.lab.judged_live:
            insist_on_quiet()
        with one_line_errors():
            verdict = self.checking.verdict(name)
        self.state()
        about = self.checking.judged(name)
        if about:
            verdict = replace(verdict, message=quoted(verdict.message, self.cell.source or ""))
        if validating():
            if verdict.status is not Status.PASS or verdict.points < verdict.max_points:
                print(notes.text(verdict, about), file=sys.stderr)  # for a cell that does not earn all points
        elif not notes.shows_html():
            print(notes.text(verdict, about))
        return Points(verdict, about)

    def take_diagnosis(self, text: str) -> None:
        """Keep the text of the `%%diagnosis` cell."""
        self.checking.diagnosis_text = text

    def take_runbook(self, text: str) -> None:
        """Keep the text of the `%%runbook` cell; where a runbook is graded, as a part of what is judged."""
        self.runbook_text = text
        if self.lab.runbook_graded:
            self.cell.adopt_runbook(text)

    @property
    def hints_opened(self) -> int:
        """The number of hints that the learner has opened in all sessions."""
        return min(self.state().hints, len(self.lab.hints))

    @told_in_a_line
    def hint(self) -> None:
        """Open the next hint. Hints are counted, never scored. After the last hint, show all of them again."""
        if validating():
            notes.show(Note(("No hint opened: Validate looks at the checks alone.",)))
            return
        hints, opened = self.lab.hints, self.hints_opened
        if opened == len(hints):
            notes.show(Note(("All hints are open:",), "info", hints) if hints else Note(("This lab has no hints.",)))
            return
        number = min(self._change(lambda state: setattr(state, "hints", opened + 1)).hints, len(hints))
        left = len(hints) - number
        more = "this was the last" if not left else "one more" if left == 1 else f"{left} more"
        notes.show(Note((f"Hint {number} of {len(hints)} ({more}): {hints[number - 1]}",)))

    @told_in_a_line
    def history(self) -> None:
        """List the versions of your repair, with the points of those that were checked."""
        found = {}
        for version in self.workspace.versions():
            if verdicts := self.checking.kept(version.source):
                found[Fix(YOURS, version.source).sha] = total(verdicts)
        notes.show(self.cell.history(found))

    @told_in_a_line
    def restore(self, number: int) -> None:
        """Bring back version `number` of your repair (see `history`). The present version stays in the history.

        Raises:
            LearnerError: there is no such version.
        """
        with one_line_errors():
            version = self.workspace.version(number)
        source, runbook = parted(version.source) if self.lab.runbook_graded else (version.source, "")
        if runbook.strip() not in ("", self.cell.runbook.strip()):
            self.take_runbook(runbook)
            print(f"The runbook of version {number}; copy it into its cell:\n\n{runbook_cell(runbook)}")
        self._bring_back(source, f"Version {number} of your repair", f"%%fix restore {number}")

    @told_in_a_line
    def reset(self) -> None:
        """Go back to the broken code. Your repair stays in the history, and a runbook as it is."""
        self._bring_back(self.cell.broken_source, "The broken code", "%%fix reset")

    def _bring_back(self, source: str, what: str, magic_line: str) -> None:
        note = self.cell.adopt(source)
        shell = notes.shell()
        told = [f"{what} is the current repair again: runs and checks use it."]
        if shell is not None:
            shell.set_next_input(as_cell(source), replace=False)
            told.append("Its text is in a new cell below. What stands in the repair cell is graded: copy it over there.")
        told.append(f"Or let the repair cell fill itself: make its first line `{magic_line}` and run it.")
        notes.show(Note((*told, *note.lines), "warn", note.listed))

    # The lab's own actions ------------------------------------------------------------------------------------------

    def _actions(self) -> list[str]:
        own = ["code", "predict", "run", "own", "requests", "dashboard", "chart", "compare", "worlds"]
        own += ["act", "runbook"] if self.lab.desk else []
        return [*own, "check", "hint", "history", "restore", "reset", *actions.of(self.lab)]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *actions.of(self.lab)]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "lab" not in self.__dict__:  # IPython asks every object for names of its own
            raise AttributeError(name)
        own = actions.of(self.lab)
        if name in own:
            return actions.bound(own[name], self)
        close = difflib.get_close_matches(name, self._actions(), n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise NoSuchAction(f"{self.lab.name} has no action {name!r}.{meant} It has: {', '.join(self._actions())}.")
