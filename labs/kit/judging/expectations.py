"""The expectations that a repair in `fixes/` declares: the checks that it loses, the reasons, and whether that is certain.

A repair may set three names at the top level. All are literals, read from the source without importing it:

    LOSES = {"recovers": "retries_sustain_it"}   # check -> reason of its Finding; {} or absent: it loses nothing
    KNIFE_EDGE = "whether the queue fits the timeout depends on single requests"   # shown, asserted in neither direction
    LIVE_MAY_DIFFER = {"kept": "the interpreter lock is handed on less fairly"}   # check -> why live runs say otherwise
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from labs.kit.model.literals import literal

LOSES, KNIFE_EDGE, LIVE_MAY_DIFFER = "LOSES", "KNIFE_EDGE", "LIVE_MAY_DIFFER"
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_LOSES_FORM = f'{LOSES} = {{"check": "reason"}}'


@dataclass(frozen=True)
class Expectations:
    """The declared expectations of a repair.

    `loses` is {check: reason}. `knife_edge` says why the outcome depends on a hair, or is None. `live_may_differ` is
    {check: why live runs may judge it differently}, in words.
    """

    loses: dict[str, str]
    knife_edge: str | None
    live_may_differ: dict[str, str] = field(default_factory=dict)


def expectations(source: str) -> Expectations:
    """The expectations that the source of a repair declares.

    Raises:
        ValueError: the source is not Python, or one of the three names is not set to one literal at the top level.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"LOSES of this repair cannot be read, because it is not Python: {error}") from error
    return Expectations(_loses(tree), _knife_edge(tree), _live_may_differ(tree))


def disagreements(name: str, expected: Expectations, lost: Mapping[str, str]) -> list[str]:
    """The differences between a repair and its expectations, as clauses; empty if there are none, or for a knife edge.

    Args:
        name: the file's name; "right_*" must declare that it loses nothing, "wrong_*" that it loses something.
        lost: each check that did not pass, gates included, with the reason of its verdict.
    """
    if expected.knife_edge is not None:
        return []
    found = []
    if name.startswith("right_") and expected.loses:
        found.append(f"is called right, and says that it loses {', '.join(expected.loses)}")
    if name.startswith("wrong_") and not expected.loses:
        found.append(f"is called wrong, and has no {_LOSES_FORM}")
    for check, reason in expected.loses.items():
        if check not in lost:
            found.append(f"should lose {check} ({reason}), but passes it")
        elif lost[check] != reason:
            found.append(f"should lose {check} for {reason}, but loses it for {lost[check]}")
    unsaid = [check for check in lost if check not in expected.loses]
    return found + [f"loses {check} ({lost[check]}), which it does not say" for check in unsaid]


def _loses(tree: ast.Module) -> dict[str, str]:
    value = literal(tree, LOSES, _LOSES_FORM)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(_is_slug(text) for pair in value.items() for text in pair):
        raise ValueError(f"{LOSES} is {value!r}; expected a dict from names of checks to reasons: {_LOSES_FORM}")
    return dict(value)


def _live_may_differ(tree: ast.Module) -> dict[str, str]:
    form = f'{LIVE_MAY_DIFFER} = {{"check": "why"}}'
    value = literal(tree, LIVE_MAY_DIFFER, form)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(_is_slug(check) and isinstance(why, str) for check, why in value.items()):
        raise ValueError(f"{LIVE_MAY_DIFFER} is {value!r}; expected a dict from names of checks to sentences: {form}")
    return dict(value)


def _knife_edge(tree: ast.Module) -> str | None:
    value = literal(tree, KNIFE_EDGE, f'{KNIFE_EDGE} = "why"')
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{KNIFE_EDGE} is {value!r}; expected one sentence that says why the outcome depends on a hair")
    return value.strip()


def _is_slug(text: object) -> bool:
    return isinstance(text, str) and _SLUG.fullmatch(text) is not None
