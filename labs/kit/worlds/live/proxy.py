"""The links of a live run: one TCP proxy per link, with the link's faults and its tap, all in one process.

    python -m labs.kit.worlds.live.proxy

network/link_flow.py, which both worlds use, decides which bytes are delayed, cut or lost. The kernel accepts a connection
before the proxy sees it, so a fault that would act on the handshake acts on the first bytes instead. Before the run begins
all bytes pass, and no exchange is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import struct
from collections import deque
from dataclasses import astuple
from random import Random
from typing import Any

from labs.kit.model.faults import LinkFault, Stall, from_plain
from labs.kit.model.names import EXCHANGES, NS
from labs.kit.worlds.live.child import Parent, RunClock, raise_descriptor_limit
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.network.link_flow import Flow
from labs.kit.worlds.network.link_flow import Passage as Passed

END, ABORT, CLOSE = object(), object(), object()
_RESET = struct.pack("ii", 1, 0)
COUNT_EVERY_S = 0.25
"""The period of reports on the exchanges seen so far, in a run that is watched."""


class Link:
    """One link: its listening port, its faults, its open connections."""

    def __init__(self, plain: dict[str, Any], clock: RunClock, seed: int) -> None:
        self.name: str = plain["name"]
        self.clock = clock
        self.faults = _link_faults(plain["faults"])
        self.released = asyncio.Event()
        self.tap = HttpTap(self.name)
        self.target = 0
        self.open: set[Passage] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.count = 0
        self._rngs = Random(f"link {self.name} {seed}"), Random(f"link {self.name} back {seed}")

    def flow(self) -> Flow:
        """The flow of a new connection."""
        return Flow(self.faults, self._rngs)

    def accept(self) -> End:
        """The protocol for the caller's end of a new connection."""
        return Passage(self).ends[0]

    def refuses(self) -> bool:
        """Are new connections refused at this moment?"""
        return any(fault.cuts and fault.active(self.clock.now()) for fault in self.faults)

    def begin(self) -> None:
        """The run starts: schedule the faults that reset open connections."""
        loop = asyncio.get_running_loop()
        for fault in self.faults:
            if fault.cuts:
                loop.call_at(self.clock.loop_time(fault.start_ns), self.cut)

    def cut(self) -> None:
        """Reset every open connection."""
        for passage in list(self.open):
            passage.abort()

    def change(self, plain: list[dict[str, Any]]) -> None:
        """Replace the link's faults, also for open connections."""
        held = any(isinstance(fault, Stall) for fault in self.faults)
        new = _link_faults(plain)
        cuts = any(fault.cuts and fault not in self.faults for fault in new)
        self.faults[:] = new  # each open connection uses this same list
        if cuts:
            self.cut()
        if held and not any(isinstance(fault, Stall) for fault in new):
            self.released.set()
            self.released = asyncio.Event()
            for passage in list(self.open):
                passage.release()

    def drain(self) -> None:
        """Leave a called service that was replaced: close idle connections now, and the others after their answers."""
        for passage in list(self.open):
            passage.leaving = True
            if self.tap.idle(passage.number):
                passage.close()

    async def hold(self, seconds: float) -> None:
        """Wait `seconds`, or until a stall is switched off."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.released.wait(), seconds)


def _link_faults(plain: list[dict[str, Any]]) -> list[LinkFault]:
    return [fault for each in plain if isinstance(fault := from_plain(each), LinkFault)]


class Passage:
    """One connection through the proxy: its two ends, and the bytes between them."""

    def __init__(self, link: Link) -> None:
        self.link = link
        link.count += 1
        self.number = link.count
        self.flow = link.flow()
        self.ends = (End(self, 0), End(self, 1))
        self.on_way: tuple[deque[tuple[int, Any]], ...] = (deque(), deque())
        self.timers: list[asyncio.TimerHandle | None] = [None, None]
        self.over = False
        self.leaving = False  # it is closed after its present answer

    def opened(self) -> None:
        """The caller is connected: delay the handshake, then connect to the called service."""
        now = self.link.clock.now()
        if self.link.refuses():
            self.over = True
            _reset(self.ends[0].transport)
            return
        self.link.open.add(self)
        self.link.tap.opened(self.number)
        self.ends[0].transport.pause_reading()
        knock = self.flow.control(0, now) if now >= 0 else now
        answer = self.flow.control(1, knock) if knock is not None and now >= 0 else knock
        if answer is not None:  # otherwise it is lost: the caller has a connection that carries nothing
            task = asyncio.get_running_loop().create_task(self._connect(answer))
            self.link.tasks.add(task)
            task.add_done_callback(self.link.tasks.discard)

    async def _connect(self, at: int) -> None:
        wait = (at - self.link.clock.now()) / NS
        if wait > 0:
            await self.link.hold(wait)
        try:
            await asyncio.get_running_loop().create_connection(lambda: self.ends[1], "127.0.0.1", self.link.target)
        except OSError:
            self.abort()
            return
        if self.over or self.ends[0].transport.is_closing():
            _reset(self.ends[1].transport)
            return
        self.ends[0].transport.resume_reading()
        if self.timers[0] is None:
            self._deliver(0)

    def bytes_from(self, side: int, data: bytes) -> None:
        """`side` has sent bytes."""
        now = self.link.clock.now()
        passed = self.flow.data(side, now, data) if now >= 0 else Passed(((now, data),))
        if passed.pieces:
            self.link.tap.bytes_seen(self.number, side == 0, now / NS, data)
        for arrival, piece in passed.pieces:
            self._put(side, arrival, piece)
        if passed.closed_at is not None:
            self._put(side, passed.closed_at, CLOSE)
        elif self.leaving and side == 1 and passed.pieces and self.link.tap.idle(self.number):
            self._put(side, passed.pieces[-1][0], CLOSE)

    def end_from(self, side: int, how: object) -> None:
        """`side` has closed the connection (END) or reset it (ABORT)."""
        now = self.link.clock.now()
        arrival = (self.flow.close(side, now) if how is END else self.flow.control(side, now)) if now >= 0 else now
        if arrival is not None:
            self.link.tap.closed(self.number, side == 0, now / NS, how is ABORT, arrival / NS)
            self._put(side, arrival, how)

    def _put(self, side: int, arrival: int, what: Any) -> None:
        self.on_way[side].append((arrival, what))
        if self.timers[side] is None:
            self._deliver(side)

    def _deliver(self, side: int) -> None:
        """Pass the bytes that have arrived by now to the other end, and schedule a call for the rest.

        Bytes that come before the other end is connected wait for it: some releases of asyncio read from a connection
        although connection_made() paused it.
        """
        self.timers[side] = None
        waiting, other = self.on_way[side], self.ends[1 - side]
        if other.transport is None:
            return
        while waiting and not self.over and waiting[0][0] <= self.link.clock.now():
            what = waiting.popleft()[1]
            if what is CLOSE:
                self.close()
            else:
                other.give(what)
        if waiting and not self.over:
            at = self.link.clock.loop_time(waiting[0][0])
            self.timers[side] = asyncio.get_running_loop().call_at(at, self._deliver, side)

    def release(self) -> None:
        """Let the bytes that a stall held arrive now, in order; a close by another fault keeps its time."""
        now = self.link.clock.now()
        self.flow.release(now)
        for side, waiting in enumerate(self.on_way):
            held = [(at if what is CLOSE else min(at, now), what) for at, what in waiting]
            waiting.clear()
            waiting.extend(held)
            if (timer := self.timers[side]) is not None:
                timer.cancel()
            self._deliver(side)

    def close(self) -> None:
        """The link closes the connection: both ends see it closed."""
        self.link.tap.closed(self.number, False, self.link.clock.now() / NS, True)
        self._over(abort=False)

    def abort(self) -> None:
        """The link resets the connection."""
        self.link.tap.closed(self.number, False, self.link.clock.now() / NS, True)
        self._over(abort=True)

    def _over(self, abort: bool) -> None:
        self.over = True
        self.link.open.discard(self)
        for end in self.ends:
            if end.transport is not None:
                _reset(end.transport) if abort else end.transport.close()

    def lost(self) -> None:
        """One end is gone; when both are gone, forget the connection."""
        if all(end.transport is None or end.gone for end in self.ends):
            self.link.open.discard(self)


class End(asyncio.Protocol):
    """One end of a connection: side 0 towards the caller, side 1 towards the called service."""

    def __init__(self, passage: Passage, side: int) -> None:
        self.passage = passage
        self.side = side
        self.transport: Any = None
        self.gone = False
        self.finished = False  # this end sends no more
        self.told = False  # this end knows that the other sends no more

    def connection_made(self, transport: Any) -> None:
        """Connected."""
        self.transport = transport
        if self.side == 0:
            self.passage.opened()

    def data_received(self, data: bytes) -> None:
        """Bytes from this end."""
        self.passage.bytes_from(self.side, data)

    def eof_received(self) -> bool:
        """This end sends no more; it still receives bytes, unless the other end sends no more either."""
        self.finished = True
        self.passage.end_from(self.side, END)
        return not self.told

    def connection_lost(self, exc: Exception | None) -> None:
        """This end is gone."""
        self.gone = True
        if not self.passage.over and (exc is not None or not self.finished):
            self.finished = True
            self.passage.end_from(self.side, ABORT)
        self.passage.lost()

    def give(self, what: Any) -> None:
        """Pass bytes or an end from the other end to this one."""
        if self.transport is None or self.gone:
            return
        if what is ABORT:
            _reset(self.transport)
        elif what is END:
            self.told = True
            other = self.passage.ends[1 - self.side]
            if self.finished or other.gone:
                self.transport.close()
            elif self.transport.can_write_eof():
                self.transport.write_eof()
        else:
            self.transport.write(what)

    def pause_writing(self) -> None:
        """This end reads more slowly than the other sends: stop reading from the other."""
        other = self.passage.ends[1 - self.side].transport
        if other is not None and not other.is_closing():
            other.pause_reading()

    def resume_writing(self) -> None:
        """This end has caught up: read from the other again."""
        other = self.passage.ends[1 - self.side].transport
        if other is not None and not other.is_closing():
            other.resume_reading()


def _reset(transport: Any) -> None:
    """Close a connection so that its peer sees a reset, not the end of a stream."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


