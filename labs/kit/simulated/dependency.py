"""A service that the judge plays itself: answers every request 200 after a fixed virtual time, one line of JSON.

Much faster than a host of its own, for benchmarks and for tests of the world; a lab's services stay real programs.
"""

from __future__ import annotations

from labs.kit.http1 import MessageReader
from labs.kit.simulated.coordinator import Connection, Coordinator
from labs.kit.simulated.wire import ACCEPTED, DATA, FIN, RESET, SYN

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'


class Dependency:
    """A trusted node that answers. `served` counts its answers."""

    def __init__(self, coordinator: Coordinator, name: str, address: str, delay_ns: int = 0) -> None:
        self.name, self.address = name, address
        self.served = 0
        self._coordinator = coordinator
        self._delay_ns = delay_ns
        self._readers: dict[Connection, MessageReader] = {}

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes) -> None:
        """A message from a caller."""
        coordinator = self._coordinator
        if kind == SYN:
            self._readers[conn] = MessageReader(responses=False)
            coordinator.send(conn, side, coordinator.now, ACCEPTED)
        elif kind == DATA and conn in self._readers:
            coordinator.read_by_node(conn, side, len(payload))
            for what, _ in self._readers[conn].feed(payload):
                if what == "end":
                    coordinator.at(coordinator.now + self._delay_ns, self._answer, conn, side)
        elif kind in (FIN, RESET):
            self._readers.pop(conn, None)
            if kind == FIN:
                coordinator.close_by_node(conn, side, FIN)

    def _answer(self, conn: Connection, side: int) -> None:
        if conn in self._readers:
            self.served += 1
            conn.in_flight[side] += len(ANSWER)
            self._coordinator.send(conn, side, self._coordinator.now, DATA, ANSWER)
