"""The operator of a live run, in the caller's process: it looks at what the run reports, and sends orders to the runner."""

from __future__ import annotations

import json
from typing import Any

from labs.kit.model.lab import Lab, Scenario
from labs.kit.model.load import HttpRequest
from labs.kit.model.names import EXCHANGES, NS, OPERATOR, RUNBOOK
from labs.kit.model.record import Event, Sample
from labs.kit.model.runbook import Action, Restart, Runbook, Set
from labs.kit.worlds.ingest import parse
from labs.kit.worlds.live.order_pipe import OrderPipe
from labs.kit.worlds.operator.bot import LOOK_S, Bot
from labs.kit.worlds.operator.edge import Edge
from labs.kit.worlds.operator.figures import Figures


class Operating(OrderPipe):
    """Follows a runbook through one live run. `hear` is called with each message of the run, in the thread that runs it."""

    def __init__(self, lab: Lab, scenario: Scenario, seed: int, book: Runbook) -> None:
        super().__init__()
        self.lab, self.scenario = lab, scenario
        self.events = [Event(0.0, RUNBOOK, OPERATOR, book.sha)]
        self._figures = Figures(lab.links)
        self._bot = Bot(book, self._act, self._tell)
        self._edge = Edge(seed)
        self._dues: list[float] = []
        self._at = 0.0
        self._next = LOOK_S

    def plan(self, spec: dict[str, Any]) -> dict[str, Any]:
        """The plan of an ordinary run, for a run that is watched: each link has a proxy, the load knows its clients."""
        requests: list[tuple[int, HttpRequest]] = spec["requests"]
        self._dues = [due / NS for due, _ in requests]
        client = self.lab.desk.client if self.lab.desk else None
        faults = {link["name"]: link["faults"] for link in spec["links"]}
        return spec | {
            "watched": True,
            "links": [{"name": name, "faults": faults.get(name, [])} for name in self.lab.links],
            "clients": [client(request) for _, request in requests] if client else [],
        }

    def hear(self, message: dict[str, Any]) -> None:
        """Take one message of the run; with the time of the run, look and act."""
        if "begun" in message:
            for _, sent in message["begun"]:
                self._figures.sent(sent / NS)
        elif "rows" in message:
            for index, _, done, status, _ in message["rows"]:
                if done >= 0:
                    self._figures.ended(done / NS, done / NS - self._dues[index], 200 <= status < 300)
        elif "samples" in message:
            for at, signal, host, value in message["samples"]:
                if signal == EXCHANGES:
                    self._figures.counted(at, host, value)
                else:
                    self._figures.sampled(at, signal, host, value)
        elif "signal" in message:
            _, row = parse(json.dumps(message["signal"]).encode(), message["host"], self._at) or ("", None)
            if isinstance(row, Sample):
                self._figures.sampled(self._at, row.signal, row.host, row.value)
        elif "at" in message:
            self._look(message["at"])

    def _look(self, at: float) -> None:
        self._at = at
        if at < self._next:
            return
        due = at // LOOK_S * LOOK_S  # the bot counts whole looks, however late a message comes
        self._next = due + LOOK_S
        self._bot.look(due, self._figures.at(at, self._edge.share))
        if self._next > self.scenario.seconds - LOOK_S:
            self._bot.end()
            self._next = self.scenario.seconds + LOOK_S

    def _tell(self, kind: str, subject: str, detail: str) -> None:
        self.events.append(Event(self._at, kind, subject, detail))

    def _act(self, action: Action) -> None:
        if isinstance(action, Restart):
            self.order({"restart": action.service})
        elif isinstance(action, Set):
            self.order({"set": [action.service, action.key, action.value]})
        else:
            self._edge.shed(action)
            self.order({"shed": [action.share, action.client]})
