"""The load of a live run: open loop, kept-alive connections, how calls end, and when a run must not be judged."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from labs.kit.measure import stats
from labs.kit.model.faults import Latency
from labs.kit.model.lab import Scenario
from labs.kit.model.load import Phase
from labs.kit.model.names import IDLE_LAG, NS, SEND_LAG
from labs.kit.model.record import Request
from labs.kit.model.verdict import Status
from labs.kit.worlds.live import world
from labs.kit.worlds.live.world import MOST_SEND_LAG_S, Gathering, plan, too_slow, why_invalid
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.live.drive import driven
from tests.kit.live.processes import GIVE_UP_S
from tests.kit.live.tiny import NO_FIX, live_lab, live_run, scenario
from tests.kit.simulated import tiny

GET = "GET / HTTP/1.1\r\nHost: me\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nok"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Rows = dict[int, tuple[int, int, int, str]]


@contextlib.contextmanager
def serving(talk: Talk) -> Iterator[int]:
    """A server in a thread that has `talk` with each caller: its port."""
    loop = asyncio.new_event_loop()
    writers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):  # the caller has gone
            await talk(reader, writer)

    server = loop.run_until_complete(asyncio.start_server(take, "127.0.0.1", 0, backlog=1024))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        server.close()
        for task in (others := asyncio.all_tasks() - {asyncio.current_task()}):
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)  # a turn in which they close

    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(GIVE_UP_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GIVE_UP_S)
        loop.close()


def drive(
    port: int, calls: list[tuple[float, str, float]], descriptors: int | None = None, ended: int | None = None
) -> Rows:
    """Send calls (due in s, request, patience in s) at `port` until `ended` of them have; {call: its row}."""
    spec = {"calls": [(round(due * NS), data, patience) for due, data, patience in calls], "port": port}
    rows: Rows = {}

    def keep(message: dict[str, Any]) -> None:
        rows.update({index: tuple(rest) for index, *rest in message.get("rows", [])})

    with driven("load", spec, descriptors) as load:
        load.order(start=time.monotonic_ns())
        while len(rows) < (len(calls) if ended is None else ended):
            keep(load.hear())
        for message in load.stop():
            keep(message)
    return rows


async def request(reader: asyncio.StreamReader) -> bytes:
    """One request of a caller."""
    return await reader.readuntil(b"\r\n\r\n")


def test_open_loop() -> None:
    """A server that stands still keeps no request from being sent: it gets all 300 before it answers the first.

    They are more than a shell's limit of 64 descriptors would let be open at once.
    """
    waiting: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        waiting.append(writer)
        if len(waiting) == 300:
            for each in waiting:
                each.write(OK)

    with serving(talk) as port:
        rows = drive(port, [(i / 1000, GET, GIVE_UP_S) for i in range(300)], descriptors=64)
    assert {row[2:] for row in rows.values()} == {(200, "")}
    assert max(sent for sent, *_ in rows.values()) <= min(done for _, done, *_ in rows.values())
    assert all(sent >= index / 1000 * NS for index, (sent, *_) in rows.items())


def test_connections_are_kept() -> None:
    """A connection on which an answer has come carries later requests, unless the answer says that it closes."""
    asked: dict[str, list[int]] = {"keeps": [], "closes": []}

    def talk_that(closes: str) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked[closes].append(0)
            connection = len(asked[closes]) - 1
            while True:
                await request(reader)
                asked[closes][connection] += 1
                writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") if closes == "closes" else OK)

        return talk

    for closes in asked:
        with serving(talk_that(closes)) as port:
            rows = drive(port, [(i / 20, GET, GIVE_UP_S) for i in range(10)])
        assert [row[2] for row in rows.values()] == [200] * 10
    assert sum(asked["keeps"]) == 10
    assert max(asked["keeps"]) > 1
    assert asked["closes"] == [1] * 10


def test_how_calls_end() -> None:
    """Patience that ends, a reset, an end before the answer, and what is not HTTP are told apart, and none ends the load."""
    answers = {"/answered": OK, "/endless": ENDLESS, "/nothing": b"", "/noise": b"noise\r\n\r\n"}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await request(reader)).split()[1].decode()
        if path == "/silent":
            await asyncio.Event().wait()
        if path == "/reset":
            linger = (1).to_bytes(4, "little") + bytes(4)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.write(answers.get(path, b""))
        writer.close()

    expected = {
        "/answered": (200, ""), "/endless": (200, ""), "/silent": (0, "timeout"), "/reset": (0, "reset"),
        "/nothing": (0, "reset"), "/noise": (0, "malformed"),
    }  # fmt: skip
    calls = [(0.0, GET.replace("/ ", f"{path} "), 0.3 if path == "/silent" else GIVE_UP_S) for path in expected]
    with serving(talk) as port:
        rows = drive(port, calls)
    assert {path: rows[index][2:] for index, path in enumerate(expected)} == expected
    sent, done, *_ = rows[list(expected).index("/silent")]
    assert done - sent >= 0.3 * NS


def test_refused_and_unfinished() -> None:
    """Where nobody listens a call is refused; one that is open when the load is told to finish is unfinished."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        refused = drive(deaf.getsockname()[1], [(0.0, GET, GIVE_UP_S)])
    assert refused[0][2:] == (0, "refused")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/answer" in await request(reader):
            writer.write(OK)

    with serving(talk) as port:
        rows = drive(port, [(0.0, GET, GIVE_UP_S), (0.1, GET.replace("/ ", "/answer "), GIVE_UP_S)], ended=1)
    assert (rows[0][1:], rows[1][2:]) == ((-1, 0, "unfinished"), (200, ""))


