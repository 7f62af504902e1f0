"""Repairs written as edits of a sibling, so that a file in `fixes/` holds only its differences.

A file is complete, or it holds these literals and nothing else (they are read, never executed):

    \"\"\"One or two sentences: why this repair is wrong, or right.\"\"\"

    LIKE = "right_lease"               # the sibling that this file changes, or "broken"
    LOSES = {"check": "reason"}        # KNIFE_EDGE and LIVE_MAY_DIFFER too: see labs/kit/judging/expectations.py
    CHANGED = {"old text": "new text"} # applied in this order; each old text must occur exactly once at its turn

The repair is the sibling's text with those edits, and with the file's own docstring, LOSES, KNIFE_EDGE and LIVE_MAY_DIFFER
instead of the sibling's. The sibling may be an edit as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from labs.kit.model.parsing import parsed

BASE = "broken"
SAID = ("LOSES", "KNIFE_EDGE", "LIVE_MAY_DIFFER")
_FORM = 'an edit holds a docstring, LIKE = "sibling", CHANGED = {"old text": "new text"}, ' + ", ".join(SAID)
_IS_EDIT = re.compile(r"^(LIKE|CHANGED)\b", re.MULTILINE)
_SHOWN = 60


class RepairError(ValueError):
    """A repair cannot be assembled; the message names the file, the error and the remedy."""


@dataclass(frozen=True)
class Edit:
    """The contents of a file that changes a sibling. `docstring` and `said` are lines copied from the file."""

    like: str
    changed: Mapping[str, str]
    docstring: tuple[str, ...]
    said: tuple[str, ...]


def edited(source: str, changes: Mapping[str, str], where: str) -> str:
    """The source with each old text replaced by its new text, in order.

    Raises:
        RepairError: an old text is empty, or does not occur exactly once at its turn; the message begins with `where`.
    """
    for old, new in changes.items():
        count = source.count(old) if old else 0
        if count != 1:
            found = "is empty" if not old else f"stands {count} times" if count else "is missing"
            todo = "give it more of the lines around it" if count else "copy it again from the text that is changed"
            raise RepairError(f"{where}: the old text {_short(old)} {found}; it must occur there exactly once: {todo}")
        source = source.replace(old, new)
    return source


def resolved(name: str, read: Callable[[str], str], names: Sequence[str], where: str) -> str:
    """The whole source of a repair.

    Args:
        name: the repair's name.
        read: returns the text of the file of a given name.
        names: the names of the repairs that may be changed, without `broken`.
        where: the folder of the files, for messages.

    Raises:
        RepairError: a file is not a valid edit, or its sibling does not exist, or the siblings form a circle.
    """
    chain: list[tuple[str, Edit]] = []
    while True:
        file = f"{where}/{name}.py"
        text = read(name)
        edit = None if name == BASE else edit_in(text, file)
        if edit is None:
            break
        chain.append((file, edit))
        name = edit.like
        if name not in (BASE, *names):
            raise RepairError(
                f"{file}: LIKE is {_short(name)}, which is not there; the valid ones: {', '.join((BASE, *names))}"
            )
        if f"{where}/{name}.py" in [each for each, _ in chain]:
            raise RepairError(f"{file}: LIKE {name!r} closes a circle; make one of these repairs a complete file")
    for file, edit in reversed(chain):
        text = _with_head(edited(text, edit.changed, f"{file}, in the text of {edit.like}"), edit, file)
    return text


def edit_in(text: str, file: str) -> Edit | None:
    """The edit in the text of a file, or None if the file is complete. Raises RepairError, which names `file`."""
    if not _IS_EDIT.search(text):
        return None
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError) as error:
        raise RepairError(f"{file}: not Python ({error}); expected: {_FORM}") from error
    found = {_target(node): node for node in tree.body}
    if not found.keys() & {"LIKE", "CHANGED"}:
        return None  # the words are in a string or a comment of a complete repair
    if "LIKE" not in found:
        raise RepairError(f"{file}: CHANGED without LIKE; say which sibling is changed, as LIKE = {BASE!r}")
    if "CHANGED" not in found:
        raise RepairError(f'{file}: LIKE without CHANGED; say what is changed, as CHANGED = {{"old text": "new text"}}')
    lines = text.split("\n")
    docstring: list[str] = []
    said: list[str] = []
    for node in tree.body:
        target = _target(node)
        own = lines[node.lineno - 1 : node.end_lineno]
        if target in SAID:
            said += own
        elif target == "" and node is tree.body[0]:
            docstring += own
        elif target not in ("LIKE", "CHANGED") or found[target] is not node:
            raise RepairError(
                f"{file}: line {node.lineno} is {_short(own[0].strip())}; {_FORM}, each once, and nothing else"
            )
    like = _literal(found["LIKE"], file)
    if not isinstance(like, str):
        raise RepairError(f"{file}: LIKE is {_short(like)}; expected the name of a sibling, as LIKE = {BASE!r}")
    return Edit(like, _changes(found["CHANGED"], file), tuple(docstring), tuple(said))


def _changes(node: ast.stmt, file: str) -> Mapping[str, str]:
    changed = _literal(node, file)
    if not isinstance(changed, dict) or not changed or not all(isinstance(t, str) for pair in changed.items() for t in pair):
        raise RepairError(
            f'{file}: CHANGED is {_short(changed)}; expected {{"old text": "new text"}} with at least one edit'
        )
    assert isinstance(node, ast.Assign)
    assert isinstance(node.value, ast.Dict)
    keys = [ast.literal_eval(key) for key in node.value.keys if key is not None]
    for key in changed:
        if keys.count(key) > 1:
            raise RepairError(
                f"{file}: CHANGED holds the old text {_short(key)} {keys.count(key)} times; join their new texts"
            )
    return changed


def _literal(node: ast.stmt, file: str) -> object:
    assert isinstance(node, ast.Assign)
    try:
        return ast.literal_eval(node.value)
    except (ValueError, TypeError) as error:
        message = f"{file}: {_target(node)} in line {node.lineno} is no literal; {_FORM}"
        raise RepairError(message) from error


def _target(node: ast.stmt) -> str | None:
    """The one name that a statement sets; "" for a statement that is only a string; None for any other statement."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return "" if alone else None


def _with_head(source: str, edit: Edit, file: str) -> str:
    """The source with the edit's own docstring and, after the imports, with its LOSES and the like."""
    try:
        body = parsed(source).body
    except (SyntaxError, ValueError) as error:
        raise RepairError(f"{file}: with its edits it is not Python ({error}); mend the new texts in CHANGED") from error
    lines = source.split("\n")
    documented = body[:1] if body and _target(body[0]) == "" else []
    imports = list(takewhile(lambda node: isinstance(node, ast.Import | ast.ImportFrom), body[len(documented) :]))
    after = max((node.end_lineno or 0 for node in documented + imports), default=0)
    dropped = {number for node in documented if edit.docstring for number in _lines(node)}
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _set_by(node) in SAID:
            blank_before = node.lineno > 1 and not lines[node.lineno - 2]
            dropped |= {*_lines(node), node.lineno - blank_before}
    said = ["", *edit.said] if edit.said else []
    made = [*edit.docstring, *([] if after else said)]
    for number, line in enumerate(lines, 1):
        made += [] if number in dropped else [line]
        made += said if number == after else []
    return "\n".join(made)


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _set_by(node: ast.Assign | ast.AnnAssign) -> str | None:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return target.id if isinstance(target, ast.Name) else None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]}...{text[-1]}"
