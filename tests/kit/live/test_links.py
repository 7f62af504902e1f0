"""Each link fault through the proxy on real sockets: what arrives, in what order, and that none of it comes too early."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from labs.kit.model.faults import Bandwidth, BlackHole, Latency, Limit, Reset, Slicer, SlowClose, Stall, Timeout
from labs.kit.model.names import NS
from tests.kit.live.drive import Links, how_it_ends, links, receive, reset
from tests.kit.live.processes import wait_until

MS = NS // 1000
CONTENT = bytes(range(256)) * 40
ALWAYS = [
    Latency(link="test->latency", latency_s=0.1, jitter_s=0.05),
    Bandwidth(link="test->bandwidth", bytes_per_s=len(CONTENT) * 4),
    Slicer(link="test->slicer", average_bytes=1000, variation=500, delay_s=0.02),
    Limit(link="test->limit", bytes_each_way=100),
    Limit(link="test->late limit", bytes_each_way=100),
    Latency(link="test->late limit", latency_s=0.1),
    SlowClose(link="test->slow_close", delay_s=0.2),
    BlackHole(link="test->black_hole"),
    Timeout(link="test->timeout", timeout_s=0.2),
]
BEFORE = ("test->black_hole", "test->timeout")
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Links, dict[str, Pair]]]:
    """A proxy with one link for each fault that acts for ever, begun; and connections that were open before it began."""
    with links(*ALWAYS, healthy=["test->healthy"]) as found:
        before = {name: found.pair(name) for name in BEFORE}
        found.begin()
        yield found, before


def is_silent(sock: socket.socket) -> bool:
    """Has nothing come by now, neither bytes nor an end?"""
    return not select.select([sock], [], [], 0)[0]


def round_trips(world: Links, number: int = 20) -> None:
    """So many on the link without a fault, so that whatever else was due has had its turn."""
    caller, called = world.pair("test->healthy")
    for _ in range(number):
        caller.sendall(CONTENT)
        assert receive(called, len(CONTENT)) == CONTENT
        called.sendall(CONTENT)
        assert receive(caller, len(CONTENT)) == CONTENT


def test_latency(world: tuple[Links, dict[str, Pair]]) -> None:
    """Chunks arrive in the order in which they were sent, whatever their jitter, and none before its least latency."""
    caller, called = world[0].pair("test->latency")
    for a, b in ((caller, called), (called, caller)):
        sent = []
        for number in range(20):
            sent.append(world[0].now())
            a.sendall(number.to_bytes(2, "big"))
        for number in range(20):
            assert receive(b, 2) == number.to_bytes(2, "big")
            assert world[0].now() - sent[number] >= 50 * MS


def test_bandwidth(world: tuple[Links, dict[str, Pair]]) -> None:
    """Two seconds' worth of two directions takes at least as long as one direction needs, and nothing is changed."""
    caller, called = world[0].pair("test->bandwidth")
    begun = world[0].now()
    for _ in range(2):
        caller.sendall(CONTENT)
        called.sendall(CONTENT)
    assert receive(called, 2 * len(CONTENT)) == receive(caller, 2 * len(CONTENT)) == CONTENT * 2
    assert world[0].now() - begun >= 500 * MS


