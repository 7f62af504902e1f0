"""A connection through the proxy, without sockets of the caller's: what asyncio may do between its two ends."""

from __future__ import annotations

import asyncio
from typing import Any

from labs.kit.worlds.live.child import RunClock
from labs.kit.worlds.live.proxy import END, Link, Passage
from tests.kit.live.processes import GIVE_UP_S


class Caller:
    """The transport of a caller that does not care whether reading was paused."""

    def pause_reading(self) -> None:
        """Goes on reading all the same, as the asyncio of Python 3.11.2 does if asked in connection_made()."""

    resume_reading = pause_reading

    def is_closing(self) -> bool:
        """It stays open."""
        return False

    def get_extra_info(self, name: str) -> Any:
        """It has no socket."""
        return None

    def close(self) -> None:
        """Nothing to close."""

    abort = close


async def heard(*sent: Any) -> bytes:
    """What the called hears of what a caller sends before the proxy has connected to it."""
    ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.set_result(await reader.read())
        writer.close()

    async with await asyncio.start_server(called, "127.0.0.1", 0) as server:
        link = Link({"name": "test->early", "faults": []}, RunClock(), seed=0)
        link.target = server.sockets[0].getsockname()[1]
        passage = Passage(link)
        passage.ends[0].connection_made(Caller())
        for what in sent:
            if what is END:
                passage.ends[0].eof_received()
            else:
                passage.ends[0].data_received(what)
        told = await asyncio.wait_for(ended, GIVE_UP_S)
        while link.open:  # the called has closed its end, too
            passage.ends[0].connection_lost(None)
            await asyncio.sleep(0)
    return told


def test_what_comes_before_the_other_end_is_connected_waits_for_it() -> None:
    """Bytes and the end of the stream that the caller sends at once all arrive, in order."""
    assert asyncio.run(heard(b"GET / HTTP", b"/1.1", END)) == b"GET / HTTP/1.1"
