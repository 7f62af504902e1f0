"""Black hole: a link swallows everything and says nothing. A dropped route, a firewall rule."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from labs.kit.faults.base import LinkFault


@dataclass(frozen=True, kw_only=True)
class BlackHole(LinkFault):
    """Chunks and connection attempts vanish; a connection that lost one stays silent for good."""

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """Lost."""
        return None
