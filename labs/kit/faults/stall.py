"""Stall: a link holds everything, then delivers it. A garbage collection pause, a failover, a frozen machine."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from labs.kit.faults.base import LinkFault


@dataclass(frozen=True, kw_only=True)
class Stall(LinkFault):
    """Chunks sent during the stall arrive when it ends; nothing is lost."""

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """The time that is left of the stall."""
        return self.end_ns - now_ns