def test_slicer(world: tuple[Links, dict[str, Pair]]) -> None:
    """The bytes that arrive are those that were sent, after the pauses between at least so many pieces."""
    caller, called = world[0].pair("test->slicer")
    begun = world[0].now()
    caller.sendall(CONTENT)
    assert receive(called, len(CONTENT)) == CONTENT
    assert world[0].now() - begun >= (len(CONTENT) // 1500 - 1) * 20 * MS


@pytest.mark.parametrize("name", ["test->limit", "test->late limit"])
def test_limit(world: tuple[Links, dict[str, Pair]], name: str) -> None:
    """The bytes up to the limit arrive, then both ends see the connection closed; also where bytes are under way."""
    caller, called = world[0].pair(name)
    caller.sendall(CONTENT[:60])
    assert receive(called, 60) == CONTENT[:60]
    caller.sendall(CONTENT[60:200])
    assert receive(called, 1000) == CONTENT[60:100]
    assert how_it_ends(caller) == "end"


def test_slow_close(world: tuple[Links, dict[str, Pair]]) -> None:
    """The end of a stream comes its delay after it was sent; the other direction goes on."""
    caller, called = world[0].pair("test->slow_close")
    caller.sendall(CONTENT)
    begun = world[0].now()
    caller.shutdown(socket.SHUT_WR)
    assert receive(called, len(CONTENT)) == CONTENT
    assert how_it_ends(called) == "end"
    assert world[0].now() - begun >= 200 * MS
    called.sendall(CONTENT)
    assert receive(caller, len(CONTENT)) == CONTENT


def test_black_hole(world: tuple[Links, dict[str, Pair]]) -> None:
    """On a connection from before nothing arrives any more; a new one is taken by the system, and goes nowhere."""
    caller, called = world[1]["test->black_hole"]
    late = world[0].call("test->black_hole")
    for sock in (caller, called, late):
        sock.sendall(b"into the hole")
    caller.shutdown(socket.SHUT_WR)
    round_trips(world[0])
    assert is_silent(caller)
    assert is_silent(called)
    assert is_silent(late)
    assert is_silent(world[0].listeners["test->black_hole"])


def test_timeout(world: tuple[Links, dict[str, Pair]]) -> None:
    """What is sent is lost; its time after, not before, both ends see the connection closed."""
    caller, called = world[1]["test->timeout"]
    begun = world[0].now()
    caller.sendall(b"lost")
    assert how_it_ends(called) == "end"
    assert how_it_ends(caller) == "end"
    assert world[0].now() - begun >= 200 * MS


def test_no_connection_is_kept_for_nothing(world: tuple[Links, dict[str, Pair]]) -> None:
    """Connections that were closed, by either side, at once or by halves, or reset, cost the proxy no descriptor."""
    before = world[0].proxy.descriptors()
    for number in range(40):
        first, second = world[0].pair("test->healthy")[:: 1 if number % 2 else -1]
        if number % 4 < 2:
            first.shutdown(socket.SHUT_WR)
            assert how_it_ends(second) == "end"
            second.close()
            assert how_it_ends(first) == "end"
        else:
            second.sendall(b"never read")
            reset(first)
            assert how_it_ends(second) == "reset"
    wait_until(
        lambda: world[0].proxy.descriptors() <= before, lambda: f"{world[0].proxy.descriptors()} <= {before} descriptors"
    )


def test_a_reset_after_the_end(world: tuple[Links, dict[str, Pair]]) -> None:
    """A caller that has finished and then resets breaks the pipe of whoever still answers it."""
    caller, called = world[0].pair("test->healthy")
    caller.shutdown(socket.SHUT_WR)
    assert how_it_ends(called) == "end"
    reset(caller)
    wait_until(lambda: not can_send(called), lambda: "an error on sending")


def can_send(sock: socket.socket) -> bool:
    """Does the system still take bytes for this connection?"""
    try:
        sock.sendall(b"answer")
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def test_stall() -> None:
    """What is sent in a stall arrives after it, all of it and in order; connections are not cut."""
    stall = Stall(link="test->stall", at_s=0, seconds=1.5)
    with links(stall) as world:
        caller, called = world.pair("test->stall")
        caller.sendall(b"before ")
        assert receive(called, 7) == b"before "
        world.begin()
        caller.sendall(b"in ")
        called.sendall(b"back")
        sent_at = world.now()
        assert sent_at < stall.end_ns
        caller.sendall(b"it")
        assert receive(called, 5) == b"in it"
        assert receive(caller, 4) == b"back"
        assert world.now() >= stall.end_ns
        caller.sendall(b"after")
        assert receive(called, 5) == b"after"


def test_reset() -> None:
    """Open connections are reset when it begins, at both ends; new ones too while it acts, and none after it."""
    fault = Reset(link="test->reset", at_s=0, seconds=1)
    with links(fault) as world:
        caller, called = world.pair("test->reset")
        idle = world.pair("test->reset")
        caller.sendall(b"asked")
        assert receive(called, 5) == b"asked"
        world.begin()
        assert [how_it_ends(sock) for sock in (caller, called, *idle)] == ["reset"] * 4
        refused = 0
        while world.arrives("test->reset") is None:
            refused += 1
        assert refused > 0
        assert world.now() >= fault.end_ns
        assert is_silent(world.listeners["test->reset"])
