"""What an operator sees, and what a bot does with a runbook, without any world."""

from __future__ import annotations

import pytest

from labs.kit.model.names import ACTION, MET, NOT_MET, PAGED, ROLLED_BACK, RUNBOOK_OVER, STEP
from labs.kit.model.runbook import Action, Desk, Shed, parse
from labs.kit.worlds.operator.bot import LOOK_S, REACTS_S, Bot
from labs.kit.worlds.operator.edge import Edge
from labs.kit.worlds.operator.figures import WINDOW_S, Figures

LINK = "shop->payments"
DESK = Desk(restarts=("payments",))


class Played:
    """A bot before figures that a test makes up."""

    def __init__(self, *lines: str) -> None:
        text = "\n".join(["```operator", "page error_rate > 0.5 for 1 s", *lines, "```"])
        self.acts: list[Action] = []
        self.told: list[tuple[float, str, str]] = []
        self.at = 0.0
        self.bot = Bot(parse(text, DESK, [LINK], ["payments"]), self.acts.append, self._tell)

    def _tell(self, kind: str, subject: str, detail: str) -> None:
        self.told.append((self.at, kind, subject))

    def sees(self, seconds: float, **figures: float) -> Played:
        """For so long the dashboard shows these figures."""
        until = self.at + seconds
        while self.at < until:
            self.at += LOOK_S
            self.bot.look(self.at, figures)
        return self

    def when(self, kind: str) -> list[float]:
        """When events of a kind were told."""
        return [at for at, known, _ in self.told if known == kind]


STEPS = (
    "step a",
    "do restart payments",
    "expect error_rate < 0.1 for 1 s within 4 s",
    "then shed 0",
    "undo shed 0.1",
)


def test_the_page_has_to_last_and_the_first_act_takes_a_while() -> None:
    """A moment above the bound calls nobody; the operator acts REACTS_S after the page."""
    played = Played(*STEPS).sees(0.5, error_rate=1.0).sees(2, error_rate=0.0)
    assert played.told == []
    played.sees(4, error_rate=1.0)
    (paged,) = played.when(PAGED)
    assert paged == 4.0  # seen at 3.0 for the first time, and for 1 s
    assert played.when(STEP) == [paged + REACTS_S]


def test_a_step_that_is_met_gives_back_what_it_took() -> None:
    """`then` is played, `undo` is not, and after the last step the bot is armed again."""
    played = Played(*STEPS).sees(5, error_rate=1.0).sees(3, error_rate=0.0)
    assert [str(act) for act in played.acts] == ["restart payments", "shed 0"]
    assert len(played.when(MET)) == len(played.when(RUNBOOK_OVER)) == 1
    played.sees(5, error_rate=1.0)
    assert len(played.when(PAGED)) == 2


def test_a_step_that_is_not_met_in_time_is_rolled_back() -> None:
    """After `within`, `undo` is played, once."""
    played = Played(*STEPS).sees(8, error_rate=1.0)
    (begun, *_), (failed,) = played.when(STEP), played.when(NOT_MET)
    assert failed == begun + 4
    assert [str(act) for act in played.acts] == ["restart payments", "shed 0.1"]
    assert played.when(ROLLED_BACK) == [failed]


def test_the_end_of_the_run_rolls_back_as_well() -> None:
    """A run that ends in the middle of a step leaves nothing behind, and nobody restarts anything then."""
    played = Played(*STEPS, "undo restart payments").sees(4, error_rate=1.0)
    played.bot.end()
    assert [str(act) for act in played.acts] == ["restart payments", "shed 0.1"]
    assert len(played.when(ROLLED_BACK)) == 1


def test_an_end_between_two_pages_rolls_nothing_back() -> None:
    """There is nothing to give back before the first step."""
    played = Played(*STEPS).sees(1, error_rate=0.0)
    played.bot.end()
    assert played.told == []


@pytest.mark.parametrize(("rate", "steps"), [(0.0, ["look"]), (1.0, ["look", "other"])])
def test_done_ends_and_else_branches(rate: float, steps: list[str]) -> None:
    """Met, the runbook ends at `done`; not met, it goes on where `else` says, over the step between."""
    lines = ["step look", "expect error_rate < 0.1 for 1 s within 2 s", "else goto other", "done"]
    lines += ["step between", "do shed 1", "step other", "do restart payments"]
    played = Played(*lines).sees(3.5, error_rate=1.0).sees(2.5, error_rate=rate)
    assert [subject for _, kind, subject in played.told if kind == STEP] == steps


def test_steps_without_an_expectation_follow_at_once() -> None:
    """They are over when they have begun."""
    played = Played("step a", "do shed 0.5", "step b", "do restart payments").sees(3.5, error_rate=1.0)
    assert [kind for _, kind, _ in played.told] == [PAGED, STEP, ACTION, STEP, ACTION, RUNBOOK_OVER]
    assert len({at for at, kind, _ in played.told if kind != PAGED}) == 1


def test_a_metric_without_a_figure_meets_nothing() -> None:
    """Where no request ends, nobody knows an error rate: neither small nor large."""
    assert Played(*STEPS).sees(5, answered=0.0).told == []


def test_the_figures_are_those_of_the_last_two_seconds() -> None:
    """What is older is forgotten; rates are per second."""
    figures = Figures([LINK])
    for number in range(40):
        at = number / 10
        figures.sent(at)
        if number % 4:
            figures.ended(at + 0.05, 0.05, ok=number % 2 == 0)
    figures.counted(1.9, LINK, 10)
    figures.counted(3.9, LINK, 50)
    figures.sampled(3.5, "queue.depth", "payments", 7)
    figures.sampled(1.0, "queue.depth", "shop", 9)
    shown = figures.at(3.95, shed=0.25)
    assert shown["offered"] == 20 / WINDOW_S
    assert shown["answered"] == 5 / WINDOW_S
    assert shown["error_rate"] == pytest.approx(2 / 3)
    assert shown["p99"] == 0.05
    assert shown["in_flight"] == 10
    assert shown[f"rate({LINK})"] == 40 / WINDOW_S
    assert shown[f"calls_per_request({LINK})"] == 40 / 20
    assert (shown["queue.depth@payments"], shown["shed"]) == (7, 0.25)
    assert "queue.depth@shop" not in shown
    assert {"error_rate", "p99", f"calls_per_request({LINK})"}.isdisjoint(figures.at(10, shed=0))


def test_the_edge_refuses_the_same_requests_each_time() -> None:
    """The share is about kept, a larger one refuses all that a smaller one does, and a client's is his alone."""

    def refused(*orders: Shed, client: str = "") -> set[int]:
        edge = Edge(7)
        for order in orders:
            edge.shed(order)
        return {index for index in range(2_000) if edge.refuses(index, client)}

    some = refused(Shed(0.3))
    assert some == refused(Shed(0.3))
    assert 0.25 < len(some) / 2_000 < 0.35
    assert some < refused(Shed(0.6)) < refused(Shed(1)) == set(range(2_000))
    assert refused(Shed(1), Shed(0)) == set()
    assert refused(Shed(0.3, "bulk")) == set()
    assert refused(Shed(0.3, "bulk"), client="bulk") == some
