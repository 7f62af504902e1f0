"""Connections between the parties of a simulated network, and the links that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any, Protocol

from labs.kit.model.faults import LinkFault
from labs.kit.worlds.network.link_flow import Flow

LINK_DELAY_NS = 500_000
LINK_JITTER_NS = 100_000


class Node(Protocol):
    """A trusted party on the network, such as the load, in the judge's own process."""

    name: str
    address: str

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes, sent: int) -> None:
        """A message, sent at `sent`, reaches this node now."""


class Tap(Protocol):
    """Watches the bytes of a link, as a sidecar proxy would."""

    def opened(self, conn: Connection, at: int) -> None:
        """A connection is being opened."""

    def bytes_seen(self, conn: Connection, side: int, at: int, data: bytes, arrives: int) -> None:
        """`side` sends bytes, of which the first arrives at `arrives`."""

    def closed(self, conn: Connection, side: int, at: int, how: bytes, arrives: int) -> None:
        """`side` closes the connection (FIN) or resets it (RESET), which the other hears at `arrives`."""


class Connection:
    """One TCP connection. Side 0 opened it. Each end is (host or node, its number for the connection)."""

    __slots__ = ("ends", "finished", "flow", "in_flight", "link", "number")

    def __init__(self, number: int, caller: Any, caller_cid: int, called: Any, called_cid: int, link: Link) -> None:
        self.number = number
        self.ends = ((caller, caller_cid), (called, called_cid))
        self.link = link
        self.flow = link.flow()
        self.in_flight = [0, 0]  # bytes sent by a side and not yet read by the other
        self.finished = [False, False]


class Link:
    """All connections from one service to another: their faults, their delay, their tap."""

    def __init__(self, name: str, faults: Iterable[LinkFault], tap: Tap | None, seed: int) -> None:
        self.name = name
        self.faults = tuple(faults)
        self.tap = tap
        self.open: dict[int, Connection] = {}
        # one stream per direction, so that the bytes of one side never change the delays of the other
        self._rngs = Random(f"link {name} {seed}"), Random(f"link {name} back {seed}")

    def flow(self) -> Flow:
        """The flow of a new connection."""
        return Flow(self.faults, self._rngs, self._delay)

    def _delay(self, side: int) -> int:
        return LINK_DELAY_NS + self._rngs[side].randrange(LINK_JITTER_NS)

    def refuses(self, run_time: int) -> bool:
        """Are new connections refused at this moment?"""
        return any(fault.cuts and fault.active(run_time) for fault in self.faults)


class Numbers:
    """Connection numbers of one party. It assigns the odd ones, in ascending order; the judge assigns the even ones."""

    def __init__(self) -> None:
        self.open: dict[int, tuple[Connection, int]] = {}
        self._given = 0
        self._claimed = -1

    def new(self) -> int:
        """The next number that the judge assigns."""
        self._given += 2
        return self._given

    def next_own(self) -> int:
        """The next number of a party in the judge's own process."""
        self._claimed += 2
        return self._claimed

    def claim(self, cid: int) -> bool:
        """Take a number that the party has assigned; False if it is out of order."""
        if cid % 2 == 0 or cid <= self._claimed:
            return False
        self._claimed = cid
        return True

    def ever(self, cid: int) -> bool:
        """Has there been a connection of this number?"""
        return cid <= (self._given if cid % 2 == 0 else self._claimed)
