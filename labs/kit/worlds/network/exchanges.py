"""A tap on a link: every HTTP exchange that passes becomes a row of `requests`, as a sidecar proxy would log it.

The tap is outside the services, so it counts the bytes that were sent, whatever the services report. A request counts
from its first bytes, also if nobody waits for its answer any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from labs.kit.model.record import Request
from labs.kit.worlds.network.http1 import MalformedHttp, MessageReader

LONG_AGO = float("-inf")


@dataclass(slots=True)
class _Exchange:
    request_id: str
    endpoint: str
    sent: float
    arrives: float
    done: float | None = None
    status: int = 0
    error_type: str = "unfinished"


@dataclass(slots=True)
class _Watched:
    """The state of one connection."""

    requests: MessageReader = field(default_factory=lambda: MessageReader(responses=False))
    responses: MessageReader = field(default_factory=lambda: MessageReader(responses=True))
    waiting: list[_Exchange] = field(default_factory=list)
    status: int = 0  # of the present answer
    ended: list[bool] = field(default_factory=list)  # the sides that send no more, in order: was it the caller?
    told: float = LONG_AGO  # when the called service hears that the caller sends no more
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

    def bytes_seen(self, number: int, from_caller: bool, at: float, data: bytes, arrives: float = LONG_AGO) -> None:
        """Bytes are sent in one direction; the first of them arrives at `arrives`, if that is known."""
        watched = self._watched.get(number)
        if watched is None or watched.blind:
            return
        try:
            if from_caller:
                self._on_request(watched, at, data, arrives)
            else:
                self._on_response(watched, at, data)
        except MalformedHttp as error:
            watched.blind = True
            self.malformed = self.malformed or str(error)

    def _on_request(self, watched: _Watched, at: float, data: bytes, arrives: float) -> None:
        for kind, head in watched.requests.feed(data):
            if kind == "head" and head is not None:
                if len(self._exchanges) >= MOST_EXCHANGES:
                    raise MalformedHttp("more exchanges than are counted")
                method, path = head.target
                if method in NO_BODY_IN_ANSWER:
                    raise MalformedHttp(f"a {method} request, whose answer has a length and no body")
                exchange = _Exchange(head.header("X-Request-Id"), f"{method} {path}", at, arrives)
                self._exchanges.append(exchange)
                watched.waiting.append(exchange)

    def _on_response(self, watched: _Watched, at: float, data: bytes) -> None:
        for kind, head in watched.responses.feed(data):
            if not watched.waiting or at < watched.waiting[0].arrives:
                raise MalformedHttp("an answer that nobody asked for")
            exchange = watched.waiting[0]
            crossed = at < watched.told  # with the caller's end: as a rule the caller has gone, and it is still a timeout
            if kind == "head" and head is not None:
                watched.status = head.status
                if not crossed:
                    exchange.status, exchange.error_type, exchange.done = head.status, "", None
            elif watched.status >= 200:
                watched.waiting.pop(0)
                if not crossed or exchange.done is None:
                    exchange.done = at

    def closed(self, number: int, by_caller: bool, at: float, reset: bool, arrives: float = LONG_AGO) -> None:
        """One side sends no more, which the other hears at `arrives`; or the connection is over (`reset`).

        The other side may go on: a caller who has only said that it sends no more still reads its answers.
        """
        watched = self._watched.get(number)
        if watched is None:
            return
        watched.ended.append(by_caller)
        if by_caller:
            watched.told = arrives
        for exchange in watched.waiting:
            if exchange.done is None:
                exchange.done = at
                if exchange.status == 0:
                    exchange.error_type = "timeout" if watched.ended[0] else "reset"
        if reset or len(watched.ended) == 2:
            del self._watched[number]

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
