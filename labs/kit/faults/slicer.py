"""Slicer: a link cuts what it carries into small pieces. A tunnel with a tiny MTU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from labs.kit.faults.base import NS, LinkFault


@dataclass(frozen=True, kw_only=True)
class Slicer(LinkFault):
    """Chunks are cut into pieces of `average_bytes`, give or take `variation`, that leave `delay_s` after one another."""

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
