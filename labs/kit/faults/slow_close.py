"""Slow close: a link tells of the end of a connection late. A proxy that lingers."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.faults.base import NS, LinkFault


@dataclass(frozen=True, kw_only=True)
class SlowClose(LinkFault):
    """The end of a stream arrives `delay_s` after its data."""

    delay_s: float

    @property
    def close_delay_ns(self) -> int:
        """The delay."""
        return round(self.delay_s * NS)
