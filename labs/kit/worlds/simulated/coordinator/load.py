"""The load of the simulated world: open-loop HTTP/1.1, sent by the judge itself.

Each request is sent at its intended time, on an idle keep-alive connection or a new one; it never waits for another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labs.kit.model.load import HttpRequest
from labs.kit.model.names import NS
from labs.kit.model.record import Request
from labs.kit.worlds.network.http1 import MalformedHttp, MessageReader
from labs.kit.worlds.operator.edge import REFUSAL, Edge
from labs.kit.worlds.simulated.coordinator.connections import Connection
from labs.kit.worlds.simulated.coordinator.failures import tampered
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.wire import ACCEPTED, DATA, FIN, NEVER, RESET, WINDOW

ADDRESS = "10.0.1.1"
NAME = "load"


@dataclass(slots=True)
class _Call:
    request: HttpRequest
    index: int
    due: int
    done: int = -1
    status: int = 0
    error_type: str = "unfinished"
    wrong: str = ""


@dataclass(slots=True)
class _Line:
    """One connection and its present call."""

    call: _Call
    reader: MessageReader
    up: bool = False
    asked: int = NEVER  # when the request of the present call reaches the service
    status: int = 0
    closes: bool = False
    unread: int = 0  # bytes read and not yet acknowledged to the service


class Load:
    """A trusted node that sends requests to one service and records the answers.

    `looks` is given each request and the body of its answer 2xx, and says what is wrong with that, "" if nothing is.
    `edge` refuses what an operator sheds, and `client` says who sends a request.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        address: str,
        port: int,
        host: str,
        looks: Callable[[HttpRequest, bytes], str] | None = None,
        edge: Edge | None = None,
        client: Callable[[HttpRequest], str] | None = None,
    ) -> None:
        self.name, self.address = NAME, ADDRESS
        self._coordinator = coordinator
        self._target = (address, port)
        self._host_header = f"{host}:{port}"
        self._looks = looks
        self._idle: list[Connection] = []
        self._lines: dict[Connection, _Line] = {}
        self._calls: list[_Call] = []
        self.waiting = 0
        self.edge, self._client = edge or Edge(0), client
        self.sent: list[int] = []  # the time of each request, for an operator
        self.ended: list[tuple[int, int, bool]] = []  # of each that has ended: when it was due, when it ended, was it ok?

    def schedule(self, times: list[int], make: Callable[[int], HttpRequest]) -> None:
        """Send request `make(i)` at `times[i]`, in the coordinator's ns."""
        for index, when in enumerate(times):
            self._coordinator.at(when, self._send, index, make)

    def _send(self, index: int, make: Callable[[int], HttpRequest]) -> None:
        now = self._coordinator.now
        request = make(index)
        call = _Call(request, index, now)
        self._calls.append(call)
        self.waiting += 1
        self.sent.append(now)
        if self.edge.share and self.edge.refuses(index, self._client(request) if self._client else ""):
            self._end(call, REFUSAL, "")
            return
        self._coordinator.at(now + round(request.patience_s * NS), self._give_up, call)
        if self._idle:
            conn: Connection | None = self._idle.pop()
        else:
            conn = self._coordinator.open_from_node(self, *self._target)
        if conn is None:
            self._end(call, 0, "refused")
            return
        line = self._lines.get(conn)
        if line is None:
            self._lines[conn] = _Line(call, MessageReader(responses=True, keep=self._looks is not None))
            return
        line.call, line.status = call, 0
        self._write(conn, line)

    def _write(self, conn: Connection, line: _Line) -> None:
        r = line.call.request
        head = f"{r.method} {r.path} HTTP/1.1\r\nHost: {self._host_header}\r\nX-Request-Id: {r.request_id}\r\n"
        if r.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(r.body)}\r\n"
        data = head.encode("ascii") + b"\r\n" + r.body
        conn.in_flight[0] += len(data)
        line.asked = self._coordinator.send(conn, 0, self._coordinator.now, DATA, data)

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes, sent: int) -> None:
        """A message from the service."""
        line = self._lines.get(conn)
        if line is None:
            return
        if kind == ACCEPTED:
            line.up = True
            self._write(conn, line)
        elif kind == DATA:
            self._acknowledge(conn, line, len(payload))
            self._on_bytes(conn, line, payload, sent)
        elif kind in (FIN, RESET):
            self._on_close(conn, line, kind)

    def _acknowledge(self, conn: Connection, line: _Line, size: int) -> None:
        """Acknowledge read bytes to the service after each half window, as hosts do: one message instead of many."""
        line.unread += size
        if line.unread >= WINDOW // 2:
            self._coordinator.read_by_node(conn, 0, line.unread)
            line.unread = 0

    def _on_bytes(self, conn: Connection, line: _Line, data: bytes, sent: int) -> None:
        try:
            for kind, head in line.reader.feed(data):
                if line.call.done >= 0 or sent < line.asked:
                    raise tampered(conn.ends[1][0].name, "it answered a request that had not reached it")
                if kind == "head" and head is not None:
                    line.status, line.closes = head.status, head.closes
                elif line.status >= 200:
                    self._answered(conn, line)
        except MalformedHttp:
            self._drop(conn, line, "malformed")

    def _answered(self, conn: Connection, line: _Line) -> None:
        self._end(line.call, line.status, "", line.reader.body)
        if line.closes:
            self._coordinator.close_by_node(conn, 0, FIN)
            del self._lines[conn]
        else:
            self._idle.append(conn)

    def _on_close(self, conn: Connection, line: _Line, kind: bytes) -> None:
        if conn in self._idle:
            self._idle.remove(conn)
        elif line.call.done < 0:
            ended_by_close = kind == FIN and line.status >= 200
            why = "" if ended_by_close else "reset" if line.up else "refused"
            self._end(line.call, line.status if ended_by_close else 0, why, line.reader.body)
        del self._lines[conn]
        if kind == FIN:
            self._coordinator.close_by_node(conn, 0, FIN)

    def _give_up(self, call: _Call) -> None:
        if call.done >= 0:
            return
        for conn, line in self._lines.items():
            if line.call is call:
                self._drop(conn, line, "timeout")
                return

    def _drop(self, conn: Connection, line: _Line, why: str) -> None:
        if line.call.done < 0:
            self._end(line.call, 0, why)
        del self._lines[conn]
        if conn in self._idle:
            self._idle.remove(conn)
        self._coordinator.close_by_node(conn, 0, RESET)

    def _end(self, call: _Call, status: int, error_type: str, body: bytes | bytearray = b"") -> None:
        call.done, call.status, call.error_type = self._coordinator.now, status, error_type
        self.waiting -= 1
        self.ended.append((call.due, call.done, 200 <= status < 300))
        if self._looks is not None and 200 <= status < 300:
            try:
                call.wrong = self._looks(call.request, bytes(body))
            except Exception as error:  # noqa: BLE001 - a body made to make its reader raise is a wrong answer
                call.wrong = f"an answer that cannot be read: {type(error).__name__}"

    def rows(self, link: str) -> list[Request]:
        """One row per request, in the order of their intended times."""
        return [
            Request(
                link,
                call.request.request_id,
                f"{call.request.method} {call.request.path.split('?')[0]}",
                1,
                seconds(call.due),
                seconds(call.due),
                None if call.done < 0 else seconds(call.done),
                call.status,
                call.error_type,
                call.wrong,
            )
            for call in self._calls
        ]


def seconds(at_ns: int) -> float:
    """The time of the run in seconds for a time of the coordinator."""
    return Coordinator.run_time(at_ns) / NS
