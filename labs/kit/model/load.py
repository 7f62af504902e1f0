"""Open-loop load: the time at which each request is to be sent, independent of the system's answers.

A closed loop (send, wait, send) slows down with the system that it measures, and so hides stalls: coordinated omission.
Here arrivals are drawn before the run, and latency is counted from the intended time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

NS = 1_000_000_000


@dataclass(frozen=True)
class HttpRequest:
    """One request of the load. `request_id` is sent as the header X-Request-Id."""

    method: str
    path: str
    request_id: str
    body: bytes = b""
    patience_s: float = 30.0


def named(noun: str, number: int, secret: str = "") -> str:
    """The name of the i-th of something: "order-17"; with a secret, one that nobody can tell who does not know it."""
    if secret:
        digest = hashlib.sha256(f"{secret} {noun} {number}".encode()).digest()
        number = int.from_bytes(digest[:8], "big") % 10**12
    return f"{noun}-{number}"


class Draws(Random):
    """What the requests of one load are drawn from: a generator of random numbers, which also gives the names.

    Where a repair is graded, `secret` is the judge's own: an order that is still to come then cannot be guessed, nor
    prepared for, and the load's names have the same form as a probe's (see `Env.named`).
    """

    secret = ""
    settings: Mapping[str, Any] = MappingProxyType({})
    """Those of the scenario, for a load that differs from one to the other in more than its rate."""

    def named(self, noun: str, number: int) -> str:
        """The name of the i-th of something, such as "order-17"."""
        return named(noun, number, self.secret)


def draws(seed: int, secret: str = "", settings: Mapping[str, Any] = MappingProxyType({})) -> Draws:
    """The draws of the load of one run."""
    drawn = Draws(f"requests {seed}" + f" {secret}" * bool(secret))
    drawn.secret, drawn.settings = secret, settings
    return drawn


@dataclass(frozen=True)
class Phase:
    """A part of the load with a constant rate, in requests per second: a Poisson process or evenly spaced."""

    rate: float
    seconds: float
    pattern: str = "poisson"

    def __post_init__(self) -> None:
        if self.pattern not in ("poisson", "constant"):
            raise ValueError(f"unknown arrival pattern {self.pattern!r}; the valid ones are: poisson, constant")
        if self.rate < 0 or self.seconds < 0:
            raise ValueError(f"a phase needs a rate and a length of at least 0, not {self.rate:g}/s for {self.seconds:g} s")


def arrivals(phases: Sequence[Phase], seed: int) -> list[int]:
    """Intended send times in integer nanoseconds, ascending; the phases follow one another from 0."""
    rng = Random(f"arrivals {seed}")
    times: list[int] = []
    start = 0
    for phase in phases:
        end = start + round(phase.seconds * NS)
        at = start
        while phase.rate > 0:
            gap = rng.expovariate(phase.rate) if phase.pattern == "poisson" else 1 / phase.rate
            at += round(gap * NS)
            if at >= end:
                break
            times.append(at)
        start = end
    return times
