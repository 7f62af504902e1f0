"""The server of the honest-load benchmarks: it answers each request at once, and stalls when it is told to.

    python -m benchmarks.canned

It reports its port, then the time of its first request; {"stall": [from, until]} makes it stall between these two times, in
ns of the system's monotonic clock.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from labs.kit.model.names import NS
from labs.kit.worlds.live.child import Parent

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """The server's state: its parent, and whether a request was seen yet."""

    def __init__(self, parent: Parent) -> None:
        self.parent = parent
        self.seen = False

    def request(self) -> None:
        """Note a request; the first one is reported to the parent."""
        if not self.seen:
            self.seen = True
            self.parent.tell(first=time.monotonic_ns())


class Connection(asyncio.Protocol):
    """One connection: a canned answer for each request head. Requests have no bodies."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every head that is complete."""
        *heads, self.buffer = (self.buffer + data).split(b"\r\n\r\n")
        for _ in heads:
            self.server.request()
            self.transport.write(ANSWER)


def stand_still(until_ns: int) -> None:
    """Block the event loop, and so every connection, until that time."""
    time.sleep(max(0.0, (until_ns - time.monotonic_ns()) / NS))


async def serve(parent: Parent) -> None:
    """Serve until the parent closes its pipe, which ends the process."""
    loop = asyncio.get_running_loop()
    server = Server(parent)
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=parent.spec["waiting"])

    def order(message: dict[str, Any]) -> None:
        begin, until = message["stall"]
        loop.call_at(begin / NS, stand_still, until)

    parent.obey(loop, order)
    parent.tell(ready=listening.sockets[0].getsockname()[1])
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Parent()))
