"""Open-loop load: the time at which each request is to be sent, independent of the system's answers.

A closed loop (send, wait, send) slows down with the system that it measures, and so hides stalls: coordinated omission.
Here arrivals are drawn before the run, and latency is counted from the intended time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

NS = 1_000_000_000


@dataclass(frozen=True)
class HttpRequest:
    """One request of the load. `request_id` is sent as the header X-Request-Id."""

    method: str
    path: str
    request_id: str
    body: bytes = b""
    patience_s: float = 30.0


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
