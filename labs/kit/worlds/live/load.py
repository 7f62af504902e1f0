"""The load of a live run: open-loop HTTP/1.1 from a process of its own.

    python -m labs.kit.worlds.live.load

Each request is sent at its intended time, on an idle keep-alive connection or a new one; it never waits for another.
The delay of each request, the send lag, is part of the record: if it is large, the run measured the machine and not the
system.
"""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, field
from typing import Any

from labs.kit.model.names import NS
from labs.kit.model.runbook import Shed
from labs.kit.worlds.live.child import Parent, RunClock, raise_descriptor_limit
from labs.kit.worlds.network.http1 import MalformedHttp, MessageReader
from labs.kit.worlds.operator.edge import REFUSAL, Edge

REPORT_EVERY_S = 0.1
TICK_S = 0.005


@dataclass(slots=True)
class Call:
    """One request: its bytes, its intended time, and its outcome."""

    index: int
    due: int
    data: bytes
    patience_s: float
    sent: int = -1
    done: int = -1
    status: int = 0
    error_type: str = "unfinished"
    timer: asyncio.TimerHandle | None = None
    line: Line | None = None


@dataclass(slots=True, eq=False)
class Line(asyncio.Protocol):
    """One connection and its present call."""

    load: Load
    call: Call | None
    transport: Any = None
    reader: MessageReader = field(default_factory=lambda: MessageReader(responses=True))
    status: int = 0
    closes: bool = False

    def connection_made(self, transport: Any) -> None:
        """Connected: send the waiting call, unless its time limit has passed."""
        self.transport = transport
        if self.call is None:
            transport.abort()
            return
        transport.write(self.call.data)

    def send(self, call: Call) -> None:
        """Send another call on this idle connection."""
        self.call, call.line, self.status = call, self, 0
        self.transport.write(call.data)

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        try:
            for kind, head in self.reader.feed(data):
                if kind == "head" and head is not None:
                    self.status, self.closes = head.status, head.closes
                elif self.status >= 200:
                    self._answered()
        except MalformedHttp:
            self.drop("malformed")

    def _answered(self) -> None:
        call, self.call = self.call, None
        if call is None:
            raise MalformedHttp("an answer that nobody asked for")
        self.load.end(call, self.status, "")
        if self.closes:
            self.transport.close()
        else:
            self.load.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed or reset, by either side."""
        if self in self.load.idle:
            self.load.idle.remove(self)
        if self.call is not None:
            whole = exc is None and self.status >= 200  # an answer without a length ends with its connection
            self.load.end(self.call, self.status if whole else 0, "" if whole else "reset")
            self.call = None

    def drop(self, why: str) -> None:
        """Give up this connection and its call."""
        call, self.call = self.call, None
        if self in self.load.idle:
            self.load.idle.remove(self)
        if self.transport is not None:
            self.transport.abort()
        if call is not None:
            self.load.end(call, 0, why)


class Load:
    """Sends the calls at their intended times and reports their outcomes."""

    def __init__(self, parent: Parent) -> None:
        self.parent, self.spec = parent, parent.spec
        self.clock = RunClock()
        self.idle: list[Line] = []
        self.calls = [
            Call(i, due, data.encode("latin-1"), patience) for i, (due, data, patience) in enumerate(self.spec["calls"])
        ]
        self.marks: list[float] = self.spec.get("marks") or [0.0] * len(self.calls)
        self.clients: list[str] = self.spec.get("clients") or [""] * len(self.calls)
        self.edge = Edge(self.spec.get("seed", 0))
        self.factor = 1.0
        """The factor of the load: calls with a mark below it are sent. In a steered run it can change at any moment."""
        self.begun: list[tuple[int, int]] = []
        self.next = 0
        self.ended: list[Call] = []
        self.open: set[asyncio.Task[None]] = set()

    def end(self, call: Call, status: int, error_type: str) -> None:
        """Record the end of a call."""
        if call.done >= 0:
            return
        call.done, call.status, call.error_type = self.clock.now(), status, error_type
        if call.timer is not None:
            call.timer.cancel()
        call.line = None
        self.ended.append(call)

    def send_due(self) -> None:
        """Send every call that is due, and schedule the next wake-up."""
        loop, now = asyncio.get_running_loop(), self.clock.now()
        while self.next < len(self.calls) and self.calls[self.next].due <= now:
            if self.marks[self.next] < self.factor:
                self._send(self.calls[self.next], loop)
            self.next += 1
        if self.next < len(self.calls):
            loop.call_at(self.clock.loop_time(self.calls[self.next].due), self.send_due)

    def _send(self, call: Call, loop: asyncio.AbstractEventLoop) -> None:
        call.sent = self.clock.now()
        self.begun.append((call.due, call.sent))
        if self.edge.share and self.edge.refuses(call.index, self.clients[call.index]):
            self.end(call, REFUSAL, "")
            return
        call.timer = loop.call_later(call.patience_s, self._give_up, call)
        if self.idle:
            self.idle.pop().send(call)
            return
        line = Line(self, call)
        call.line = line
        task = loop.create_task(self._connect(line, call))
        self.open.add(task)
        task.add_done_callback(self.open.discard)

    async def _connect(self, line: Line, call: Call) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: line, "127.0.0.1", self.spec["port"])
        except (ConnectionRefusedError, ConnectionResetError) as error:
            line.call = None
            self.end(call, 0, "refused" if isinstance(error, ConnectionRefusedError) else "reset")
        except OSError as error:  # no descriptor, no free port: this machine failed, not the system under load
            self.parent.tell(failed=f"{type(error).__name__}: {error}", line=None)

    @staticmethod
    def _give_up(call: Call) -> None:
        if call.line is not None:
            call.line.drop("timeout")

    def report(self, also_unfinished: bool = False) -> None:
        """Report the calls that have ended since the last report to the parent."""
        ended, self.ended = self.ended, []
        if also_unfinished:
            ended += [call for call in self.calls if call.sent >= 0 and call.done < 0]
        begun, self.begun = self.begun, []
        if begun and self.spec.get("watched"):
            self.parent.tell(begun=begun)
        rows = [(c.index, c.sent, c.done, c.status, c.error_type) for c in ended]
        if rows:
            self.parent.tell(rows=rows)


async def idle_lag(until: float) -> float:
    """The 99th percentile, in ms, of a timer's delay on this machine before the load begins."""
    loop, late = asyncio.get_running_loop(), []
    while (due := loop.time() + TICK_S) < until:
        await asyncio.sleep(TICK_S)
        late.append(1000 * (loop.time() - due))
    return sorted(late)[int(len(late) * 0.99)] if late else 0.0


async def drive(parent: Parent) -> None:
    """Send the whole load, and report until told to finish."""
    load = Load(parent)
    finish = asyncio.Event()
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def order(message: dict[str, Any]) -> None:
        if "start" in message:
            started.set_result(message["start"])
        elif "load" in message:
            load.factor = message["load"]
        elif "shed" in message:
            load.edge.shed(Shed(*message["shed"]))
        else:
            finish.set()

    parent.obey(asyncio.get_running_loop(), order)
    parent.tell(ready=0)
    gc.collect()
    gc.freeze()
    gc.disable()  # a garbage collection during the load would itself cause send lag
    load.clock.start_ns = await started
    parent.tell(idle_lag_ms=await idle_lag((load.clock.start_ns - TICK_S * NS) / NS))
    load.send_due()
    while not finish.is_set():
        await asyncio.sleep(REPORT_EVERY_S)
        load.report()
    load.report(also_unfinished=True)
    parent.tell(ended=True, cpu_s=time.process_time())


if __name__ == "__main__":
    raise_descriptor_limit()
    asyncio.run(drive(Parent()))
