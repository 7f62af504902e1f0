"""What a repair says as data: constants of its text. The text is hostile: it is parsed, never executed."""

from __future__ import annotations

import ast
from typing import Any

from labs.kit.model.parsing import parsed

MOST_CHARACTERS = 40_000
"""The longest constant that is read, counted in the text of the repair."""


class SubmissionError(ValueError):
    """A constant of a repair is not what it should be; the message is one line: the name, what was found, what to do."""


def literal(source: str | ast.Module, name: str, form: str, *, appended: bool = False) -> Any:
    """The literal that a repair assigns to `name` at the top level; None if it assigns none, or is not Python.

    Args:
        source: the text of the repair, or its syntax tree.
        form: how the assignment should look, for the message, such as `NAME = "ada"`.
        appended: it may be the text's last line, put there from a cell of its own (see `labs.kit.judging.runbook_cell`);
            then it is read even if what stands above it is no Python.

    Raises:
        SubmissionError: it is assigned more than once or elsewhere too, is no literal, is None, or is too long.
    """
    try:
        tree = parsed(source) if isinstance(source, str) else source
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        last = str(source).rstrip("\n").rpartition("\n")[2]
        if appended and last.startswith(f"{name} = ") and last != source:
            return literal(last, name, form)
        return None  # its run tells that
    found = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node)]
    stored = sum(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in ast.walk(tree))
    if stored != len(found) or len(found) > 1:
        # If it were set in a function or an `if`, or changed later, the value read here would be wrong.
        raise SubmissionError(f"{name} must be set once, alone, at the top level, as {form}")
    if not found:
        return None
    if isinstance(source, str) and len(ast.get_source_segment(source, found[0]) or "") > MOST_CHARACTERS:
        raise SubmissionError(f"{name} is longer than {MOST_CHARACTERS:,} characters; expected {form}, and shorter")
    try:
        value = _value(found[0].value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        told = f"{name} is not a literal that can be read without running the file; expected {form}"
        raise SubmissionError(told) from error
    if value is None:
        raise SubmissionError(f"{name} is None; expected {form}, or leave it out")
    return value


def _value(node: ast.expr | None) -> Any:
    if node is None:
        raise ValueError("it has no value")
    if isinstance(node, ast.Dict):
        keys = [ast.literal_eval(key) if key is not None else None for key in node.keys]
        if len(keys) != len(set(keys)):
            raise ValueError("a key stands twice")
    return ast.literal_eval(node)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]
