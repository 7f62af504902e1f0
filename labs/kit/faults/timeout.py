"""Timeout: a link swallows everything, and closes the connection some time later. A firewall that drops idle flows."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from labs.kit.faults.base import NS, LinkFault


@dataclass(frozen=True, kw_only=True)
class Timeout(LinkFault):
    """Chunks vanish; `timeout_s` after the first that did, both ends see the connection closed."""

    timeout_s: float

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """Lost."""
        return None

    @property
    def closes_after_ns(self) -> int | None:
        """The time until the close."""
        return round(self.timeout_s * NS)
