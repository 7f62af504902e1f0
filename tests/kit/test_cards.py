"""Verdicts as people and nbgrader read them."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from labs.kit.model.verdict import Status, Verdict
from labs.kit.notebook.notes import WIDTH, WORDS, Note, Points, card, number, quantity, safe, text


def verdict(**changes: object) -> Verdict:
    """A failed verdict."""
    base: dict[str, object] = {
        "check": "recovery", "status": Status.FAIL, "points": 1.5, "max_points": 4.0, "measured": 12.3456, "goal": 10.0,
        "unit": "s", "message": "It recovered too late.", "hint": "Is there a budget?", "title": "Recovers",
        "bound": "at most",
    }  # fmt: skip
    return Verdict(**{**base, **changes})  # type: ignore[arg-type]  # the keys are Verdict's own


def shown(markup: str) -> str:
    """The text that a browser would show, tags left out."""
    out: list[str] = []
    parser = HTMLParser()
    parser.handle_data = out.append  # type: ignore[method-assign]  # all that this parser is for
    parser.feed(markup)
    return " ".join("".join(out).split())


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_told_in_words(status: Status) -> None:
    """The status stands as a word in the card and in the text: nobody has to tell colours apart."""
    word = WORDS[status][0]
    assert word in shown(card(verdict(status=status, points=4.0)))
    assert word.upper() in text(verdict(status=status, points=4.0))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, by the Web Content Accessibility Guidelines 2.2, 1.4.3."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("word", "colour", "ink"), WORDS.values())
def test_badges_can_be_read(word: str, colour: str, ink: str) -> None:
    """The word on each badge has a contrast of at least 4.5, as WCAG's level AA asks."""
    assert contrast(colour, ink) >= 4.5


@pytest.mark.parametrize("render", [lambda v: shown(card(v)), text])
def test_card_and_text_tell_the_same(render: object) -> None:
    """Measured against goal with units, points, message and hint stand in the card and in the plain text."""
    out = render(verdict())  # type: ignore[operator]  # one of the two functions above
    for part in ("Measured 12.35 s; goal: at most 10 s", "1.5 of 4 points", "It recovered too late.", "Is there a budget?"):
        assert part in out


def test_the_hint_is_folded_away() -> None:
    """The hint is inside <details>, and a verdict without one has no <details>."""
    assert re.search(r"<details><summary>Hint</summary>Is there a budget\?</details>", card(verdict()))
    assert "<details>" not in card(verdict(hint=""))


def test_markup_in_a_verdict_is_shown_not_run() -> None:
    """Whatever a repair gets into a verdict's words comes out as text, also a lone surrogate."""
    evil = "<script>alert('x')</script>&\ud800\"'"
    out = card(verdict(message=evil, hint=evil, title=evil, check=evil, unit=evil, bound=evil))
    assert "<script" not in out
    out.encode("utf-8")
    assert shown(out).count("<script>alert('x')</script>&\\ud800\"'") == 6  # a long unit stands once


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "not measured"), (float("nan"), "not measured"), (float("inf"), "without end"), (0.0, "0"), (0.98765, "0.9877"),
     (12345.6, "12,346"), (1e-7, "1e-07")],
)  # fmt: skip
def test_numbers_are_short(value: float | None, words: str) -> None:
    """Figures show the digits that count, and say in words what is no figure."""
    assert number(value) == words


def test_units_stand_where_figures_stand() -> None:
    """A unit follows a figure, percent closely; where there is none, so is no unit."""
    assert [quantity(5, "s"), quantity(5, "%"), quantity(None, "s"), quantity(5, ""), quantity(float("inf"), "s")] == [
        "5 s", "5%", "not measured", "5", "without end",
    ]  # fmt: skip


def test_a_hint_is_kept_back_where_the_machine_is_to_blame() -> None:
    """What to do about a repair is no advice on a bad measurement."""
    assert "Hint: " in text(verdict(status=Status.FAIL, hint="Bound it."))
    for status in (Status.INVALID, Status.INFRA_ERROR):
        assert "Bound it." not in text(verdict(status=status, hint="Bound it.")) + card(
            verdict(status=status, hint="Bound it.")
        )


def test_a_gate_says_what_it_does() -> None:
    """A gate has no points to show: it says that it must hold, or that it takes points."""
    assert "must hold" in text(verdict(gate=True, status=Status.PASS, points=0, max_points=0))
    assert "takes points" in text(verdict(gate=True, points=0, max_points=0))


def test_shares_are_told_in_percent_and_long_units_once() -> None:
    """0.8 of the orders is 80 % of them; a unit of many words stands behind the goal alone, a short one behind both."""
    orders = verdict(measured=0.8, goal=0.995, unit="share of orders confirmed", bound="at least")
    assert "Measured 80 %; goal: at least 99.5 % of orders confirmed" in text(orders)
    assert "Measured 1.5; goal: at most 10 attempts an order" in text(verdict(measured=1.5, unit="attempts an order"))
    assert "Measured 1.5 ms; goal: at most 10 ms" in text(verdict(measured=1.5, unit="ms"))


