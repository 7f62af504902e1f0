"""A service inside the judge: it answers every request with status 200 and one line of JSON after a fixed virtual time.

It is much faster than a host process, for benchmarks and for tests of the world; a lab's services stay real programs.
"""

from __future__ import annotations

from labs.kit.worlds.network.http1 import MalformedHttp, MessageReader
from labs.kit.worlds.simulated.coordinator.connections import Connection
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.wire import ACCEPTED, DATA, FIN, RESET, SYN, WINDOW

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'


class Dependency:
    """A trusted node that answers. `served` counts its answers."""

    def __init__(self, coordinator: Coordinator, name: str, address: str, delay_ns: int = 0) -> None:
        self.name, self.address = name, address
        self.served = 0
        self._coordinator = coordinator
        self._delay_ns = delay_ns
        self._readers: dict[Connection, MessageReader] = {}
        self._unread: dict[Connection, int] = {}  # bytes read and not yet acknowledged to the caller

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes, sent: int) -> None:
        """A message from a caller."""
        coordinator = self._coordinator
        if kind == SYN:
            self._readers[conn], self._unread[conn] = MessageReader(responses=False), 0
            coordinator.send(conn, side, coordinator.now, ACCEPTED)
        elif kind == DATA and conn in self._readers:
            self._on_bytes(conn, side, payload)
        elif kind in (FIN, RESET):
            self._forget(conn)
            if kind == FIN:
                coordinator.close_by_node(conn, side, FIN)

    def _on_bytes(self, conn: Connection, side: int, data: bytes) -> None:
        self._unread[conn] += len(data)
        if self._unread[conn] >= WINDOW // 2:  # as a host does: an acknowledgement of each chunk would double the traffic
            self._coordinator.read_by_node(conn, side, self._unread[conn])
            self._unread[conn] = 0
        try:
            for what, _ in self._readers[conn].feed(data):
                if what == "end":
                    self._coordinator.at(self._coordinator.now + self._delay_ns, self._answer, conn, side)
        except MalformedHttp:
            self._forget(conn)
            self._coordinator.close_by_node(conn, side, RESET)

    def _forget(self, conn: Connection) -> None:
        self._readers.pop(conn, None)
        self._unread.pop(conn, None)

    def _answer(self, conn: Connection, side: int) -> None:
        if conn in self._readers:
            self.served += 1
            conn.in_flight[side] += len(ANSWER)
            self._coordinator.send(conn, side, self._coordinator.now, DATA, ANSWER)
