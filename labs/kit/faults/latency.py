"""Latency: every chunk on a link takes longer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from labs.kit.faults.base import NS, LinkFault


@dataclass(frozen=True, kw_only=True)
class Latency(LinkFault):
    """Each chunk is late by `latency_s` plus or minus a uniform `jitter_s`; never early."""

    latency_s: float
    jitter_s: float = 0.0

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """The latency of this chunk."""
        return max(0, round((self.latency_s + rng.uniform(-self.jitter_s, self.jitter_s)) * NS))
