"""The files that the operator writes: good versions, and forty that are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

from labs.lab12_config.scenarios import (
    FIRST,
    IMAGE_CURRENCY,
    IMAGE_FEE,
    IMAGE_LIMIT,
    IMAGE_TIMEOUT_S,
    SETTLED_LIMIT,
    SETTLED_TIMEOUT_S,
)

CURRENCIES = ("EUR", "USD", "GBP")
AGAIN = "the last good file again"
LONG = 64
"""In EDGES, for a version of so many characters, not all of them of ASCII."""
Values = Mapping[str, Any]
SETTLED: dict[str, Any] = {"limit": SETTLED_LIMIT, "timeout_s": SETTLED_TIMEOUT_S}
EDGES: tuple[dict[str, Any], ...] = (
    {"limit": 64}, {"timeout_s": 1, "version": LONG},
    {**SETTLED, "fee_cents": 0, "flags": {"gift": {"on": True, "percent": 100}, "express": {"on": True, "percent": 40}}},
    {"limit": 1, "version": "é"}, {"timeout_s": 5}, {"flags": {}}, {"fee_cents": 10_000},
    {**SETTLED, "flags": {"gift": {"on": False, "percent": 0}, "express": {"on": True, "percent": 100}}},
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
    return lambda good: text(good | changes)


def _flag(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: text(good | {"flags": {"express": {"on": True, "percent": 10} | changes}})


def _without(name: str, **changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: text({key: value for key, value in good.items() if key != name} | changes)


def _raw(old: str, new: str) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: text(good).decode().replace(old, new, 1).encode("latin-1")


FLAG = ("express", "percent", "flags")
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
    Bad("limit is text", "accepts_wrong_type", _with(limit="8"), ("limit",)),
    Bad("limit is 8.5", "accepts_wrong_type", _with(limit=8.5), ("limit",)),
    Bad("limit is true", "accepts_bool", _with(limit=True), ("limit",)),
    Bad("limit is null", "accepts_wrong_type", _with(limit=None), ("limit",)),
    Bad("limit is 0", "accepts_out_of_bounds", _with(limit=0), ("limit",)),
    Bad("limit is -4", "accepts_out_of_bounds", _with(limit=-4), ("limit",)),
    Bad("limit is a million", "accepts_huge", _with(limit=1_000_000), ("limit",)),
    Bad("no limit", "accepts_missing_key", _without("limit"), ("limit",)),
    Bad("timeout 0", "accepts_zero_timeout", _with(timeout_s=0), ("timeout_s",)),
    Bad("timeout below 0", "accepts_out_of_bounds", _with(timeout_s=-0.5), ("timeout_s",)),
    Bad("timeout NaN", "accepts_nan", _with(timeout_s=float("nan")), ("timeout_s", "NaN")),
    Bad("timeout infinite", "accepts_huge", _with(timeout_s=float("inf")), ("timeout_s", "Infinity")),
    Bad("timeout of 10^9 s", "accepts_huge", _with(timeout_s=10**9), ("timeout_s",)),
    Bad("timeout is text", "accepts_wrong_type", _with(timeout_s="0.5"), ("timeout_s",)),
    Bad("fee below 0", "accepts_out_of_bounds", _with(fee_cents=-1), ("fee_cents",)),
    Bad("fee of 10^30", "accepts_huge", _with(fee_cents=10**30), ("fee_cents",)),
    Bad("currency unknown", "accepts_out_of_bounds", _with(currency="eur"), ("currency",)),
    Bad("version is a number", "accepts_wrong_type", lambda good: text(good | {"version": 17}), ("version",)),
    Bad("a misspelt key", "accepts_unknown_key", _with(timout_s=0.4), ("timout_s",)),
    Bad("a key twice", "accepts_duplicate", _raw('"limit": 16', '"limit": 16,\n  "limit": 24'), ("limit",)),
    Bad("a flag that is on as text", "accepts_truthy", _flag(on="false"), ("on", *FLAG)),
    Bad("a flag of 101 percent", "accepts_out_of_bounds", _flag(percent=101), FLAG),
    Bad("a misspelt key of a flag", "accepts_unknown_key", _flag(percnt=50), ("percnt",)),
)  # fmt: skip
KINDS = {bad.kind: bad for bad in BAD}
SLUGS = tuple(dict.fromkeys(bad.slug for bad in BAD))


def shuffled(seed: str) -> list[Bad]:
    """The bad files in the order of one run."""
    drawn = list(BAD)
    Random(seed).shuffle(drawn)
    return drawn