async def serve(parent: Parent) -> None:
    """Listen for every link, then pass on bytes until told to finish."""
    loop, clock = asyncio.get_running_loop(), RunClock()
    links = {plain["name"]: Link(plain, clock, parent.spec["seed"]) for plain in parent.spec["links"]}
    ports = {}
    for name, link in links.items():
        server = await loop.create_server(link.accept, "127.0.0.1", 0, backlog=1024)
        ports[name] = server.sockets[0].getsockname()[1]
    finish = asyncio.Event()

    def order(message: dict[str, Any]) -> None:
        if "targets" in message:
            for name, port in message["targets"].items():
                links[name].target = port
        elif "start" in message:
            clock.start_ns = message["start"]
            for link in links.values():
                link.begin()
        elif "drain" in message:
            for name in message["drain"]:
                links[name].drain()
        elif "faults" in message:
            for name, plain in message["faults"].items():
                links[name].change(plain)
        else:
            finish.set()

    parent.obey(loop, order)
    gc.collect()
    gc.freeze()
    parent.tell(ready=ports)
    while not finish.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(finish.wait(), COUNT_EVERY_S if parent.spec.get("watched") else None)
        if parent.spec.get("watched") and clock.now() >= 0:
            parent.tell(samples=[(clock.now() / NS, EXCHANGES, link.name, float(link.tap.count)) for link in links.values()])
    for link in links.values():
        for row in link.tap.rows():
            if row.sent >= 0:
                parent.tell(exchange=astuple(row))
        if link.tap.malformed:
            parent.tell(blind=[link.name, link.tap.malformed])
    parent.tell(ended=True)


if __name__ == "__main__":
    raise_descriptor_limit()
    asyncio.run(serve(Parent()))