def test_the_same_seed_is_the_same_load_in_both_worlds() -> None:
    """A seed gives the same requests at the same intended times, live and simulated; another seed gives others."""
    poisson = Scenario("tiny", (Phase(40, 0.5),), settle_s=0.2)
    live = world.run_live(live_lab("plain"), NO_FIX, poisson, 7)
    simulated = run_simulated(tiny.tiny_lab("plain"), NO_FIX, poisson, 7)
    loads = [[(r.request_id, r.endpoint, r.intended) for r in run.requests()] for run in (live, simulated)]
    assert loads[0] == loads[1][: len(loads[0])]  # a machine that stands still at the end sends fewer
    assert len(loads[0]) > 5
    assert [due for due, *_ in plan(live_lab("plain"), NO_FIX, poisson, 7)["calls"]] == [round(t * NS) for *_, t in loads[1]]
    assert plan(live_lab("plain"), NO_FIX, poisson, 8)["calls"] != plan(live_lab("plain"), NO_FIX, poisson, 7)["calls"]


def test_latency_counts_from_the_intended_time() -> None:
    """Each row of a live run says when its request was due; the lag until it was sent is a sample of the record."""
    run = live_run("plain", faults=(Latency(link="load->me", latency_s=0.05),))
    rows, lags = run.requests(), run.samples(SEND_LAG)
    assert [round(row.intended * 20, 6) for row in rows] == list(range(1, len(rows) + 1))
    assert [(s.time, s.value) for s in lags] == [
        (row.sent, row.sent - row.intended) for row in sorted(rows, key=lambda r: r.sent)
    ]
    assert all(row.latency >= 0.1 for row in rows if row.done is not None)
    assert len(run.samples(IDLE_LAG)) == 1


def test_rules_of_validity() -> None:
    """Idle timers and the load's 99th percentile may be as late as the bound and no later; one straggler is forgiven."""
    late, good = MOST_SEND_LAG_S * 1.01, MOST_SEND_LAG_S
    assert why_invalid([good] * 1000, good) == ""
    assert why_invalid([], 0.0) == ""
    assert why_invalid([0.0] * 999 + [9.0], 0.0) == ""
    assert "sent late: send lag p99 20.2 ms, at most 20 ms" in why_invalid([late] * 1000, 0.0)
    assert "sent late" in why_invalid([0.0] * 980 + [late] * 20, 0.0)
    assert "busy before the load began" in why_invalid([0.0] * 1000, late)


