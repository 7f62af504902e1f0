"""What a repair says of itself, and where it does otherwise."""

from __future__ import annotations

import pytest

from labs.kit.judging.expectations import Expectations, disagreements, expectations


def test_says_nothing() -> None:
    """A repair without these names loses nothing and stands on no edge."""
    assert expectations("import asyncio\n\nLIMIT = 3\n") == Expectations({}, None)


def test_reads_literals() -> None:
    """Both names are read from the source, also annotated, and joined strings count as one."""
    source = 'LOSES: dict[str, str] = {"recovers": "amplifies"}\nKNIFE_EDGE = (\n    "depends on "\n    "a hair"\n)\n'
    assert expectations(source) == Expectations({"recovers": "amplifies"}, "depends on a hair")


def test_reads_where_live_runs_may_differ() -> None:
    """A check and a sentence; anything else is refused by name."""
    said = expectations('LIVE_MAY_DIFFER = {"kept": "the lock is handed on less fairly"}\n')
    assert said == Expectations({}, None, {"kept": "the lock is handed on less fairly"})
    with pytest.raises(ValueError, match="LIVE_MAY_DIFFER"):
        expectations("LIVE_MAY_DIFFER = ['kept']\n")


def test_never_runs_the_source() -> None:
    """Reading a repair executes none of it."""
    assert expectations('raise SystemExit("it ran")\nLOSES = {"a": "b"}\n').loses == {"a": "b"}


def test_reading_is_allowed() -> None:
    """A repair may read LOSES itself."""
    assert expectations('LOSES = {"a": "b"}\nprint(LOSES)\n').loses == {"a": "b"}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("LOSES = dict(a='b')", "LOSES"),
        ("LOSES = {'a': reason}", "LOSES"),
        ("LOSES = ['a']", "LOSES"),
        ("LOSES = {'a': 3}", "LOSES"),
        ("LOSES = {'a': 'not a slug'}", "LOSES"),
        ("LOSES = {'a': ''}", "LOSES"),
        ("LOSES = {'a': 'b', 'a': 'c'}", "LOSES"),
        ("LOSES = {**{'a': 'b'}}", "LOSES"),
        ("LOSES = None", "LOSES"),
        ("LOSES: dict", "LOSES"),
        ("LOSES = {'a': 'b'}\nLOSES = {}", "LOSES"),
        ("LOSES = {'a': 'b'}\nLOSES |= {'c': 'd'}", "LOSES"),
        ("if True:\n    LOSES = {'a': 'b'}", "LOSES"),
        ("A = LOSES = {'a': 'b'}\ndef f():\n    LOSES = 3", "LOSES"),
        ("LOSES, X = {}, 1", "LOSES"),
        ("KNIFE_EDGE = True", "KNIFE_EDGE"),
        ("KNIFE_EDGE = ' '", "KNIFE_EDGE"),
        ("KNIFE_EDGE = f'{3}'", "KNIFE_EDGE"),
        ("def broken(:", "not Python"),
        ("x = '\0'", "not Python"),
    ],
)
def test_what_is_no_literal_is_refused(source: str, named: str) -> None:
    """What cannot be read as one literal at the top level is one clear line, never taken for an absence."""
    with pytest.raises(ValueError, match=named) as caught:
        expectations(source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected", "lost", "told"),
    [
        ("right_a", {}, {}, []),
        ("wrong_a", {"x": "slow"}, {"x": "slow"}, []),
        ("right_a", {}, {"x": "slow"}, ["loses x (slow), which it does not say"]),
        ("right_a", {"x": "slow"}, {"x": "slow"}, ["is called right, and says that it loses x"]),
        ("wrong_a", {}, {}, ['is called wrong, and has no LOSES = {"check": "reason"}']),
        ("wrong_a", {"x": "slow"}, {}, ["should lose x (slow), but passes it"]),
        ("wrong_a", {"x": "slow"}, {"x": "crashed"}, ["should lose x for slow, but loses it for crashed"]),
        ("wrong_a", {"x": "slow"}, {"x": "slow", "y": "twice"}, ["loses y (twice), which it does not say"]),
    ],
)
def test_disagreements(name: str, expected: dict[str, str], lost: dict[str, str], told: list[str]) -> None:
    """Every difference between what a repair says and what it does is told, and nothing else."""
    assert disagreements(name, Expectations(expected, None), lost) == told


def test_a_knife_edge_is_asserted_nowhere() -> None:
    """A repair on a knife-edge may do either."""
    assert disagreements("wrong_a", Expectations({"x": "slow"}, "a hair"), {}) == []
