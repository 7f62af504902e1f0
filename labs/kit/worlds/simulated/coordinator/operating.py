"""The operator of a simulated run, in the judge's process: it looks between two steps of the coordinator, and acts.

Orders to a service go over the network like everything else, to its admin route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labs.kit.model.lab import Lab
from labs.kit.model.names import ACTION_FAILED, BY_OPERATOR, NS, OPERATOR, RESTART, RUNBOOK
from labs.kit.model.record import Event, Sample
from labs.kit.model.runbook import Action, Restart, Runbook, Set
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.network.http1 import MalformedHttp, MessageReader
from labs.kit.worlds.operator.admin import order_bytes
from labs.kit.worlds.operator.bot import DOWN_S, LOOK_S, Bot
from labs.kit.worlds.operator.figures import Figures
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator.connections import Connection
from labs.kit.worlds.simulated.coordinator.load import Load, seconds
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.coordinator.restarts import Restarts
from labs.kit.worlds.simulated.wire import ACCEPTED, DATA, FIN, RESET

ADDRESS = "10.0.2.1"


class Operating:
    """Follows a runbook through one run: sees what a dashboard shows, and carries out what the bot decides.

    Args:
        addresses: those of the services, by their names.
        signals: the rows of the run so far, by their tables; the operator's own events are added.
        until_s: the end of the run, in its seconds; what comes later is no part of the record.
    """

    def __init__(
        self,
        lab: Lab,
        book: Runbook,
        addresses: Mapping[str, str],
        coordinator: Coordinator,
        load: Load,
        taps: Sequence[HttpTap],
        restarts: Restarts,
        signals: dict[str, list[Any]],
        until_s: float,
    ) -> None:
        self.name, self.address = OPERATOR, ADDRESS
        self._coordinator, self._load, self._taps, self._restarts = coordinator, load, taps, restarts
        self._addresses, self._until_s = addresses, until_s
        self._samples: list[Sample] = signals.setdefault("samples", [])
        self._events: list[Event] = signals.setdefault("events", [])
        self._services = {service.name: service for service in lab.services}
        self._orders: dict[Connection, tuple[Set, MessageReader]] = {}
        self._figures = Figures(lab.links)
        self._seen = {"sent": 0, "ended": 0, "samples": 0}
        self._bot = Bot(book, self._act, self._tell)
        self._link = f"load->{lab.entry}"
        self._tell(RUNBOOK, OPERATOR, book.sha)
        coordinator.add_node(self)
        for name in self._services:
            coordinator.add_link(OPERATOR, name)

    def look(self, now: int, last: bool) -> None:
        """The coordinator has run up to `now`: look at the figures, and act. At the `last` look, roll back."""
        self._see(now)
        self._bot.look(seconds(now), self._figures.at(seconds(now), self._load.edge.share))
        if last:
            self._bot.end()

    def _see(self, now: int) -> None:
        at = seconds(now)
        for due in self._new("sent", self._load.sent):
            self._figures.sent(seconds(due))
        for due, done, ok in self._new("ended", self._load.ended):
            self._figures.ended(seconds(done), (done - due) / NS, ok)
        for sample in self._new("samples", self._samples):
            self._figures.sampled(sample.time, sample.signal, sample.host, sample.value)
        self._figures.counted(at, self._link, len(self._load.sent))
        for tap in self._taps:
            self._figures.counted(at, tap.link, tap.count)

    def _new(self, what: str, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows since the last look."""
        before, self._seen[what] = self._seen[what], len(rows)
        return rows[before:]

    def _tell(self, kind: str, subject: str, detail: str) -> None:
        at = seconds(self._coordinator.now)
        if at <= self._until_s:
            self._events.append(Event(at, kind, subject, detail))

    def _act(self, action: Action) -> None:
        if isinstance(action, Restart):
            back = self._coordinator.now + round(DOWN_S * NS)
            if self._restarts.restart(action.service, back):
                self._coordinator.at(back, self._tell, RESTART, action.service, BY_OPERATOR)
            else:
                self._tell(ACTION_FAILED, action.service, f"{action}: it is already down")
        elif isinstance(action, Set):
            self._post(action)
        else:
            self._load.edge.shed(action)

    def _post(self, order: Set) -> None:
        service = self._services[order.service]
        conn = self._coordinator.open_from_node(self, self._addresses[service.name], service.port)
        if conn is not None:
            self._orders[conn] = order, MessageReader(responses=True)

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes, sent: int) -> None:
        """A message from a service."""
        if conn not in self._orders:
            return
        order, reader = self._orders[conn]
        if kind == ACCEPTED:
            data = order_bytes(order)
            conn.in_flight[0] += len(data)
            self._coordinator.send(conn, 0, self._coordinator.now, DATA, data)
        elif kind == DATA:
            self._coordinator.read_by_node(conn, 0, len(payload))
            self._answered(conn, order, reader, payload)
        elif kind in (FIN, RESET):
            self._end(conn, order, "no answer", FIN if kind == FIN else b"")

    def _answered(self, conn: Connection, order: Set, reader: MessageReader, payload: bytes) -> None:
        try:
            heads = [head for kind, head in reader.feed(payload) if kind == "head" and head is not None]
        except MalformedHttp:
            self._end(conn, order, "no answer in HTTP", RESET)
            return
        if heads:
            status = heads[0].status
            self._end(conn, order, "" if 200 <= status < 300 else f"answered {status}", FIN)

    def _end(self, conn: Connection, order: Set, wrong: str, close: bytes) -> None:
        """The order is over, and `wrong` says what went wrong; end the connection by FIN or RESET, if it is there."""
        del self._orders[conn]
        if wrong:
            self._tell(ACTION_FAILED, order.service, f"{order}: {wrong}")
        if close:
            self._coordinator.close_by_node(conn, 0, close)


def looks(end: int) -> list[int]:
    """The times of the looks, in the coordinator's ns; the last one leaves a moment for what it gives back."""
    start, step = wire.LEAD_S * NS, round(LOOK_S * NS)
    return list(range(start + step, end - step + 1, step))