def answered(rate: float, seconds: float, link: str = "me->peer", begin: float = 0.0) -> list[Request]:
    """Exchanges that end evenly."""
    times = [begin + (n + 0.5) / rate for n in range(round(rate * seconds))]
    return [Request(link, f"r{at}", "GET /", 1, at, at, at, 200, "") for at in times]


def test_a_capacity_that_is_not_the_labs_is_told() -> None:
    """With a line for 5 s, 95 % of the capacity must have been there; without one nothing is said, nor of other links."""
    lab = replace(live_lab("plain", calls_peer=True), paced={"me->peer": 0.02})
    assert too_slow(lab, answered(50, 8)) == too_slow(lab, answered(48, 8)) == ""
    assert "me->peer answered 45.0 a second, and by the lab's design it answers 50" in too_slow(lab, answered(45, 5))
    assert too_slow(lab, answered(45, 4)) == "", "too short to tell a line from a crowd"
    assert too_slow(lab, answered(45, 3) + answered(20, 1, begin=3) + answered(45, 3, begin=4)) == ""
    assert too_slow(lab, answered(30, 20)) == "", "nobody waited"
    assert too_slow(lab, answered(45, 9, "load->me")) == too_slow(lab, []) == ""


@pytest.mark.parametrize(
    ("lag_ms", "idle_ms", "ended", "status"),
    [
        (1, 1, "pass", Status.PASS),
        (300, 1, "pass", Status.INVALID),
        (1, 300, "pass", Status.INVALID),
        (300, 300, "crashed", Status.CRASHED),
    ],
)
def test_a_doubtful_run_is_invalid(lag_ms: int, idle_ms: int, ended: str, status: Status) -> None:
    """A run that was measured badly is invalid and says why, with its rows; a crash stays a crash."""
    lab, calm = live_lab("plain"), scenario(1)
    gathering = Gathering(lab, plan(lab, NO_FIX, calm, 1)["requests"])
    dues = [due for due, _ in gathering.requests]
    gathering.hear({"idle_lag_ms": idle_ms})
    gathering.hear({"rows": [(i, due + lag_ms * NS // 1000, due + NS, 200, "") for i, due in enumerate(dues)]})
    gathering.hear({"status": ended, "detail": "" if ended == "pass" else "me ended with exit code 3."})
    run = gathering.close(NO_FIX, calm, 1)
    assert (run.status, len(run.requests())) == (status, len(dues))
    assert ("ms are allowed" in run.info.detail) is (status is Status.INVALID)
    assert stats.percentile([s.value for s in run.samples(SEND_LAG)], 99) == pytest.approx(lag_ms / 1000)


@pytest.mark.parametrize(("ended", "kept"), [("pass", ["early", "late news"]), ("crashed", ["early", "late", "late news"])])
def test_errors_logged_while_services_are_stopped_are_none_of_the_run(ended: str, kept: list[str]) -> None:
    """Handlers whose callers have left fail when their service ends: that is left out, unless the run itself failed."""
    lab, calm = live_lab("plain"), scenario(1)
    gathering = Gathering(lab, [])
    for at, level, event in [
        (0.5, "error", "early"),
        (calm.seconds + 0.1, "error", "late"),
        (calm.seconds + 0.2, "info", "late news"),
    ]:
        row = {"table": "logs", "time": at, "level": level, "event": event, "request_id": "", "error_type": "", "fields": {}}
        gathering.hear({"signal": row, "host": "me"})
    gathering.hear({"status": ended, "detail": ""})
    assert [log.event for log in gathering.close(NO_FIX, calm, 1).logs("me")] == kept
