"""The files that the operator writes: good versions, and eighty that are none."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any
from zlib import crc32

from labs.lab12_config.scenarios import (
    FIRST,
    IMAGE_CURRENCY,
    IMAGE_FEE,
    IMAGE_LIMIT,
    IMAGE_TIMEOUT_S,
    PLAN,
    SETTLED_LIMIT,
    SETTLED_TIMEOUT_S,
)

CURRENCIES = ("EUR", "USD", "GBP")
AGAIN, CHANGED = "the last good file again", "a change under the same version"
GONE = object()
"""For a key that is not there."""
LONG = 64
"""In EDGES, for a version of so many characters, not all of them of ASCII."""
Values = Mapping[str, Any]
SETTLED: dict[str, Any] = {"limit": SETTLED_LIMIT, "timeout_s": SETTLED_TIMEOUT_S}
EDGES: tuple[dict[str, Any], ...] = (
    {"limit": 64}, {"timeout_s": 1, "version": LONG},
    {**SETTLED, "fee_cents": 0, "flags": {"gift": {"on": True, "percent": 100}, "express": {"on": True, "percent": 40}}},
    {"limit": 1, "version": "é"}, {"timeout_s": 5}, {"flags": {}}, {"fee_cents": 10_000},
    {"flags": {"gift": {"on": False, "percent": 0}, "express": {"on": True, "percent": 100}}}, {"limit": 64},
    {"timeout_s": 1}, {},
)  # fmt: skip
"""Values at the ends of what is allowed: good files have them, too."""


def fee_of(version: str) -> int:
    """The fee of a version, in cents: it follows from the version's name, so that an answer shows what it is made of."""
    return IMAGE_FEE if version == FIRST else 1 + crc32(f"fee of {version}".encode()) % 9_998


def currency_of(version: str) -> str:
    """The currency of a version."""
    return IMAGE_CURRENCY if version == FIRST else CURRENCIES[crc32(f"currency of {version}".encode()) % 3]


def mixed(answer: Any, cents: int) -> str:
    """What is wrong with an answer to an order of `cents`, in a few words, "" if nothing is.

    `answer` has version, fee_cents, currency, and as receipt what the bank was asked for: cents and currency.
    """
    version, receipt = answer["version"], answer["receipt"]
    if not isinstance(version, str):
        return f"the version {version!r}"
    names_own_fee = "-fee-" in version  # a good file at an end of what is allowed says so in its name
    fee = int(version.rpartition("-fee-")[2]) if names_own_fee else fee_of(version)
    for name, found, expected in (
        ("fee_cents", answer["fee_cents"], fee), ("currency", answer["currency"], currency_of(version)),
        ("receipt's cents", receipt["cents"], cents + fee),
        ("receipt's currency", receipt["currency"], currency_of(version)),
    ):  # fmt: skip
        if found != expected:
            return f"{name} {found!r} under version {version}, where it is {expected!r}"
    return ""


def values(version: str, **changes: Any) -> dict[str, Any]:
    """The content of a good file of this version."""
    flags = {"express": {"on": True, "percent": 10}, "gift": {"on": False, "percent": 50}}
    made = {
        "version": version, "limit": IMAGE_LIMIT, "timeout_s": IMAGE_TIMEOUT_S, "fee_cents": fee_of(version),
        "currency": currency_of(version), "flags": flags,
    }  # fmt: skip
    return made | changes


def text(content: Any) -> bytes:
    """A content as the bytes of its file."""
    return (json.dumps(content, indent=2) + "\n").encode()


def edge(name: str, number: int) -> dict[str, Any]:
    """A good file of the version `name` with a value at an end of what is allowed."""
    changes = EDGES[number % len(EDGES)]
    version = {LONG: name.ljust(LONG, "é"), "é": "é"}.get(changes.get("version", ""), name)
    version += f"-fee-{changes['fee_cents']}" if "fee_cents" in changes else ""
    return values(version) | changes | {"version": version, "fee_cents": changes.get("fee_cents", fee_of(version))}


@dataclass(frozen=True)
class Bad:
    """One kind of bad file.

    `make` gives its bytes, from the content of a good file; `how` says how they come to the path (see agent.py).
    The reason for the refusal must have one of `names` in it. `slug` is the reason of whoever takes the file.
    """

    kind: str
    slug: str
    make: Callable[[dict[str, Any]], bytes]
    names: tuple[str, ...] = ()
    how: str = "replace"


