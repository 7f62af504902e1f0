"""Bandwidth: a link carries only so many bytes a second. A saturated uplink, a throttled volume."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.faults.base import NS, LinkFault


@dataclass(frozen=True, kw_only=True)
class Bandwidth(LinkFault):
    """Each direction of each connection carries at most `bytes_per_s` bytes a second."""

    bytes_per_s: float

    def __post_init__(self) -> None:
        if not self.bytes_per_s > 0:
            raise ValueError(f"a bandwidth of {self.bytes_per_s!r} bytes a second carries nothing; use BlackHole for that")

    def busy_ns(self, size: int) -> int:
        """The time these bytes take on the wire."""
        return round(size / self.bytes_per_s * NS)
