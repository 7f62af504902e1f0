"""Answers written as literals: one parser and one judge, for learner and grader alike. Nothing is executed."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.kit.judging.fix_cell import cut_magic
from labs.kit.model.lab import OWN_SEED, Diagnosis, Question
from labs.kit.model.verdict import Status, Verdict

if TYPE_CHECKING:
    from labs.kit.model.record import Run

Records = Callable[[Sequence[str], int], "Mapping[str, Run]"]
"""Takes the names of scenarios and a seed, and returns the runs of the broken code, by the names."""

MAX_LENGTH = 4_000
"""The largest length of an answer, in characters."""

_WANTED = "only numbers, strings, True, False, None, and lists, tuples and dicts of them count"


class BadAnswer(ValueError):
    """An answer that cannot be read; its message is one sentence for the learner."""


def literal(text: str) -> object:
    """The value of the Python literal in `text`, such as `{"line": 12, "cause": "retries"}`.

    Allowed are numbers (no complex ones), strings, True, False, None, and lists, tuples and dicts of them. A first line
    `%%diagnosis`, blank lines and comments are ignored.

    Raises:
        BadAnswer: the text is too long, is not Python, needs to be computed, or is empty.
    """
    if len(text) > MAX_LENGTH:
        raise BadAnswer(f"the answer is {len(text):,} characters long; at most {MAX_LENGTH:,} count.")
    body = answer_text(text)
    if not body:
        raise BadAnswer("the answer is empty; write a value such as {'name': 'value'}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a typo such as `1 is 1` warns before it is refused below
            tree = ast.parse(body, "answer", mode="eval")
        return _value(tree.body)
    except SyntaxError as error:
        line = text[: text.index(body)].count("\n") + (error.lineno or 1)  # of the cell, as its editor numbers it
        raise BadAnswer(f"this is not a value that can be read (line {line}: {error.msg}).") from error
    except BadAnswer:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadAnswer(f"this is not a value that can be read ({type(error).__name__}).") from error


def answer_text(text: str) -> str:
    """The answer alone: without its `%%diagnosis` line and the blank space around it."""
    body = cut_magic("diagnosis", text)
    return (text if body is None else body).strip()


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd) and isinstance(node.operand, ast.Constant):
        number = _constant(node.operand.value)
        if isinstance(number, int | float) and not isinstance(number, bool):
            return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return _dict(node)
    raise BadAnswer(f"`{_shown(node)}` would have to be computed; {_WANTED}.")


def _constant(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadAnswer("that number is too large to count.")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise BadAnswer(f"`{value!r}` does not count; {_WANTED}.")


def _dict(node: ast.Dict) -> dict[object, object]:
    found: dict[object, object] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if not isinstance(key_node, ast.Constant):
            raise BadAnswer(f"`{_shown(key_node) if key_node else '**'}` is no key; write each key as a string.")
        key = _constant(key_node.value)
        if key in found:
            raise BadAnswer(f"the key {key!r} stands twice; keep one of them.")
        found[key] = _value(value_node)
    return found


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."


def form(diagnosis: Diagnosis, text: str) -> list[str]:
    """The errors in the form of an answer, one sentence each; they do not tell whether the answer is right.

    A value of None means that the question is not answered yet; that is no error of form: see `unanswered`.
    """
    try:
        answer = _answer(diagnosis, text)
    except BadAnswer as error:
        return [_sentence(str(error))]
    names = [q.name for q in diagnosis.fields]
    wrong = [f"{key!r} is not asked for; the keys are {', '.join(names)}." for key in answer if key not in names]
    wrong += [f"`{name}` is missing; put it back, with None if you do not know yet." for name in names if name not in answer]
    for q in diagnosis.fields:
        value = answer.get(q.name)
        if value is not None and not _holds(q.well_formed, value):
            wrong.append(f"`{q.name}` is {_short(value)}; expected {q.form}.")
    return wrong


def unanswered(diagnosis: Diagnosis, text: str) -> list[str]:
    """The names of the questions whose answer is None or missing; all questions if the text cannot be read."""
    try:
        answer = _answer(diagnosis, text)
    except BadAnswer:
        answer = {}
    return [q.name for q in diagnosis.fields if answer.get(q.name) is None]


def judge_diagnosis(diagnosis: Diagnosis, text: str, records: Records | None = None, *, tell_why: bool = True) -> Verdict:
    """Judge an answer: the points are proportional to the number of right answers.

    An untouched answer (all None) or an empty one is `not_attempted`. An answer that cannot be read earns nothing.

    Args:
        text: the cell's source, with or without its `%%diagnosis` line.
        records: makes the runs on which evidence is judged. Without it, evidence of the right form counts as right: that is
            for a builder, who has yet to run the page.
        tell_why: name and explain the questions answered wrong; False while the learner can still answer again, for then
            naming them would be a way to guess.
    """
    asked = len(diagnosis.questions)
    if not answer_text(text):
        return _verdict(diagnosis, Status.NOT_ATTEMPTED, None, "No answer given yet.", "not_attempted")
    try:
        answer = _answer(diagnosis, text)
    except BadAnswer as error:
        return _verdict(diagnosis, Status.FAIL, 0, f"The answer could not be read: {error}", "unreadable")
    if all(answer.get(q.name) is None for q in diagnosis.questions):
        return _verdict(diagnosis, Status.NOT_ATTEMPTED, None, "No answer given yet.", "not_attempted")
    seed = answer.get(OWN_SEED.name)
    seeded = _is_formed(OWN_SEED, seed)
    formed = [q for q in diagnosis.questions if _is_formed(q, answer.get(q.name)) and (seeded or not q.needs)]
    needs = tuple(dict.fromkeys(name for q in formed for name in q.needs))
    runs = records(needs, answer[OWN_SEED.name]) if needs and records else {}
    right = [q for q in formed if (q.needs and not records) or _is_right(q, answer[q.name], runs)]
    wrong = [q for q in diagnosis.questions if q not in right]
    parts = [f"{len(right)} of {asked} right."]
    if tell_why or not wrong:
        parts += [f"{q.name}: right. {_sentence(q.why)}" for q in right]
        parts += [_told(q, answer.get(q.name), seed) for q in wrong]
    else:
        parts.append(NOT_NAMED)
    status = Status.FAIL if wrong else Status.PASS
    reason = "all_right" if not wrong else "_".join(["wrong", *(q.name for q in wrong)]) if tell_why else "some_wrong"
    return _verdict(diagnosis, status, len(right), " ".join(part for part in parts if part), reason)


NOT_NAMED = "Which, is told once all are right: look again at what you measured, instead of trying the next answer."


def _told(question: Question, value: object, seed: object) -> str:
    if value is None:
        said = f"{question.name}: not answered."
    elif not _holds(question.well_formed, value):
        said = f"{question.name}: {_short(value)} is not of the form {question.form}."
    elif question.needs and not _is_formed(OWN_SEED, seed):
        said = f"{question.name}: not judged, for the seed is {_short(seed)}; expected {OWN_SEED.form}."
    elif question.needs:
        said = f"{question.name}: not {_short(value)}, in your record with the seed {seed}."
    else:
        said = f"{question.name}: not {_short(value)}."
    return f"{said} {_sentence(question.why)}"


def _verdict(diagnosis: Diagnosis, status: Status, right: int | None, message: str, reason: str) -> Verdict:
    asked = len(diagnosis.questions)
    return Verdict(
        check="diagnosis",
        status=status,
        points=round(diagnosis.points * (right or 0) / asked, 4),
        max_points=diagnosis.points,
        measured=None if right is None else float(right),
        goal=float(asked),
        unit="right answers",
        message=message,
        hint="" if status is Status.PASS else diagnosis.hint,
        reason=reason,
        title="Diagnosis",
        bound="at least",
    )


def _answer(diagnosis: Diagnosis, text: str) -> dict[str, Any]:
    answer = literal(text)
    if isinstance(answer, dict) and all(isinstance(key, str) for key in answer):
        return answer
    names = ", ".join(f'"{q.name}": ...' for q in diagnosis.fields)
    raise BadAnswer(f"the answer is {_short(answer)}; expected a dict, {{{names}}}.")


def _is_formed(question: Question, value: object) -> bool:
    return value is not None and _holds(question.well_formed, value)


def _is_right(question: Question, value: object, runs: Mapping[str, Run]) -> bool:
    return _holds(question.right, value, runs) if question.needs else _holds(question.right, value)


def _holds(test: Callable[..., bool], *values: object) -> bool:
    try:
        return bool(test(*values))
    except Exception:  # noqa: BLE001  a lab's test may raise on a type that it does not expect: then the answer is wrong
        return False


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] if text else ""
