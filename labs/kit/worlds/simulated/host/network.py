"""The network of one simulated host: its open sockets, the host names, and the messages that the judge delivers."""

from __future__ import annotations

import errno
import heapq
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.wire import ACCEPTED, ASK, CREDIT, DATA, FIN, READY_CHECK, RESET, SYN, SYN_AGAIN

FIRST_DESCRIPTOR = 1000
DESCRIPTOR_LIMIT = 16_384
"""The limit of open sockets of one host; one more is EMFILE, "Too many open files", as in any container."""
FIRST_PORT = 32_768
PORTS = 28_000
SYN_TRIES = 6
HERE = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - an address to compare with; nothing real is bound


class Socket(Protocol):
    """The part of a socket that the network uses (sockets.py has the class)."""

    state: str
    cid: int
    local: tuple[str, int]
    remote: tuple[str, int] | None
    received: bytearray
    credit: int
    at_eof: bool
    error: int
    is_closed: bool
    backlog: deque[Any]
    backlog_limit: int
    peer: Any
    waiters: list[Any]
    selectors: list[Any]

    def readiness(self) -> int:
        """The socket's readiness as a selector sees it."""

    def notify(self) -> None:
        """Wake the threads that wait for this socket: its state has changed."""


class Network:
    """The open sockets of this host, by descriptor, by connection and by port."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.address = "10.0.0.1"
        self.names: dict[str, str] = {}
        self.by_descriptor: dict[int, Socket] = {}
        self.by_connection: dict[int, Socket] = {}
        self.listening: dict[int, Socket] = {}
        self.default_timeout: float | None = None
        self.descriptor_limit = DESCRIPTOR_LIMIT
        self.on_ready_check: Callable[[], None] = lambda: None
        self.on_ask: Callable[[bytes], None] = lambda when: None
        self.new_socket: Callable[[], Socket]  # without a descriptor; set by socket_module.py
        self._free: list[int] = []
        self._highest = FIRST_DESCRIPTOR
        self._next_connection = 1
        self._next_port = 0
        self._waiting_syns: dict[int, int] = {}  # connection -> how often its SYN met a full backlog
        kernel.on_message = self.deliver

    # -- numbers

    def open_descriptor(self, sock: Socket) -> int:
        """The lowest free descriptor, as a system assigns it."""
        if len(self.by_descriptor) >= self.descriptor_limit:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        if self._free:
            descriptor = heapq.heappop(self._free)
        else:
            descriptor = self._highest
            self._highest += 1
        self.by_descriptor[descriptor] = sock
        return descriptor

    def close_descriptor(self, descriptor: int) -> None:
        """Give a descriptor back."""
        if self.by_descriptor.pop(descriptor, None) is not None:
            heapq.heappush(self._free, descriptor)

    def new_connection(self, sock: Socket) -> int:
        """An odd number for a connection that this host opens; the judge assigns the even numbers."""
        cid = self._next_connection
        self._next_connection += 2
        self.by_connection[cid] = sock
        return cid

    def new_port(self) -> int:
        """A port for an outgoing connection, or for a listener that asks for port 0."""
        self._next_port += 1
        return FIRST_PORT + self._next_port % PORTS

    def forget(self, cid: int) -> None:
        """Forget a connection that is closed on both sides."""
        self.by_connection.pop(cid, None)

    # -- what arrives

    def deliver(self, kind: bytes, cid: int, payload: bytes) -> None:
        """Handle a message from the judge."""
        if kind == SYN:
            self._accept(cid, payload)
            return
        sock = self.by_connection.get(cid)
        if sock is None:
            self._deliver_to_nobody(kind, cid, payload)
            return
        if kind == DATA:
            if sock.is_closed:
                self.forget(cid)
                self.kernel.send(RESET, cid)
                return
            sock.received += payload
        elif kind == CREDIT:
            sock.credit += int.from_bytes(payload, "little")
        elif kind == FIN:
            sock.at_eof = True
            if sock.is_closed:
                self.forget(cid)
        elif kind == ACCEPTED:
            sock.state = "up"
        elif kind == RESET:
            if sock.state == "connecting":
                sock.error = errno.ECONNREFUSED
            else:
                sock.error = errno.EPIPE if sock.at_eof else errno.ECONNRESET  # after the peer's FIN it is EPIPE
            sock.state, sock.at_eof = "dead", True
            self.forget(cid)
        sock.notify()

    def _deliver_to_nobody(self, kind: bytes, cid: int, payload: bytes) -> None:
        if kind == DATA:
            self.kernel.send(RESET, cid)
        elif kind in (FIN, RESET):
            self._waiting_syns.pop(cid, None)  # the caller gave up
        elif kind == SYN_AGAIN and cid in self._waiting_syns:
            self._accept(cid, payload)
        elif kind == READY_CHECK:
            self.on_ready_check()
        elif kind == ASK:
            self.on_ask(payload)

    def _accept(self, cid: int, payload: bytes) -> None:
        """A SYN arrives: the system answers it for the listener, whether or not the listener's thread runs now."""
        port = int.from_bytes(payload[:2], "little")
        listener = self.listening.get(port)
        if listener is None or listener.local[0] == HERE:
            self._waiting_syns.pop(cid, None)
            self.kernel.send(RESET, cid)
            return
        if len(listener.backlog) >= listener.backlog_limit:
            self._knock_again(cid, payload)
            return
        self._waiting_syns.pop(cid, None)
        sock = self.new_socket()
        sock.state, sock.cid = "up", cid
        sock.local = (self.address, port)
        sock.remote = (payload[2:].decode("ascii", "replace"), FIRST_PORT + cid % PORTS)
        self.by_connection[cid] = sock
        self.kernel.send(ACCEPTED, cid)
        listener.backlog.append(sock)
        listener.notify()

    def _knock_again(self, cid: int, payload: bytes) -> None:
        """A full backlog drops the SYN; the caller's system sends it again after 1 s, 2 s, 4 s, ..."""
        tries = self._waiting_syns.get(cid, 0)
        self._waiting_syns[cid] = tries + 1
        if tries < SYN_TRIES:
            kernel = self.kernel
            heapq.heappush(kernel.inbox, (kernel.now + (NS << tries), kernel.next_sequence(), SYN_AGAIN, cid, payload))

    def connect_here(self, sock: Socket, port: int) -> None:
        """A connection within this host: no link, no delay. Raises ConnectionRefusedError."""
        listener = self.listening.get(port)
        if listener is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        other = self.new_socket()
        other.local, other.remote = (HERE, port), sock.local
        sock.peer, other.peer = other, sock
        sock.state = other.state = "up"
        listener.backlog.append(other)
        listener.notify()

    # -- names

    def is_here(self, address: str) -> bool:
        """Is this an address of this host?"""
        return address in (HERE, self.address)

    def resolve(self, name: str) -> str:
        """The address of a host name. Raises socket.gaierror for an unknown name, as live."""
        if name in ("", "localhost", "::1", EVERYWHERE):
            return HERE
        if name.isascii() and name.replace(".", "").isdigit() and name.count(".") == 3:
            return name
        found = self.names.get(name.lower().rstrip("."))
        if found is None:
            known = ", ".join(sorted(self.names)) or "none"
            raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {name!r} (the simulated hosts: {known})")
        return found

    def name_of(self, address: str) -> str:
        """The name of an address. Raises socket.herror."""
        if address == HERE:
            return "localhost"
        for name, at in self.names.items():
            if at == address:
                return name
        raise socket.herror(1, f"Unknown host: {address}")

    def getaddrinfo(self, host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
        """socket.getaddrinfo over the hosts of this world; IPv4 only."""
        name = host.decode() if isinstance(host, bytes) else (host or "")
        address = EVERYWHERE if not name and flags & socket.AI_PASSIVE else self.resolve(name)
        if family not in (0, socket.AF_INET):
            raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {name!r} in address family {family}")
        kind = type or socket.SOCK_STREAM
        protocol = proto or (socket.IPPROTO_TCP if kind == socket.SOCK_STREAM else socket.IPPROTO_UDP)
        return [(socket.AF_INET, socket.SocketKind(kind), protocol, "", (address, _port(port)))]


def _port(port: Any) -> int:
    """A port from a number, from digits or from the name of its service."""
    if port is None or port == "":
        return 0
    text = port.decode() if isinstance(port, bytes) else str(port)
    if text.isdigit():
        return int(text)
    try:
        return socket.getservbyname(text)
    except OSError:
        raise socket.gaierror(socket.EAI_SERVICE, f"Servname not supported: {text!r}") from None