@pytest.mark.parametrize(
    ("measured", "goal", "unit", "shown"),
    [
        (20.0004, 20.0, "ms", "Measured 20.0004 ms; goal: at most 20 ms"),
        (0.050001, 0.05, "share of orders", "Measured 5.0001 %; goal: at most 5 % of orders"),
        (20.0, 20.0, "ms", "Measured 20 ms; goal: at most 20 ms"),
        (float("inf"), 20.0, "ms", "Measured without end; goal: at most 20 ms"),
    ],
)
def test_a_value_past_its_goal_never_looks_like_the_goal(measured: float, goal: float, unit: str, shown: str) -> None:
    """Two figures that differ are shown with as many digits as that takes."""
    assert shown in text(verdict(measured=measured, goal=goal, unit=unit))


def test_a_failure_whose_measure_keeps_the_goal_says_so() -> None:
    """A check may look at more than it measures: then the goal is not what failed."""
    failed = verdict(status=Status.FAIL, points=0.0, measured=0.9662, goal=0.95, unit="share of pages", bound="at least")
    assert "at least 95 % of pages. That alone would do; what failed is this:" in text(failed)
    assert "would do" not in text(replace(failed, measured=0.94)) + text(replace(failed, status=Status.PASS, points=4.0))


def test_a_check_that_a_gate_took_the_points_of_is_not_said_to_have_passed() -> None:
    """A check that held, and earns less than its points, names the gate in its badge."""
    held = verdict(status=Status.PASS, points=0.0, max_points=3.0)
    assert text(held).startswith("HELD, BUT A GATE FAILED: Recovers (recovery), 0 of 3 points")
    assert text(replace(held, points=3.0)).startswith("PASSED")


def test_a_check_that_could_not_be_made_shows_no_hint() -> None:
    """What to do about a measure is no advice to a repair that crashed, hung, or reached for its judge."""
    for status in (Status.CRASHED, Status.HUNG, Status.UNSUPPORTED, Status.TAMPERED):
        assert "Is there a budget?" not in text(verdict(status=status)) + card(verdict(status=status))


def test_a_card_says_which_repair_it_is_about() -> None:
    """The version that was judged stands on the card, in the text, and survives pickling."""
    points = Points(verdict(), "Judged: version 3.")
    assert "Judged: version 3." in shown(points._repr_html_())
    assert "Judged: version 3." in text(verdict(), "Judged: version 3.")
    assert pickle.loads(pickle.dumps(points)).about == "Judged: version 3."


def test_plain_text_fits_validates_columns() -> None:
    """No line of the text is longer than nbgrader's Validate shows."""
    out = text(verdict(message="word " * 80, hint="more " * 80))
    assert max(len(line) for line in out.splitlines()) <= WIDTH


def test_points_are_a_number_that_shows_as_a_card() -> None:
    """Points count as a number, print as one, and carry the card as HTML; also after pickling."""
    points = Points(verdict())
    assert (points, repr(points), str(points), points + 1) == (1.5, "1.5", "1.5", 2.5)
    assert points._repr_html_() == card(verdict())
    assert pickle.loads(pickle.dumps(points)).verdict == verdict()


@pytest.mark.parametrize("points", [0.0, 1.3333, 4.0])
def test_nbgrader_reads_the_points(points: float) -> None:
    """nbgrader's own reader takes the points out of the cell's output."""
    value = Points(verdict(points=points))
    output = new_output("execute_result", {"text/plain": repr(value), "text/html": value._repr_html_()}, execution_count=1)
    cell = new_code_cell("lab.check('recovery')", outputs=[output])
    cell.metadata.nbgrader = {"grade": True, "solution": False, "points": 4, "grade_id": "g", "locked": True}
    assert determine_grade(cell) == (points, 4.0)


def test_a_note_reads_the_same_as_text() -> None:
    """A note's lines, list and table stand in its HTML and in its plain text, escaped only in the first."""
    note = Note(("First <b>.",), "bad", ("one", "two"), (("name", "value"), ("a", "<1>")))
    assert repr(note) == "First <b>.\n  - one\n  - two\n  name  value\n  a     <1>"
    assert shown(note._repr_html_()) == "First <b>.onetwonamevaluea<1>"
    assert "<b>" not in note._repr_html_()


def test_safe_takes_anything() -> None:
    """Any object becomes harmless text."""
    assert safe(None) + safe(1.5) + safe("<&\">'") == "None1.5&lt;&amp;&quot;&gt;&#x27;"


def test_what_stands_in_backticks_is_code() -> None:
    """A card and a note show no raw backticks, and no markup that comes within them; plain text keeps them."""
    told = "line: `Shop.<b>` waits; a lone ` stays."
    code = "<code>Shop.&lt;b&gt;</code> waits; a lone ` stays."
    failed = verdict(message=told, hint=told)
    assert card(failed).count(code) == 2
    assert Note((told,), listed=(told,))._repr_html_().count(code) == 2
    assert "`Shop.<b>`" in text(failed)
