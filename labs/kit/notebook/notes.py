"""Verdicts and notes for people: an HTML card in a notebook, the same words as plain text elsewhere.

The colours are those of Okabe and Ito, which colour-blind readers can distinguish; each status is also given as a word.
"""

from __future__ import annotations

import html
import math
import re
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labs.kit.measure.stats import told_apart
from labs.kit.model.verdict import Status, Verdict

BLUE, VERMILLION, ORANGE, PURPLE, GREY = "#0072B2", "#D55E00", "#E69F00", "#CC79A7", "#5F6368"

WORDS: dict[Status, tuple[str, str, str]] = {
    # status: word, colour of the badge, colour of the word on it (each pair has a contrast of 4.5 or more)
    Status.PASS: ("passed", BLUE, "#FFFFFF"),
    Status.FAIL: ("failed", VERMILLION, "#000000"),
    Status.NOT_ATTEMPTED: ("not attempted", GREY, "#FFFFFF"),
    Status.CRASHED: ("crashed", VERMILLION, "#000000"),
    Status.HUNG: ("hung", VERMILLION, "#000000"),
    Status.UNSUPPORTED: ("unsupported", ORANGE, "#000000"),
    Status.TAMPERED: ("tampered", PURPLE, "#000000"),
    Status.INVALID: ("invalid measurement", ORANGE, "#000000"),
    Status.INFRA_ERROR: ("machine error", ORANGE, "#000000"),
}
SHORT_UNIT = 12
"""The largest length of a unit that may be written twice in one line, such as "ms"."""
WIDTH = 84
"""The width of the plain text in columns: nbgrader's Validate cuts longer lines."""


def safe(value: object) -> str:
    """Any text as HTML that shows exactly that text: markup escaped, lone surrogates written out."""
    return html.escape(str(value).encode("utf-8", "backslashreplace").decode("utf-8"))


