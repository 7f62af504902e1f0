"""Faults on the bytes of one link. A new fault is a class here and a row in the table of `labs.kit.model.faults`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from labs.kit.model.faults.base import LinkFault
from labs.kit.model.names import NS


@dataclass(frozen=True, kw_only=True)
class Latency(LinkFault):
    """Each chunk is delayed by `latency_s` plus or minus a uniform `jitter_s`, and never arrives early."""

    latency_s: float
    jitter_s: float = 0.0

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """The latency of this chunk."""
        return max(0, round((self.latency_s + rng.uniform(-self.jitter_s, self.jitter_s)) * NS))


@dataclass(frozen=True, kw_only=True)
class Stall(LinkFault):
    """Chunks sent during the stall arrive when it ends; nothing is lost.

    In production: a garbage collection pause, a failover, a frozen machine.
    """

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """The rest of the stall."""
        return self.end_ns - now_ns


@dataclass(frozen=True, kw_only=True)
class BlackHole(LinkFault):
    """Chunks and connection attempts are lost; a connection that lost a chunk carries nothing more.

    In production: a dropped route, a firewall rule.
    """

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """Lost."""
        return None


@dataclass(frozen=True, kw_only=True)
class Timeout(LinkFault):
    """Chunks are lost; `timeout_s` after the first lost chunk, both ends see the connection closed.

    In production: a firewall that drops idle flows.
    """

    timeout_s: float

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """Lost."""
        return None

    @property
    def closes_after_ns(self) -> int | None:
        """The time until the close."""
        return round(self.timeout_s * NS)


@dataclass(frozen=True, kw_only=True)
class Reset(LinkFault):
    """Open connections are reset when the fault begins; new ones are refused while it acts.

    In production: a crashed peer, a load balancer that was restarted.
    """

    @property
    def cuts(self) -> bool:
        """It does."""
        return True


@dataclass(frozen=True, kw_only=True)
class Bandwidth(LinkFault):
    """Each direction of each connection carries at most `bytes_per_s` bytes a second.

    In production: a saturated uplink, a throttled volume.
    """

    bytes_per_s: float

    def __post_init__(self) -> None:
        if not self.bytes_per_s > 0:
            raise ValueError(f"a bandwidth of {self.bytes_per_s!r} bytes a second carries nothing; use BlackHole for that")

    def busy_ns(self, size: int) -> int:
        """The time these bytes take on the wire."""
        return round(size / self.bytes_per_s * NS)


@dataclass(frozen=True, kw_only=True)
class Slicer(LinkFault):
    """Chunks are cut into pieces of `average_bytes` plus or minus `variation`, sent `delay_s` after one another.

    In production: a tunnel with a tiny MTU.
    """

    average_bytes: int
    variation: int = 0
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        if self.average_bytes < 1 or not 0 <= self.variation < self.average_bytes:
            raise ValueError(
                f"pieces of {self.average_bytes!r} bytes give or take {self.variation!r}: expected an average of at least 1"
                " and a variation from 0 to below it"
            )

    def slices(self, size: int, rng: Random) -> Sequence[int]:
        """The sizes into which a chunk of `size` bytes is cut; their sum is `size`."""
        cut = []
        while size > 0:
            piece = min(size, self.average_bytes + rng.randint(-self.variation, self.variation))
            cut.append(piece)
            size -= piece
        return cut

    @property
    def gap_ns(self) -> int:
        """The pause between two pieces, in ns."""
        return round(self.delay_s * NS)


@dataclass(frozen=True, kw_only=True)
class Limit(LinkFault):
    """After `bytes_each_way` bytes in one direction, both ends see the connection closed; the rest is lost.

    In production: a download that always breaks off.
    """

    bytes_each_way: int

    def __post_init__(self) -> None:
        if self.bytes_each_way < 0:
            raise ValueError(f"a limit of {self.bytes_each_way!r} bytes; expected 0 or more")

    @property
    def most_bytes(self) -> int | None:
        """The limit."""
        return self.bytes_each_way


@dataclass(frozen=True, kw_only=True)
class SlowClose(LinkFault):
    """The end of a stream arrives `delay_s` after its data.

    In production: a proxy that lingers.
    """

    delay_s: float

    @property
    def close_delay_ns(self) -> int:
        """The delay."""
        return round(self.delay_s * NS)
