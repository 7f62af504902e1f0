"""The proxy and the load on their own: the test is their parent, and speaks to them as the runner of a live run does."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psutil

from labs.kit.model.faults import LinkFault, Reset, as_plain
from labs.kit.worlds.live.world import environment
from tests.kit.live.processes import GIVE_UP_S

PROBE = "test->probe"
"""A link of its own that is cut when the run begins: so a test knows that the proxy has heard of it."""


class Driven:
    """One process of a live run, and the lines to and from it."""

    def __init__(self, module: str, spec: dict[str, Any], folder: str, descriptors: int | None) -> None:
        command = [sys.executable, "-P", "-m", f"labs.kit.worlds.live.{module}"]
        if descriptors:
            command = ["/bin/sh", "-c", f'ulimit -Sn {descriptors} && exec "$@"', "sh", *command]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(folder), start_new_session=True
        )
        self.order(**spec)
        self.ready = self.hear()["ready"]

    def order(self, **message: Any) -> None:
        """Send it one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Its next line."""
        assert self.process.stdout is not None
        message: dict[str, Any] = json.loads(self.process.stdout.readline())
        return message

    def stop(self) -> list[dict[str, Any]]:
        """Tell it to finish: all that it still says."""
        self.order(stop=True)
        said = [self.hear()]
        while "ended" not in said[-1]:
            said.append(self.hear())
        return said

    def descriptors(self) -> int:
        """How many files and sockets it holds open."""
        return psutil.Process(self.process.pid).num_fds()


@contextlib.contextmanager
def driven(module: str, spec: dict[str, Any], descriptors: int | None = None) -> Iterator[Driven]:
    """A module of worlds/live with this description, at most `descriptors` open as a shell would allow; gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        one = Driven(module, spec, folder, descriptors)
        try:
            yield one
        finally:
            for stream in (one.process.stdin, one.process.stdout):
                assert stream is not None
                stream.close()
            one.process.wait(GIVE_UP_S)


def listener() -> socket.socket:
    """A socket that listens on a free port of loopback."""
    found = socket.create_server(("127.0.0.1", 0), backlog=1024)
    found.settimeout(GIVE_UP_S)
    return found


def connected(port: int) -> socket.socket:
    """A connection to a port of loopback, without delays of the system's own."""
    found = socket.create_connection(("127.0.0.1", port), GIVE_UP_S)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def receive(sock: socket.socket, size: int) -> bytes:
    """Exactly so many bytes, or those up to the end of the stream."""
    got = b""
    while len(got) < size and (data := sock.recv(size - len(got))):
        got += data
    return got


def reset(sock: socket.socket) -> None:
    """Close it so that its peer sees a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def how_it_ends(sock: socket.socket) -> str:
    """ "end" or "reset", whichever comes first."""
    try:
        return "data" if sock.recv(1) else "end"
    except ConnectionResetError:
        return "reset"


class Links:
    """A proxy with one link "test->NAME" for each name, each to a listener of the test."""

    def __init__(self, proxy: Driven, names: Sequence[str]) -> None:
        self.proxy = proxy
        self.ports: dict[str, int] = proxy.ready
        self.listeners = {name: listener() for name in (*names, PROBE)}
        self.sockets: list[socket.socket] = list(self.listeners.values())
        self.start_ns = 0
        proxy.order(targets={name: found.getsockname()[1] for name, found in self.listeners.items()})
        self.probe: socket.socket | None = None
        while self.probe is None:  # until the proxy knows where the links lead
            self.probe = self.arrives(PROBE)

    def call(self, name: str) -> socket.socket:
        """The caller's end of a new connection over a link."""
        self.sockets.append(connected(self.ports[name]))
        return self.sockets[-1]

    def accept(self, name: str) -> socket.socket:
        """The called end of a connection over a link."""
        accepted, _ = self.listeners[name].accept()
        accepted.settimeout(GIVE_UP_S)
        self.sockets.append(accepted)
        return accepted

    def pair(self, name: str) -> tuple[socket.socket, socket.socket]:
        """Both ends of a new connection over a link."""
        return self.call(name), self.accept(name)

    def arrives(self, name: str) -> socket.socket | None:
        """A new connection over a link of which a byte reached the called; None if it was reset instead."""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            caller = self.call(name)  # raises in the middle of this if the reset comes that soon
            caller.sendall(b"?")
            ready, _, _ = select.select([caller, self.listeners[name]], [], [], GIVE_UP_S)
            if caller not in ready and receive(self.accept(name), 1) == b"?":
                return caller
            self.sockets.remove(caller)
            caller.close()
        return None

    def begin(self) -> None:
        """The run begins, and the proxy has heard of it."""
        self.start_ns = time.monotonic_ns()
        self.proxy.order(start=self.start_ns)
        assert self.probe is not None
        how_it_ends(self.probe)

    def now(self) -> int:
        """Time of the run, in ns."""
        return time.monotonic_ns() - self.start_ns


@contextlib.contextmanager
def links(*faults: LinkFault, healthy: Sequence[str] = ()) -> Iterator[Links]:
    """A proxy with a link for each fault, and some without."""
    names = [*dict.fromkeys(fault.link for fault in faults), *healthy]
    on = [*faults, Reset(link=PROBE, at_s=0)]
    plain = [{"name": name, "faults": [as_plain(f) for f in on if f.link == name]} for name in (*names, PROBE)]
    with driven("proxy", {"links": plain, "seed": 1}) as proxy:
        found = Links(proxy, names)
        try:
            yield found
        finally:
            for sock in found.sockets:
                sock.close()
