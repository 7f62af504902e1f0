"""The linter that lab05 shows: what it finds in a repair, and what it leaves alone."""

from __future__ import annotations

import pytest

import labs
from labs.lab05_timeouts.lint import NO_TOTAL, UNBOUNDED, findings


def told(source: str) -> list[tuple[int, str]]:
    """Each finding as (line, text)."""
    return [(found.line, found.told) for found in findings(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("session = aiohttp.ClientSession()", UNBOUNDED["ClientSession"]),
        ("from aiohttp import ClientSession as S, ClientSession\nx = ClientSession(headers={})", UNBOUNDED["ClientSession"]),
        ("urllib.request.urlopen(url)", UNBOUNDED["urlopen"]),
        ("socket.create_connection(address)", UNBOUNDED["create_connection"]),
        ("aiohttp.ClientTimeout(connect=1)", NO_TOTAL),
        ("aiohttp.ClientTimeout(total=None, sock_read=1)", NO_TOTAL),
    ],
)
def test_a_call_without_a_bound_is_found(source: str, expected: str) -> None:
    """Each kind of unbounded call is one finding, at its line."""
    assert told(source) == [(len(source.splitlines()), expected)]


@pytest.mark.parametrize(
    "source",
    [
        "aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1))",
        "aiohttp.ClientTimeout(1)",
        "aiohttp.ClientTimeout(total=limit())",
        "urlopen(url, timeout=2)",
        "ClientSession(**options)",
        "open(path)",
    ],
)
def test_a_call_with_a_bound_is_left_alone(source: str) -> None:
    """A bound as keyword or first argument is seen; options that cannot be read are not accused."""
    assert told(source) == []


def test_the_broken_code_has_one_finding_and_the_reference_none() -> None:
    """The page shows both: the line of the diagnosis, and a repair that passes its own rule."""
    lab = labs.load("lab05_timeouts")
    broken = lab.fix("broken").source
    (found,) = findings(broken)
    assert "ClientSession" in broken.splitlines()[found.line - 1]
    assert findings(lab.fix("reference").source) == []


def test_what_is_no_python_is_refused() -> None:
    """The learner's cell is checked for syntax before; the linter does not guess."""
    with pytest.raises(SyntaxError):
        findings("def broken(:")
