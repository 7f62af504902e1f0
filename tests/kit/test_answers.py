"""Answers written as literals: what counts, what is refused, what it is worth."""

from __future__ import annotations

import pytest

from labs.kit.judging.diagnosis import MAX_LENGTH, BadAnswer, form, judge_diagnosis, literal, unanswered
from labs.kit.model.declare import number
from labs.kit.model.lab import Diagnosis, Question
from labs.kit.model.verdict import Status


def question(name: str, answer: object, kind: type) -> Question:
    """A question with one right answer."""
    why = f"because {name} is {answer}"
    return Question(name, f"which {name}?", lambda v: v == answer, f"a {kind.__name__}", lambda v: isinstance(v, kind), why)


ASKED = Diagnosis(
    (question("line", 12, int), question("cause", "retries", str), question("factor", 4, int)), 3, "Look closer."
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-1.5", -1.5),
        ("+3", 3),
        ('%%diagnosis\n\n{"a": [1, (2, None)], "b": True}  # mine\n', {"a": [1, (2, None)], "b": True}),
        ("{\n 'a':\n 'x' 'y',\n}", {"a": "xy"}),
        ("  'indented'  ", "indented"),
    ],
)
def test_literals_count(text: str, value: object) -> None:
    """Numbers, strings, constants and containers of them are read, however they are laid out."""
    assert literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "   \n", "%%diagnosis\n", "# only a comment",
        "3+3", "3+3j", "2j", "b'x'", "...", "x", "f'{1}'", "-True", "--1", "not 1", "{1, 2}", "[1 for _ in 'a']", "print()",
        "{**{}}", "{[]: 1}", "{'a': 1, 'a': 2}", "{'a': __import__('os')}", "1e999", "-1e999", "a = 1", "1; 2", "{'a': 1",
        "\0", "'\ud800", "(" * 3000, "-" * 3000 + "1", "1" + "+1" * 1500, "[" * 90 + "x" + "]" * 90, "9" * (MAX_LENGTH + 1),
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_one_sentence(text: str) -> None:
    """What would have to be computed, cannot be read or is too long raises BadAnswer with one short line."""
    with pytest.raises(BadAnswer) as refused:
        literal(text)
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < 200
    assert message.endswith(".")


def test_nothing_is_executed() -> None:
    """A call in an answer is named and not made."""
    with pytest.raises(BadAnswer, match=r"`exit\(1\)` would have to be computed"):
        literal("{'a': exit(1)}")


def test_the_line_of_an_error_is_the_cells() -> None:
    """Blank lines and the magic's line count, as they do in the editor."""
    with pytest.raises(BadAnswer, match=r"line 4:"):
        literal("\n%%diagnosis\n{'a': 1,\n 'b' 2}")


def test_the_form_is_checked_without_telling_right_from_wrong() -> None:
    """A wrong answer of the right form has no form errors; one of the wrong form is told what is expected."""
    assert form(ASKED, '{"line": 99, "cause": "weather", "factor": None}') == []
    assert form(ASKED, '{"line": "12", "cause": 5, "factor": 4}') == [
        "`line` is '12'; expected a int.",
        "`cause` is 5; expected a str.",
    ]


def test_unknown_and_missing_keys_are_named() -> None:
    """A key that is not asked for, and one that is gone, are each told with the way out."""
    assert form(ASKED, '{"line": 1, "reason": "x", "factor": 1}') == [
        "'reason' is not asked for; the keys are line, cause, factor.",
        "`cause` is missing; put it back, with None if you do not know yet.",
    ]


@pytest.mark.parametrize("text", ["", "[1]", "12", "{1: 2}", "{'line': 1 + 1}"])
def test_an_answer_that_is_no_dict_has_one_form_error(text: str) -> None:
    """What cannot be read as a dict gives one error, and leaves every question open."""
    assert len(form(ASKED, text)) == 1
    assert unanswered(ASKED, text) == ["line", "cause", "factor"]


def test_a_test_that_chokes_means_no() -> None:
    """Where a lab's own test raises on an odd value, the value is not well formed, and nothing breaks."""
    picky = Diagnosis((Question("n", "?", lambda v: v > 0, "a number", lambda v: v < 10, ""),), 1, "")
    assert form(picky, "{'n': 'text'}") == ["`n` is 'text'; expected a number."]
    assert judge_diagnosis(picky, "{'n': 'text'}").points == 0


@pytest.mark.parametrize(
    ("text", "status", "points", "reason"),
    [
        ('{"line": 12, "cause": "retries", "factor": 4}', Status.PASS, 3, "all_right"),
        ('%%diagnosis\n{"line": 12, "cause": "retries", "factor": 5}', Status.FAIL, 2, "wrong_factor"),
        ('{"line": 12, "cause": None, "factor": "4"}', Status.FAIL, 1, "wrong_cause_factor"),
        ('{"line": 12, "cause": "retries"}', Status.FAIL, 2, "wrong_factor"),
        ('{"line": 1, "cause": "x", "factor": 2}', Status.FAIL, 0, "wrong_line_cause_factor"),
        ('{"line": None, "cause": None, "factor": None}', Status.NOT_ATTEMPTED, 0, "not_attempted"),
        ("{}", Status.NOT_ATTEMPTED, 0, "not_attempted"),
        ("%%diagnosis\n\n", Status.NOT_ATTEMPTED, 0, "not_attempted"),
        ("", Status.NOT_ATTEMPTED, 0, "not_attempted"),
        ("{'line': 3+3}", Status.FAIL, 0, "unreadable"),
    ],
)
def test_points_go_by_question(text: str, status: Status, points: float, reason: str) -> None:
    """Each question answered right earns its share; an untouched answer earns exactly nothing, as not attempted."""
    verdict = judge_diagnosis(ASKED, text)
    assert (verdict.check, verdict.status, verdict.points, verdict.max_points, verdict.reason) == (
        "diagnosis", status, points, 3, reason,
    )  # fmt: skip
    assert verdict.hint == ("" if status is Status.PASS else "Look closer.")


def test_true_is_not_one() -> None:
    """A learner who writes True where 1 is right is judged by the lab's own test, not by Python's equality alone."""
    one = Diagnosis((Question("n", "?", lambda v: v == 1, "a whole number", lambda v: type(v) is int, "it is 1"),), 1, "")
    assert judge_diagnosis(one, "{'n': 1}").points == 1
    assert judge_diagnosis(one, "{'n': True}").points == 0


def test_the_reason_of_a_wrong_answer_can_be_held_back() -> None:
    """While an answer can still be changed, the right ones are counted, and none is named: that would be a way to guess."""
    text = '{"line": 12, "cause": "weather", "factor": 4}'
    told = judge_diagnosis(ASKED, text).message
    held = judge_diagnosis(ASKED, text, tell_why=False).message
    assert "Because cause is retries" in told
    assert held.startswith("2 of 3 right.")
    assert not any(name in held for name in ("line", "cause", "factor", "Because"))
    assert "Because cause is retries" in judge_diagnosis(ASKED, text.replace("weather", "retries"), tell_why=False).message


def test_seconds_where_milliseconds_are_asked_for_are_a_matter_of_form() -> None:
    """A time of less than a millisecond was meant in seconds: that is said before the answer is judged."""
    asked = Diagnosis((number("held_ms", "how long?", 103, 120, why="It adds up."),), 1, "Add up.")
    assert form(asked, '{"held_ms": 0.107}') == ["`held_ms` is 0.107; expected a number of milliseconds, not of seconds."]
    assert form(asked, '{"held_ms": 107}') == []
    assert judge_diagnosis(asked, '{"held_ms": 107}').status is Status.PASS
