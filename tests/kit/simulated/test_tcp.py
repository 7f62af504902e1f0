"""What TCP does at its edges, in the simulated world as on a machine."""

from __future__ import annotations

import pytest

from labs.kit.model.verdict import Status
from tests.kit.simulated.bare import bare
from tests.kit.simulated.tiny import tiny_run

PAIR = """
def pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        return client, server.accept()[0]

def error_of(work):
    try:
        work()
        return "none"
    except OSError as error:
        return type(error).__name__

a, b = pair()
"""


def test_one_half_closes() -> None:
    """After shutdown(SHUT_WR) the other side sees the end, and can still answer."""
    code = """
a.sendall(b"question")
a.shutdown(socket.SHUT_WR)
said.append([b.recv(100).decode(), b.recv(100).decode()])
b.sendall(b"answer")
b.close()
said.append([a.recv(100).decode(), a.recv(100).decode(), error_of(lambda: a.send(b"x"))])
"""
    assert bare(PAIR + code) == [["question", ""], ["answer", "", "BrokenPipeError"]]


def test_closing_over_unread_bytes_resets() -> None:
    """A socket closed with bytes unread resets its peer; closed after reading them, it ends in peace."""
    code = """
a.sendall(b"never read")
b.close()
said.append(error_of(lambda: a.recv(10)))
a, b = pair()
a.sendall(b"read")
b.recv(10)
b.close()
said.append(a.recv(10).decode())
"""
    assert bare(PAIR + code) == ["ConnectionResetError", ""]


def test_a_full_window_stops_the_sender() -> None:
    """A sender whose peer does not read blocks after 256 KiB, and goes on when it reads."""
    code = """
def send():
    a.sendall(b"x" * 1_000_000)
    said.append(["sent at", round(time.monotonic() - 1000, 3)])
    a.close()
sender = threading.Thread(target=send)
sender.start()
time.sleep(1)
got = 0
while data := b.recv(100_000):
    got += len(data)
sender.join()
said.append(got)
a, b = pair()
a.setblocking(False)
said.append([a.send(b"y" * 500_000), error_of(lambda: a.send(b"y"))])
"""
    assert bare(PAIR + code) == [["sent at", 1.0], 1_000_000, [262_144, "BlockingIOError"]]


def test_ports_and_addresses() -> None:
    """A taken port, somebody else's address and a port where nobody listens are refused as on a machine."""
    code = """
taken = socket.create_server(("", 5000))
said.append(error_of(lambda: socket.create_server(("", 5000))))
said.append(error_of(lambda: socket.socket().bind(("192.0.2.1", 5001))))
said.append(error_of(lambda: socket.create_connection(("localhost", 5002))))
said.append(error_of(lambda: socket.create_connection(("nowhere", 80))))
said.append([socket.getfqdn("127.0.0.1"), socket.getaddrinfo("localhost", "http")[0][4], taken.getsockname()])
said.append(error_of(lambda: taken.accept() if taken.settimeout(0.5) is None else 0))
"""
    errors = ["OSError", "OSError", "ConnectionRefusedError", "gaierror"]
    names = ["localhost", ["127.0.0.1", 80], ["0.0.0.0", 5000]]
    assert bare(PAIR + code) == [*errors, names, "TimeoutError"]


def test_descriptors_run_out_and_come_back() -> None:
    """At the descriptor limit a connection stays in the queue, and is accepted once a descriptor is free."""
    code = """
server = socket.create_server(("", 5000))
client = socket.create_connection(("localhost", 5000))
net.descriptor_limit = len(net.by_descriptor)
said.append(error_of(server.accept))
a.close()
said.append(error_of(lambda: said.append(server.accept()[0].getpeername() == client.getsockname())))
"""
    assert bare(PAIR + code) == ["OSError", True, "none"]


def test_makefile_keeps_a_socket_open() -> None:
    """A socket that was closed stays usable through its file, and is closed with that."""
    code = """
file = a.makefile("rwb")
a.close()
b.sendall(b"line\\n")
said.append(file.readline().decode())
file.write(b"back")
file.flush()
file.close()
said.append([b.recv(10).decode(), b.recv(10).decode()])
"""
    assert bare(PAIR + code) == ["line\n", ["back", ""]]


def test_a_full_backlog_delays_the_caller() -> None:
    """A caller whose SYN meets a full backlog is let in by one that its system sends 1 s later."""
    source = """
import asyncio, socket, threading, time

def call(env):
    begun = time.monotonic()
    socket.create_connection(("peer", 7001))
    env.signals.event("connected", "", str(time.monotonic() - begun))

async def start(env):
    loop = asyncio.get_running_loop()
    for _ in range(3):
        loop.call_later(1.5, threading.Thread(target=call, args=(env,)).start)
"""
    run = tiny_run("fixed", source, seconds=10, calls_peer=True)
    connected = [float(event.detail) for event in run.events("connected")]
    assert len(connected) == 3
    assert max(connected[:2]) < 0.002
    assert 3.0 <= connected[2] < 3.002  # knocked at 0, 1 and 3 s; there was room after 1.5 s


@pytest.mark.parametrize(("port", "seen"), [(7002, [(200, "")]), (7003, [(0, "reset"), (0, "reset")])])
def test_the_tap_sees_what_passes_on_half_a_connection(port: int, seen: list[tuple[int, str]]) -> None:
    """A caller that says its end still gets its answer; requests after the end of the called service are counted too."""
    source = f"""
import asyncio

GET = b"GET / HTTP/1.1\\r\\nHost: peer\\r\\n\\r\\n"

async def start(env):
    async def ask():
        await asyncio.sleep(1.5)
        reader, writer = await asyncio.open_connection("peer", {port})
        writer.write(GET)
        if {port} == 7003:
            await reader.read()  # the peer's end
            await asyncio.sleep(0.1)
            writer.write(GET)
        writer.write_eof()
        await reader.read()
        writer.close()
    start.task = asyncio.ensure_future(ask())
"""
    run = tiny_run("fixed", source, calls_peer=True)
    assert run.status is Status.PASS
    assert [(row.status, row.error_type) for row in run.requests("me->peer")] == seen