def _with(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: text(_left(good | changes))


def _flag(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return _with(flags={"express": _left({"on": True, "percent": 10} | changes)})


def _left(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not GONE}


def _setting(field: str, value: Any) -> Callable[[dict[str, Any]], bytes]:
    """A good file but for one value of a field, of a flag, or of a flag's field."""
    if field in ("on", "percent"):
        return _flag(**{field: value})
    return _with(flags={field: value}) if field == "express" else _with(**{field: value})


def _raw(old: str, new: str) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: text(good).decode().replace(old, new, 1).encode("latin-1")


FLAG = ("express", "percent", "flags")
TYPE, BOOL, BOUNDS, HUGE, TRUTHY = (
    f"accepts_{what}" for what in ("wrong_type", "bool", "out_of_bounds", "huge", "truthy")
)  # fmt: skip
VAST = 10**400
"""A whole number that no float holds."""
WRONG: dict[str, dict[str, tuple[Any, ...]]] = {
    "limit": {TYPE: ("8", 8.5, None, [8]), BOOL: (True,), BOUNDS: (0, -4), HUGE: (65, VAST)},
    "timeout_s": {
        TYPE: ("0.5", None, [0.5]), BOOL: (True,), "accepts_zero_timeout": (0,), BOUNDS: (-0.5, 0.04),
        "accepts_nan": (math.nan,), HUGE: (math.inf, 5.01, VAST),
    },
    "fee_cents": {TYPE: ("5", None, 2.5, [5]), BOOL: (True,), BOUNDS: (-1, 10_001), HUGE: (10**30,)},
    "currency": {TYPE: (None, 978, ["EUR"], {"EUR": 1}), BOUNDS: ("eur", "")},
    "version": {TYPE: (17, None, ["config-1"]), BOUNDS: ("", 65 * "v")},
    "flags": {TYPE: (None, [], "express")},
    "express": {TYPE: (None, True, [True, 10])},
    "on": {TRUTHY: ("false", 0, 1, None, [])},
    "percent": {TYPE: ("10", 10.5, None, [10]), BOOL: (True,), BOUNDS: (-1, 101), "accepts_nan": (math.nan,)},
}  # fmt: skip
"""Values that a field must not have, by the reason of whoever takes one."""


def _wrong_values() -> Iterator[Bad]:
    """A kind of bad file for each field and each value in WRONG."""
    for field, reasons in WRONG.items():
        for slug, wrong in reasons.items():
            for value in wrong:
                vast = isinstance(value, int) and value >= 10**6
                told = f"10^{len(str(value)) - 1}" if vast else json.dumps(value)[:20]
                names: tuple[str, ...] = ("on", *FLAG) if field in ("express", "on", "percent") else (field,)
                names += ("NaN", "Infinity") if isinstance(value, float) and not math.isfinite(value) else ()
                if value == VAST:  # a reason that only says "too large for a float" is one
                    names = ()
                yield Bad(f"{field}: {told}", slug, _setting(field, value), names)


BAD: tuple[Bad, ...] = (
    Bad("empty", "accepts_empty", lambda good: b""),
    Bad("only white space", "accepts_empty", lambda good: b" \n\n"),
    Bad("an empty object", "accepts_missing_key", lambda good: b"{}\n"),
    Bad("torn", "accepts_torn", lambda good: text(good)[:90]),
    Bad("torn in its last byte", "accepts_torn", lambda good: text(good)[:-2]),
    Bad("two files in one", "accepts_torn", lambda good: text(good) * 2),
    Bad("a page of HTML", "accepts_torn", lambda good: b"<html>502 Bad Gateway</html>\n"),
    Bad("null", "accepts_wrong_type", lambda good: b"null\n"),
    Bad("an array", "accepts_wrong_type", lambda good: text([good])),
    Bad("nested 100,000 deep", "accepts_torn", lambda good: b"[" * 100_000),
    Bad("another encoding", "accepts_encoding", _raw('"express"', '"expr\xe9ss"')),
    Bad("zeros of a disk that was full", "accepts_torn", lambda good: b"\0" * len(text(good))),
    Bad("a directory", "accepts_torn", lambda good: b"", how="directory"),
    Bad("no file", "accepts_torn", lambda good: b"", how="missing"),
    Bad("a link to itself", "accepts_torn", lambda good: b"", how="circle"),
    Bad("a link, swapped to a torn file", "accepts_torn", lambda good: text(good)[:120], how="link"),
    Bad("no permission", "accepts_torn", lambda good: b"\xff" + text(good)[:60], how="locked"),
    Bad("no limit", "accepts_missing_key", _with(limit=GONE), ("limit",)),
    Bad("a flag without `on`", "accepts_missing_key", _flag(on=GONE), ("on", *FLAG)),
    Bad("a misspelt key", "accepts_unknown_key", _with(timout_s=0.4), ("timout_s",)),
    Bad("a misspelt key of a flag", "accepts_unknown_key", _flag(percnt=50), ("percnt",)),
    Bad("a key twice", "accepts_duplicate", _raw('"limit": 16', '"limit": 16,\n  "limit": 24'), ("limit",)),
    *_wrong_values(),
)  # fmt: skip
ON_KILL = ("empty", "torn", "torn in its last byte", "a page of HTML")
KINDS = {bad.kind: bad for bad in BAD}
SLUGS = tuple(dict.fromkeys(bad.slug for bad in BAD))


def shuffled(seed: str) -> list[Bad]:
    """The bad files in the order of one run, the last one first.

    A kill comes after one of ON_KILL: whoever dies of another kind is not to be started again at once.
    """
    rng, kills = Random(seed), [step for step, then in pairwise(PLAN) if step == "bad" and then == "kill"]
    plain = [KINDS[kind] for kind in rng.sample(ON_KILL, len(kills))]
    others = [bad for bad in BAD if bad not in plain]
    rng.shuffle(others)
    return [(plain if then == "kill" else others).pop() for step, then in pairwise(PLAN) if step == "bad"][::-1]
