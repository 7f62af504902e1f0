"""A small linter: calls over a network without a bound on their whole time."""

from __future__ import annotations

import ast
from dataclasses import dataclass

UNBOUNDED = {
    "ClientSession": "this session waits 300 s for an answer: give it timeout=aiohttp.ClientTimeout(total=...)",
    "urlopen": "urlopen waits for ever: give it timeout=..., and know that it bounds each read, not the whole",
    "create_connection": "this waits for ever: give it timeout=...",
}
"""Names of calls that must have the argument `timeout`, and what to say where it is missing."""
NO_TOTAL = "this ClientTimeout has no total: an answer that drips goes on for ever"


@dataclass(frozen=True)
class Found:
    """One finding: the line, and what to do."""

    line: int
    told: str


def findings(source: str) -> list[Found]:
    """Calls without a bound in Python source, by line. Raises SyntaxError: the source is no Python.

    It reads names, not types: a session that somebody else made, or a bound set elsewhere, it does not see.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in UNBOUNDED and not {"timeout", None} & given.keys():  # None stands for **more: it may be in there
            found.append(Found(node.lineno, UNBOUNDED[name]))
        elif name == "ClientTimeout" and not (node.args or None in given) and _is_none(given.get("total")):
            found.append(Found(node.lineno, NO_TOTAL))
    return sorted(found, key=lambda one: one.line)


def _is_none(value: ast.expr | None) -> bool:
    """Is an argument missing, or the literal None? Without it, `total` of a ClientTimeout is None, not 300 s."""
    return value is None or (isinstance(value, ast.Constant) and value.value is None)
