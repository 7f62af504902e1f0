"""A tap on a link: every HTTP exchange that passes becomes a row of `requests`, as a sidecar proxy would log it.

The tap is outside the services, so it counts the bytes that were sent, whatever the services report. A request counts
from its first bytes, also if nobody waits for its answer any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from labs.kit.model.record import Request
from labs.kit.worlds.network.http1 import Head, MalformedHttp, MessageReader


@dataclass(slots=True)
class _Exchange:
    request_id: str
    endpoint: str
    sent: float
    done: float | None = None
    status: int = 0
    error_type: str = "unfinished"


@dataclass(slots=True)
class _Watched:
    """The state of one connection."""

    requests: MessageReader = field(default_factory=lambda: MessageReader(responses=False))
    responses: MessageReader = field(default_factory=lambda: MessageReader(responses=True))
    waiting: list[_Exchange] = field(default_factory=list)
    blind: bool = False  # not HTTP: bytes pass, and no further exchange is counted


NO_BODY_IN_ANSWER = ("HEAD", "CONNECT")
MOST_EXCHANGES = 500_000
"""The largest number of exchanges counted on one link in one run: a service must not fill the judge's memory."""


class HttpTap:
    """Watches the connections of one link. Times are seconds of the run."""

    def __init__(self, link: str) -> None:
        self.link = link
        self._exchanges: list[_Exchange] = []
        self._watched: dict[int, _Watched] = {}
        self.malformed = ""  # why the tap lost count on a connection, the first time

    @property
    def count(self) -> int:
        """Exchanges seen so far."""
        return len(self._exchanges)

    def idle(self, number: int) -> bool:
        """Is no request of this connection waiting for an answer? False if that is unknown."""
        watched = self._watched.get(number)
        return watched is not None and not watched.blind and not watched.waiting

    def opened(self, number: int) -> None:
        """A connection is being opened."""
        self._watched[number] = _Watched()

    def bytes_seen(self, number: int, from_caller: bool, at: float, data: bytes) -> None:
        """Bytes pass in one direction."""
        watched = self._watched.get(number)
        if watched is None or watched.blind:
            return
        try:
            if from_caller:
                self._on_request(watched, at, data)
            else:
                self._on_response(watched, at, data)
        except MalformedHttp as error:
            watched.blind = True
            self.malformed = self.malformed or str(error)

    def _on_request(self, watched: _Watched, at: float, data: bytes) -> None:
        for kind, head in watched.requests.feed(data):
            if kind == "head" and head is not None:
                if len(self._exchanges) >= MOST_EXCHANGES:
                    raise MalformedHttp("more exchanges than are counted")
                method, path = head.target
                if method in NO_BODY_IN_ANSWER:
                    raise MalformedHttp(f"a {method} request, whose answer has a length and no body")
                exchange = _Exchange(head.header("X-Request-Id"), f"{method} {path}", at)
                self._exchanges.append(exchange)
                watched.waiting.append(exchange)

    def _on_response(self, watched: _Watched, at: float, data: bytes) -> None:
        for kind, head in watched.responses.feed(data):
            if not watched.waiting:
                raise MalformedHttp("an answer that nobody asked for")
            if kind == "head" and head is not None:
                self._answered(watched.waiting[0], head)
            elif watched.waiting[0].status >= 200:
                watched.waiting.pop(0).done = at

    @staticmethod
    def _answered(exchange: _Exchange, head: Head) -> None:
        exchange.status = head.status
        exchange.error_type = ""

    def closed(self, number: int, by_caller: bool, at: float, reset: bool) -> None:
        """One side has closed or reset the connection."""
        watched = self._watched.pop(number, None)
        if watched is None:
            return
        for exchange in watched.waiting:
            exchange.done = at
            if exchange.status == 0:
                exchange.error_type = "timeout" if by_caller else "reset"

    def unanswered(self, before: float) -> list[str]:
        """The endpoints of the calls that began before a time and are still under way."""
        return [e.endpoint for e in self._exchanges if e.done is None and e.sent < before]

    def rows(self) -> list[Request]:
        """One row per exchange, in the order of sending."""
        tries: Counter[str] = Counter()
        rows = []
        for e in sorted(self._exchanges, key=lambda e: e.sent):
            tries[e.request_id] += 1
            rows.append(
                Request(
                    self.link, e.request_id, e.endpoint, tries[e.request_id], e.sent, e.sent, e.done, e.status, e.error_type
                )
            )
        return rows
