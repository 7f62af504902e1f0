"""A bot that follows a runbook: it is called, acts one step at a time, looks at what the step led to, and rolls back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from labs.kit.model.names import ACTION, EDGE, MET, NOT_MET, OPERATOR, PAGED, ROLLED_BACK, RUNBOOK_OVER, STEP
from labs.kit.model.runbook import Action, Condition, Restart, Runbook, Shed, Step

LOOK_S = 0.5
"""Seconds between two looks at the figures."""
REACTS_S = 2.0
"""Seconds from the page to the first step."""
DOWN_S = 2.0
"""Seconds that a restart takes: a multiple of LOOK_S, because a simulated run stops at each look anyway."""


class Bot:
    """Follows one runbook through one run.

    Args:
        act: carries out an action.
        tell: notes (kind, subject, detail) as an event of the present moment.
    """

    def __init__(self, book: Runbook, act: Callable[[Action], None], tell: Callable[[str, str, str], None]) -> None:
        self.book, self.act, self.tell = book, act, tell
        self._step: Step | None = None
        self._begins = 0.0  # the first step, after the page
        self._paged = False
        self._since = 0.0  # the present step has begun
        self._held: float | None = None  # the present condition has held since then

    def look(self, at: float, figures: Mapping[str, float]) -> None:
        """Look at the figures of the moment `at`, in seconds of the run, and do what the runbook says."""
        if self._step is not None:
            self._judge(self._step, at, figures)
        elif self._paged:
            if at >= self._begins:
                self._begin(self.book.steps[0], at)
        elif self._holds(self.book.page, at, figures):
            self._paged, self._begins = True, at + REACTS_S
            self.tell(PAGED, OPERATOR, str(self.book.page))

    def end(self) -> None:
        """The run ends: roll back the present step. Nobody would be served by a restart now, so there is none."""
        if self._step is not None and self._step.undo:
            self._roll_back(self._step, (action for action in self._step.undo if not isinstance(action, Restart)))
        self._step, self._paged = None, True

    def _judge(self, step: Step, at: float, figures: Mapping[str, float]) -> None:
        """Is what the step should lead to there, or will it not come any more?"""
        assert step.expect is not None
        if self._holds(step.expect, at, figures):
            self.tell(MET, step.name, str(step.expect))
            self._do(step.then)
            self._begin(None if step.done else self._after(step), at)
        elif at - self._since >= step.within_s:
            self.tell(NOT_MET, step.name, f"{step.expect} within {step.within_s:g} s")
            if step.undo:
                self._roll_back(step, step.undo)
            self._begin(next((s for s in self.book.steps if s.name == step.other), self._after(step)), at)

    def _holds(self, condition: Condition, at: float, figures: Mapping[str, float]) -> bool:
        """Has the condition held for as long as it must?"""
        if not condition.holds(figures):
            self._held = None
            return False
        self._held = at if self._held is None else self._held
        return at - self._held >= condition.for_s

    def _begin(self, step: Step | None, at: float) -> None:
        """Begin a step, and those that follow one without an expectation; with None the runbook is over and armed again."""
        while step is not None:
            self.tell(STEP, step.name, "")
            self._do(step.do)
            if step.expect is not None:
                break
            step = self._after(step)
        if step is None:
            self.tell(RUNBOOK_OVER, OPERATOR, "")
        self._step, self._paged, self._since, self._held = step, False, at, None

    def _after(self, step: Step) -> Step | None:
        following = self.book.steps.index(step) + 1
        return self.book.steps[following] if following < len(self.book.steps) else None

    def _roll_back(self, step: Step, actions: Iterable[Action]) -> None:
        self.tell(ROLLED_BACK, step.name, "")
        self._do(actions)

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            self.tell(ACTION, EDGE if isinstance(action, Shed) else action.service, str(action))
            self.act(action)
