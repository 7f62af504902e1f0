"""A closed loop, like most load scripts: each user sends a request, waits for the answer, pauses, and sends the next.

    python -m benchmarks.closed

While the server stalls, each user waits and sends nothing: the requests that were due meanwhile are missing from its
figures.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from labs.kit.model.names import NS
from labs.kit.worlds.live.child import Parent

REQUEST = b"GET / HTTP/1.1\r\nHost: canned\r\n\r\n"


async def user(port: int, begin_s: float, pause_s: float, end: float) -> list[int]:
    """One user, from `begin_s` after now until `end` on the loop's clock. Returns the ns of each request."""
    await asyncio.sleep(begin_s)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    while asyncio.get_running_loop().time() < end:
        sent = time.monotonic_ns()
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\nok")
        took.append(time.monotonic_ns() - sent)
        await asyncio.sleep(pause_s)
    writer.close()
    await writer.wait_closed()
    return took


async def drive(parent: Parent, spec: dict[str, Any]) -> None:
    """Run all users, evenly spread over one pause; then report the times of their requests."""
    parent.obey(asyncio.get_running_loop(), lambda message: None)
    users, pause_s = spec["users"], spec["pause_s"]
    end = asyncio.get_running_loop().time() + spec["seconds"]
    all_took = await asyncio.gather(*(user(spec["port"], pause_s * n / users, pause_s, end) for n in range(users)))
    parent.tell(took_ms=[1000 * ns / NS for took in all_took for ns in took])


if __name__ == "__main__":
    parent = Parent()
    asyncio.run(drive(parent, parent.spec))