def prose(value: object) -> str:
    """A sentence as HTML: what stands in backticks is code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", safe(value))


def number(value: float | None) -> str:
    """A figure for people: four significant digits; "not measured" for None, "without end" for infinity."""
    if value is None or math.isnan(value):
        return "not measured"
    if math.isinf(value):
        return "without end"
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def quantity(value: float | None, unit: str) -> str:
    """A figure with its unit; without a figure no unit. There is no space before "%"."""
    shown = number(value)
    if value is None or not unit or not math.isfinite(value):
        return shown
    return shown + unit if unit == "%" else f"{shown} {unit}"


def points(verdict: Verdict) -> str:
    """The points of a verdict in words: "3 of 4 points", or the effect of a gate."""
    if verdict.gate:
        return (
            "gate: gives no points, must hold"
            if verdict.status is Status.PASS
            else "gate: takes points from the other checks"
        )
    return f"{verdict.points:g} of {verdict.max_points:g} point" + ("" if verdict.max_points == 1 else "s")


def _words(verdict: Verdict) -> tuple[str, str, str]:
    if verdict.status is Status.PASS and verdict.points < verdict.max_points:
        return "held, but a gate failed", ORANGE, "#000000"
    if verdict.status is Status.NOT_ATTEMPTED and verdict.reason == "answer_noted":
        return "noted", GREY, "#FFFFFF"  # there is an answer; it may not be judged yet
    return WORDS[verdict.status]


def _against_goal(verdict: Verdict) -> str:
    """The measured value and the goal: a long unit is written once, and a share is given in percent."""
    share, unit = verdict.unit == "share" or verdict.unit.startswith("share of "), verdict.unit

    if verdict.goal is None:
        return f"measured {quantity(verdict.measured, unit)}" if verdict.measured is not None else ""
    behind = " %" if share else "" if not unit or len(unit) > SHORT_UNIT else unit if unit == "%" else f" {unit}"
    of = unit.removeprefix("share").strip() if share else unit if len(unit) > SHORT_UNIT else ""
    measured, goal = _apart(verdict.measured, verdict.goal, 100 if share else 1)
    told = f"goal: {verdict.bound} {goal}{behind}{' ' * bool(of)}{of}"
    if verdict.measured is None:
        return f"not measured; {told}"
    finite = math.isfinite(verdict.measured)
    if verdict.status is Status.FAIL and _met(verdict):
        told += ". That alone would do; what failed is this:"
    return f"measured {measured}{behind * finite}; {told}"


def _apart(measured: float | None, goal: float, factor: float) -> tuple[str, str]:
    """Both as figures; two that differ never look the same."""
    shown = number(None if measured is None else factor * measured), number(factor * goal)
    return shown if measured is None or shown[0] != shown[1] else told_apart(factor * measured, factor * goal)


def _met(verdict: Verdict) -> bool:
    """Does the measured value keep the goal? A check may look at more than it measures."""
    measured, goal = verdict.measured, verdict.goal
    if measured is None or goal is None or not verdict.message:
        return False
    return measured >= goal if verdict.bound == "at least" else measured <= goal


def card(verdict: Verdict, about: str = "") -> str:
    """A verdict as HTML: status, points, measured value and goal, message, folded hint. Everything is escaped.

    `about` says which version of the repair was judged.
    """
    word, colour, ink = _words(verdict)
    title = verdict.title or verdict.check
    rows = [_badge(word, colour, ink) + f" <b>{safe(title)}</b> ({safe(verdict.check)}): {safe(points(verdict))}"]
    if against := _against_goal(verdict):
        rows.append(f"{safe(against[:1].upper() + against[1:])}")
    rows += [prose(line) for line in (verdict.message, about) if line]
    body = "".join(f"<div>{row}</div>" for row in rows)
    if _advises(verdict):
        body += f"<details><summary>Hint</summary>{prose(verdict.hint)}</details>"
    return _frame(colour, body)


def text(verdict: Verdict, about: str = "") -> str:
    """A verdict as plain text, with the whole content of the card."""
    word = _words(verdict)[0].upper()
    title = verdict.title or verdict.check
    lines = [f"{word}: {title} ({verdict.check}), {points(verdict)}"]
    if against := _against_goal(verdict):
        lines.append("  " + against[:1].upper() + against[1:])
    lines += [_wrapped(line) for line in (verdict.message, about) if line]
    if _advises(verdict):
        lines.append(_wrapped(f"Hint: {verdict.hint}"))
    return "\n".join(lines)


def _advises(verdict: Verdict) -> bool:
    """Is the hint shown? It is about what the check measures: if the repair or the machine broke, it would mislead."""
    return bool(verdict.hint) and verdict.status in (Status.FAIL, Status.NOT_ATTEMPTED)


def _wrapped(words: str) -> str:
    wrap = textwrap.TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    return "\n".join(wrap.fill(line) for line in words.splitlines())


def _badge(word: str, colour: str, ink: str) -> str:
    return f'<span style="background:{colour};color:{ink};padding:1px 8px;border-radius:3px"><b>{safe(word)}</b></span>'


def _frame(colour: str, body: str) -> str:
    return f'<div class="breakfix-card" style="border-left:5px solid {colour};padding:4px 12px;margin:4px 0">{body}</div>'


class Points(float):
    """The points of a verdict: a number for nbgrader, which reads the plain text; a card for people, who see the HTML."""

    verdict: Verdict
    about: str

    def __new__(cls, verdict: Verdict, about: str = "") -> Points:
        """Points equal to `verdict.points`; `about` is said on the card as well."""
        self = super().__new__(cls, verdict.points)
        self.verdict, self.about = verdict, about
        return self

    def __reduce__(self) -> tuple[type[Points], tuple[Verdict, str]]:
        return Points, (self.verdict, self.about)

    def __repr__(self) -> str:
        return f"{float(self):g}"

    def _repr_html_(self) -> str:
        return card(self.verdict, self.about)


@dataclass(frozen=True)
class Note:
    """A few lines for the learner. `kind` is "info", "good", "warn" or "bad", and sets only the colour.

    `table` is an optional header row with its rows, below the lines; `listed` are lines shown as a list.
    """

    lines: tuple[str, ...]
    kind: str = "info"
    listed: tuple[str, ...] = ()
    table: tuple[Sequence[object], ...] = ()

    def __repr__(self) -> str:
        out = [*self.lines, *(f"  - {item}" for item in self.listed)]
        return "\n".join(out + _text_table(self.table))

    def _repr_html_(self) -> str:
        colour = {"good": BLUE, "warn": ORANGE, "bad": VERMILLION}.get(self.kind, GREY)
        body = "".join(f"<div>{prose(line)}</div>" for line in self.lines)
        if self.listed:
            body += "<ul>" + "".join(f"<li>{prose(item)}</li>" for item in self.listed) + "</ul>"
        return _frame(colour, body + _html_table(self.table))


def _text_table(table: Sequence[Sequence[object]]) -> list[str]:
    rows = [[str(cell) for cell in row] for row in table]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _html_table(table: Sequence[Sequence[object]]) -> str:
    if not table:
        return ""
    head = "".join(f'<th scope="col" style="text-align:left">{safe(cell)}</th>' for cell in table[0])
    rows = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{safe(cell)}</td>' for cell in row) + "</tr>" for row in table[1:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def shell() -> Any:
    """The IPython shell that this code runs in, or None in plain Python."""
    if "IPython" not in sys.modules:  # plain Python that never imported IPython has no shell: avoid the import
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def shows_html() -> bool:
    """Does a notebook kernel send displayed objects to a frontend? False in a terminal and in plain Python."""
    return hasattr(shell(), "kernel")


def show(note: object) -> None:
    """Display a note: as a card in a notebook, as plain text elsewhere."""
    if shell() is None:
        print(note)
        return
    from IPython.display import display

    display(note)
