"""The coordinator: a discrete-event loop in the judge's process that owns virtual time and the network.

It is a conservative simulation: a message needs at least the link delay from one host to another, so a host may run up
to that far past the earliest event of all others. It uses no asyncio, so it also runs inside a notebook's kernel.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Any

from labs.kit.model.faults import LinkFault
from labs.kit.model.names import NS
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator.connections import LINK_DELAY_NS, Connection, Link, Node, Numbers, Tap
from labs.kit.worlds.simulated.coordinator.failures import HostFailed, explain, plain, tampered
from labs.kit.worlds.simulated.coordinator.host_pipe import HostLink
from labs.kit.worlds.simulated.coordinator.receipts import Receipts
from labs.kit.worlds.simulated.wire import ACCEPTED, CONNECT, CREDIT, DATA, FIN, LISTEN, NEVER, RESET, SYN, WINDOW

MOST_LISTENING = 100
STOP_STEP_NS = 50_000_000
"""How often it is looked whether a host that was told to stop has done so."""
GATEWAY = "10.0.0.1"
"""The address from which each service is called: its own would tell customers from who looks at their answers."""


class Coordinator:
    """Virtual time, hosts, nodes and the connections between them."""

    def __init__(self, on_signal: Callable[[str, int, bytes], None], seed: int) -> None:
        self.now = 0
        self.on_signal = on_signal
        self._seed = seed
        self.hosts: list[HostLink] = []
        self.listening: set[tuple[str, int]] = set()
        self.receipts: dict[str, Receipts] = {}
        self.grants = 0
        self._asked: HostLink | None = None
        self._told = b""
        self._addresses: dict[str, Any] = {}
        self._numbers: dict[str, Numbers] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._sequence = 0
        self._connections = 0
        self._signals: dict[str, tuple[int, int]] = {}  # host -> (count, bytes)

    # -- building

    def add_host(self, host: HostLink, address: str, cores: int = 2) -> None:
        """Put a host process on the network."""
        self.hosts.append(host)
        self.receipts.setdefault(host.name, Receipts(cores))
        self._place(host, address)

    def add_node(self, node: Node) -> None:
        """Put a trusted party on the network."""
        self._place(node, node.address)

    def _place(self, party: Any, address: str) -> None:
        self._addresses[address] = party
        self._numbers[party.name] = Numbers()

    def address_of(self, party: Any) -> str:
        """The address of a host or node."""
        return next(a for a, there in self._addresses.items() if there is party)

    def take_down(self, host: HostLink, instead: Node) -> None:
        """The process of a host has ended: reset its connections, and put a node in its place."""
        for link in self._links.values():
            for conn in list(link.open.values()):
                for side in (0, 1):
                    if conn.ends[side][0] is host:
                        self.send(conn, side, self.now, RESET)
                        self._forget(conn)
        self.hosts.remove(host)
        self.receipts[host.name].killed()
        self.listening = {place for place in self.listening if place[0] != host.name}
        self._place(instead, instead.address)

    def add_link(self, caller: str, called: str, faults: Iterable[LinkFault] = (), tap: Tap | None = None) -> None:
        """Let one party call another. Without a link there is no route between them."""
        link = Link(f"{caller}->{called}", faults, tap, self._seed)
        self._links[caller, called] = link
        for fault in link.faults:
            if fault.cuts:
                self.at(fault.start_ns + wire.LEAD_S * NS, self._cut, link)

    def at(self, when: int, call: Callable[..., None], *args: Any) -> None:
        """Schedule a call in the judge."""
        self._sequence += 1
        heapq.heappush(self._events, (when, self._sequence, call, args))

    # -- time

    def run(self, until: int) -> None:
        """Run everything before `until`. Raises HostFailed."""
        events, hosts = self._events, self.hosts
        while True:
            host, first, second = None, NEVER, NEVER
            for candidate in hosts:
                if candidate.next < first:
                    host, first, second = candidate, candidate.next, first
                elif candidate.next < second:
                    second = candidate.next
            own = events[0][0] if events else NEVER
            if own < NEVER and own < first + LINK_DELAY_NS:  # no host's message can reach a node before that
                if own >= until:
                    break
                self.now = own
                _, _, call, args = heapq.heappop(events)
                call(*args)
                continue
            if host is None or first >= until:
                break
            horizon = max(first + 1, min(until, own + LINK_DELAY_NS, second + LINK_DELAY_NS))
            credits = host.only_credit(horizon)
            if credits and self._wake_nobody(host, credits):
                host.postpone(horizon)
                continue
            self.grants += 1
            host.grant(horizon)
        self.now = until

    def _wake_nobody(self, host: HostLink, credits: list[tuple[int, int]]) -> bool:
        """Are all these acknowledgements, (connection, bytes), for connections that had room to send anyway?

        A grant for them would change nothing; without this test they caused one grant in eight.
        """
        unheard = sum(size for _, size in credits)  # acknowledged, but the host does not know it yet
        for cid, _ in credits:
            known = self._numbers[host.name].open.get(cid)
            if known is None or known[0].in_flight[known[1]] + unheard >= WINDOW:
                return False
        return True

    def ask(self, host: HostLink, when: bytes) -> bytes:
        """Ask a host now. What it says at the END is left over in it: JSON, not to be trusted. Raises HostFailed."""
        self._asked, self._told = host if when == wire.END else None, b""
        host.deliver(self.now, wire.ASK, 0, when)
        host.grant(self.now + 1)
        self._asked = None
        return self._told

    def stop(self, host: HostLink, within_ns: int) -> bytes:
        """Tell a host to stop, and let it have so much time. What it says of it, as at the END; b"" if it is not done."""
        self._asked, self._told = host, b""
        host.deliver(self.now, wire.ASK, 0, wire.STOP)
        end = self.now + within_ns
        while not self._told and self.now < end:
            self.run(min(end, self.now + STOP_STEP_NS))
        self._asked = None
        return self._told

    def open_connections(self, caller: str, called: str) -> int:
        """The connections of a link that are open now."""
        return len(self._links[caller, called].open)

    @staticmethod
    def run_time(at: int) -> int:
        """The time of the run for a time of the coordinator; the lead-in is before 0."""
        return at - wire.LEAD_S * NS

    # -- the network

    def send(self, conn: Connection, side: int, at: int, kind: bytes, payload: bytes = b"") -> int:
        """`side` sends at `at`; the message reaches the other end after the link's delay, in order.

        Returns when its first byte arrives; NEVER if it is lost.
        """
        if conn.flow.lost:
            return NEVER
        now, tap = self.run_time(at), conn.link.tap
        if kind == DATA and conn.link.faults:
            passage = conn.flow.data(side, now, payload)
            if passage.closed_at is not None:
                self.at(passage.closed_at + wire.LEAD_S * NS, self._closed_by_link, conn)
            pieces = passage.pieces
        else:
            arrival = conn.flow.close(side, now) if kind == FIN else conn.flow.control(side, now)
            pieces = () if arrival is None else ((arrival, payload),)
        if not pieces:
            return NEVER
        for arrival, piece in pieces:
            self._deliver(conn, side, at, arrival, kind, piece)
        arrives = pieces[0][0] + wire.LEAD_S * NS
        if tap is not None:
            if kind == DATA:
                tap.bytes_seen(conn, side, at, payload, arrives)
            elif kind in (FIN, RESET):
                tap.closed(conn, side, at, kind, arrives)
        return arrives

    def _deliver(self, conn: Connection, side: int, sent: int, arrival: int, kind: bytes, payload: bytes) -> None:
        """A message of `side` reaches the other end at `arrival`, a time of the run."""
        arrival += wire.LEAD_S * NS
        party, cid = conn.ends[1 - side]
        if isinstance(party, HostLink):
            party.deliver(arrival, kind, cid, payload)
        else:
            self.at(arrival, party.on_message, conn, 1 - side, kind, payload, sent)

    def _closed_by_link(self, conn: Connection) -> None:
        """A fault closes the connection: both ends see it closed."""
        if conn.link.open.get(conn.number) is conn:
            for side in (0, 1):
                self._deliver(conn, side, self.now, self.run_time(self.now) + LINK_DELAY_NS, FIN, b"")
            if conn.link.tap is not None:
                conn.link.tap.closed(conn, 1, self.now, RESET, self.now)
            self._forget(conn)

    def dial(self, caller: Any, caller_cid: int, address: str, port: int, at: int) -> Connection | None:
        """Open a connection; None if there is no route (packets are lost, as for an address that no host has)."""
        called = self._addresses.get(address)
        link = self._links.get((caller.name, getattr(called, "name", "")))
        if called is None or link is None:
            return None
        cid = self._numbers[called.name].new()
        self._connections += 1
        conn = Connection(self._connections, caller, caller_cid, called, cid, link)
        if link.refuses(self.run_time(at)):
            self._numbers[caller.name].open[caller_cid] = (conn, 0)
            self.send(conn, 1, at, RESET)
            self._forget(conn)
            return conn
        self._numbers[caller.name].open[caller_cid] = (conn, 0)
        self._numbers[called.name].open[cid] = (conn, 1)
        link.open[conn.number] = conn
        if link.tap is not None:
            link.tap.opened(conn, at)
        self.send(conn, 0, at, SYN, port.to_bytes(2, "little") + GATEWAY.encode())
        return conn

    def open_from_node(self, node: Node, address: str, port: int) -> Connection | None:
        """A trusted node opens a connection now."""
        return self.dial(node, self._numbers[node.name].next_own(), address, port, self.now)

    def read_by_node(self, conn: Connection, side: int, size: int) -> None:
        """A trusted node has read `size` bytes on its side: open the sender's window again."""
        conn.in_flight[1 - side] -= size
        self.send(conn, side, self.now, CREDIT, size.to_bytes(4, "little"))

    def close_by_node(self, conn: Connection, side: int, kind: bytes) -> None:
        """A trusted node closes a connection (FIN) or resets it (RESET)."""
        self.send(conn, side, self.now, kind)
        self._after_close(conn, side, kind)

    def _cut(self, link: Link) -> None:
        for conn in list(link.open.values()):
            self.send(conn, 0, self.now, RESET)
            self.send(conn, 1, self.now, RESET)
            self._forget(conn)

    def _after_close(self, conn: Connection, side: int, kind: bytes) -> None:
        conn.finished[side] = True
        if kind == RESET or conn.finished[1 - side]:
            self._forget(conn)

    def _forget(self, conn: Connection) -> None:
        conn.link.open.pop(conn.number, None)
        for party, cid in conn.ends:
            numbers = self._numbers[party.name].open
            if numbers.get(cid, (None, 0))[0] is conn:  # a restarted host may have used the number again
                del numbers[cid]

    # -- messages of the hosts

    def from_host(self, host: HostLink, at: int, kind: bytes, cid: int, payload: bytes) -> None:
        """Handle one message of a host. Its form has been checked; its meaning is checked here."""
        if kind in (DATA, FIN, RESET, ACCEPTED, CREDIT):
            self._on_connection(host, at, kind, cid, payload)
        elif kind == CONNECT:
            self._on_connect(host, at, cid, payload)
        elif kind == LISTEN:
            if len(self.listening) >= MOST_LISTENING:
                raise tampered(host.name, f"the services listen on more than {MOST_LISTENING} ports")
            self.listening.add((host.name, cid))
        elif kind == wire.SIGNAL:
            count, size = self._signals.get(host.name, (0, 0))
            self._signals[host.name] = count, size = count + 1, size + len(payload)
            if count > host.limits.signals or size > host.limits.signal_bytes:
                raise tampered(host.name, f"{count} signals of {size >> 20} MiB, more than a host sends")
            self.on_signal(host.name, at, payload)
        elif kind == wire.COMPUTES:
            if wrong := self.receipts[host.name].begin(at, cid, int.from_bytes(payload, "little")):
                raise tampered(host.name, wrong)
        elif kind == wire.LEFT and host is self._asked:
            self._told = payload
        elif kind in (wire.FAILED, wire.UNSUPPORTED, wire.DEADLOCK, wire.STUCK):
            raise HostFailed(*explain(host.name, kind, payload, self.run_time(at)))
        elif kind == wire.NO_CAGE and host.begins:
            raise HostFailed(Status.INFRA_ERROR, plain(payload.decode("utf-8", "replace")))
        else:
            raise tampered(host.name, f"a message of unknown kind {kind!r}")

    def _on_connection(self, host: HostLink, at: int, kind: bytes, cid: int, payload: bytes) -> None:
        numbers = self._numbers[host.name]
        known = numbers.open.get(cid)
        if known is None:
            if not numbers.ever(cid):
                raise tampered(host.name, f"bytes on a connection {cid} that never was")
            return  # closed by the other side while this was on its way
        conn, side = known
        if kind in (DATA, FIN) and conn.finished[side]:
            raise tampered(host.name, "it sent on a connection after it had said that it sends no more")
        if kind == DATA:
            conn.in_flight[side] += len(payload)
            if side == 1 and self.receipts[host.name].silent(at):
                raise tampered(host.name, "it answers while it says that it computes")
            if conn.in_flight[side] > WINDOW:
                raise tampered(host.name, f"{conn.in_flight[side] - WINDOW} bytes more than the peer's window takes")
        elif kind == CREDIT:
            size = int.from_bytes(payload, "little")
            conn.in_flight[1 - side] -= size
            if len(payload) != 4 or conn.in_flight[1 - side] < 0:
                raise tampered(host.name, "it acknowledged bytes that it was never sent")
        self.send(conn, side, at, kind, payload)
        if kind in (FIN, RESET):
            self._after_close(conn, side, kind)

    def _on_connect(self, host: HostLink, at: int, cid: int, payload: bytes) -> None:
        numbers = self._numbers[host.name]
        if not numbers.claim(cid):
            raise tampered(host.name, f"connection number {cid} used out of order")
        if len(numbers.open) >= host.limits.connections:
            raise tampered(host.name, f"more than {host.limits.connections} connections at once")
        try:
            address, _, port_text = payload.decode("ascii").rpartition(":")
            port = int(port_text)
        except ValueError:
            raise tampered(host.name, f"an address {payload[:40]!r}") from None
        if not 0 < port < 1 << 16:
            raise tampered(host.name, f"a port {port}")
        self.dial(host, cid, address, port, at)
