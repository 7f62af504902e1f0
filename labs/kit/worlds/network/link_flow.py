"""The arrival times of one connection's bytes under the faults of its link, for the simulated network and the live proxy.

All times are integer ns of the run. Side 0 of a connection is the caller, side 1 the called service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from labs.kit.model.faults import LinkFault, Slicer

LONG_AGO = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Passage:
    """The fate of one chunk: its pieces as (arrival, bytes), and the time of the close by the link, if any."""

    pieces: tuple[tuple[int, bytes], ...] = ()
    closed_at: int | None = None


class Flow:
    """One connection. `base_delay(side)` is the link's own delay in ns; `rngs` are its random streams, one per side."""

    __slots__ = ("_arrived", "_base_delay", "_faults", "_passed", "_rngs", "lost")

    def __init__(
        self, faults: Sequence[LinkFault], rngs: tuple[Random, Random], base_delay: Callable[[int], int] = lambda side: 0
    ) -> None:
        self._faults = faults
        self._rngs = rngs
        self._base_delay = base_delay
        self._arrived = [LONG_AGO, LONG_AGO]  # not 0: services exchange bytes before the run begins, too
        self._passed = [0, 0]
        self.lost = False  # a chunk was lost: all later chunks are lost, too

    def release(self, now: int) -> None:
        """Bytes that were to arrive later than `now` no longer hold back later bytes."""
        self._arrived = [min(arrival, now) for arrival in self._arrived]

    def control(self, side: int, now: int) -> int | None:
        """Arrival time of a message without bytes; None if it is lost."""
        if self.lost:
            return None
        return self._arrival(side, now, 0)

    def close(self, side: int, now: int) -> int | None:
        """Arrival time of the end of a stream, after all its bytes; None if it is lost."""
        arrival = self.control(side, now)
        if arrival is None:
            return None
        return arrival + max((f.close_delay_ns for f in self._faults if f.active(now)), default=0)

    def data(self, side: int, now: int, data: bytes) -> Passage:
        """The fate of a chunk that `side` sends at `now`."""
        if self.lost:
            return Passage()
        active = [f for f in self._faults if f.active(now)]
        left = min((f.most_bytes - self._passed[side] for f in active if f.most_bytes is not None), default=len(data))
        through = data[: max(0, left)]
        self._passed[side] += len(through)
        pieces: list[tuple[int, bytes]] = []
        at, start = now, 0
        slicer = next((f for f in active if isinstance(f, Slicer)), None)
        for size in slicer.slices(len(through), self._rngs[side]) if slicer else (len(through),):
            arrival = self._arrival(side, at, size)
            if arrival is None:
                return Passage(tuple(pieces), self._closed_after_loss(active, now))
            if size:
                pieces.append((arrival, through[start : start + size]))
            start += size
            at += slicer.gap_ns if slicer else 0
        if len(through) < len(data):
            self.lost = True
            return Passage(tuple(pieces), self._arrived[side])
        return Passage(tuple(pieces))

    def _arrival(self, side: int, now: int, size: int) -> int | None:
        rng = self._rngs[side]
        delay, busy = self._base_delay(side), 0
        for fault in self._faults:
            if fault.active(now):
                extra = fault.delay_ns(now, rng)
                if extra is None:
                    self.lost = True
                    return None
                delay += extra
                busy += fault.busy_ns(size)
        arrival = max(now + delay, self._arrived[side]) + busy
        self._arrived[side] = arrival
        return arrival

    @staticmethod
    def _closed_after_loss(active: Sequence[LinkFault], now: int) -> int | None:
        waits = [f.closes_after_ns for f in active if f.closes_after_ns is not None]
        return now + min(waits) if waits else None
