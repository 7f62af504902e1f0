"""Sockets of the simulated host: TCP as far as asyncio, aiohttp, requests and urllib use it."""

from __future__ import annotations

import errno
import heapq
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from labs.kit.simulated.kernel import Kernel, SimThread
from labs.kit.simulated.wire import ACCEPTED, CONNECT, CREDIT, DATA, FIN, LISTEN, NEVER, NS, RESET, SYN, WINDOW

FIRST_DESCRIPTOR = 1000
DESCRIPTOR_LIMIT = 1 << 20
FIRST_PORT = 32_768
READABLE, WRITABLE = 1, 2


class Unroutable(OSError):
    """A kind of socket that this world has no network for."""


class Network:
    """The open sockets of this host, by descriptor, by connection and by port."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.address = "10.0.0.1"
        self.names: dict[str, str] = {}
        self.by_descriptor: dict[int, SimSocket] = {}
        self.by_connection: dict[int, SimSocket] = {}
        self.listening: dict[int, SimSocket] = {}
        self.default_timeout: float | None = None
        self.descriptor_limit = DESCRIPTOR_LIMIT
        self._free: list[int] = []
        self._highest = FIRST_DESCRIPTOR
        self._next_connection = 1
        self._next_port = FIRST_PORT
        kernel.on_message = self.deliver

    def open_descriptor(self, sock: SimSocket) -> int:
        """The lowest free descriptor, as the system gives it."""
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

    def new_connection(self, sock: SimSocket) -> int:
        """An odd number for a connection that this host opens; the judge numbers its own evenly."""
        cid = self._next_connection
        self._next_connection += 2
        self.by_connection[cid] = sock
        return cid

    def new_port(self) -> int:
        """A port for an outgoing connection, or for a listener that asks for port 0."""
        self._next_port += 1
        return FIRST_PORT + (self._next_port - FIRST_PORT) % 28_000

    def deliver(self, kind: bytes, cid: int, payload: bytes) -> None:
        """A message of the judge has reached this host."""
        if kind == SYN:
            self._accept(cid, payload)
            return
        sock = self.by_connection.get(cid)
        if sock is None:
            if kind == DATA:
                self.kernel.send(RESET, cid)
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
            sock.error = errno.ECONNREFUSED if sock.state == "connecting" else errno.ECONNRESET
            sock.state, sock.at_eof = "dead", True
            self.forget(cid)
        sock.notify()

    def _accept(self, cid: int, payload: bytes) -> None:
        port = int.from_bytes(payload[:2], "little")
        listener = self.listening.get(port)
        if listener is None:
            self.kernel.send(RESET, cid)
            return
        if len(listener.backlog) >= listener.backlog_limit:
            return  # dropped, as a full backlog drops it
        sock = SimSocket(_descriptor=False)
        sock.state, sock.cid = "up", cid
        sock.local = (self.address, port)
        sock.remote = (payload[2:].decode("ascii", "replace"), FIRST_PORT + cid % 28_000)
        self.by_connection[cid] = sock
        self.kernel.send(ACCEPTED, cid)
        listener.backlog.append(sock)
        listener.notify()

    def forget(self, cid: int) -> None:
        """The connection is over on both sides."""
        self.by_connection.pop(cid, None)

    def resolve(self, name: str) -> str:
        """The address of a host name; a name nobody has raises socket.gaierror, as live."""
        if name in ("", "localhost", "127.0.0.1", "::1", "0.0.0.0"):  # noqa: S104 - compared, not bound
            return "127.0.0.1"
        if name.replace(".", "").isdigit() and name.count(".") == 3:
            return name
        if name.lower() not in self.names:
            known = ", ".join(sorted(self.names)) or "none"
            raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {name!r} (the simulated hosts: {known})")
        return self.names[name.lower()]


RealSocket = socket.socket
"""The class that `install` replaces: the zygote talks to the judge through it."""

net: Network
"""The network of this process; `install` sets it."""


class SimSocket:
    """A TCP socket. `received` is the receive buffer, `credit` how much the peer's buffer still takes."""

    def __init__(self, family: int = -1, type: int = -1, proto: int = 0, fileno: int | None = None, *, _descriptor: bool = True):
        family = socket.AF_INET if family == -1 else family
        kind = socket.SOCK_STREAM if type == -1 else type & 0xF
        if fileno is not None:
            raise Unroutable(errno.EOPNOTSUPP, "the simulated world cannot adopt a descriptor")
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise Unroutable(errno.EAFNOSUPPORT, f"the simulated world has no address family {family}, only AF_INET and AF_INET6")
        if kind != socket.SOCK_STREAM:
            raise Unroutable(errno.EPROTONOSUPPORT, "the simulated world carries TCP only")
        self.family, self.type, self.proto = family, socket.SOCK_STREAM, proto
        self.timeout = net.default_timeout
        self.state = "new"  # new, listening, connecting, up, dead
        self.is_closed = False
        self.received = bytearray()
        self.at_eof = False
        self.error = 0
        self.cid = 0
        self.credit = WINDOW
        self.unacknowledged = 0
        self.backlog: deque[SimSocket] = deque()
        self.backlog_limit = 0
        self.peer: SimSocket | None = None  # the other end of a socketpair
        self.write_shut = False
        self.local: tuple[str, int] = ("0.0.0.0", 0)  # noqa: S104 - what an unbound socket reports
        self.remote: tuple[str, int] | None = None
        self.waiters: list[SimThread] = []
        self.selectors: list[Any] = []
        self._io_refs = 0
        self._closed = False
        self.descriptor = net.open_descriptor(self) if _descriptor else -1

    # -- readiness

    def readiness(self) -> int:
        """READABLE and WRITABLE, as a selector sees them."""
        mask = 0
        if self.received or self.at_eof or self.error or self.backlog:
            mask = READABLE
        if self.error or self.state == "dead" or (self.state == "up" and self.credit > 0):
            mask |= WRITABLE
        return mask

    def notify(self) -> None:
        """Something changed: wake those who wait for this socket."""
        for selector in self.selectors:
            selector.touched(self.descriptor)
        waiters, self.waiters = self.waiters, []
        for thread in waiters:
            net.kernel.wake(thread)

    def _wait(self, ready: Callable[[], object]) -> None:
        """Block until `ready()`, the timeout, or the close of this socket by another thread."""
        if self.timeout == 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        kernel = net.kernel
        deadline = NEVER if self.timeout is None else kernel.now + round(self.timeout * NS)
        while not ready() and not self.is_closed:
            if kernel.now >= deadline:
                raise TimeoutError("timed out")
            self.waiters.append(kernel.current)
            if not kernel.park(deadline, reachable=True) and kernel.current in self.waiters:
                self.waiters.remove(kernel.current)
        if self.is_closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def _raise_error(self) -> None:
        if self.error:
            code, self.error = self.error, 0
            raise OSError(code, os.strerror(code))

    # -- opening

    def bind(self, address: tuple[Any, ...]) -> None:
        port = address[1] or net.new_port()
        if port in net.listening:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.local = (address[0] or "0.0.0.0", port)  # noqa: S104 - simulated

    def listen(self, backlog: int = 128) -> None:
        port = self.local[1]
        if net.listening.get(port, self) is not self:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.state, self.backlog_limit = "listening", backlog
        net.listening[port] = self
        net.kernel.send(LISTEN, port)

    def accept(self) -> tuple[SimSocket, Any]:
        if not self.backlog:
            self._wait(lambda: self.backlog)
        sock = self.backlog[0]
        sock.descriptor = net.open_descriptor(sock)  # may fail with EMFILE: the connection then stays queued
        sock.timeout = net.default_timeout
        self.backlog.popleft()
        return sock, sock.remote

    def connect(self, address: tuple[Any, ...]) -> None:
        if self.state == "up":
            raise OSError(errno.EISCONN, os.strerror(errno.EISCONN))
        if self.state == "connecting" and self.timeout == 0:
            raise OSError(errno.EALREADY, os.strerror(errno.EALREADY))
        if self.state != "connecting":
            host, port = net.resolve(address[0]), int(address[1])
            self.state, self.remote = "connecting", (host, port)
            self.local = (net.address, net.new_port())
            self.cid = net.new_connection(self)
            net.kernel.send(CONNECT, self.cid, f"{host}:{port}".encode("ascii"))
        if self.timeout == 0:
            raise BlockingIOError(errno.EINPROGRESS, os.strerror(errno.EINPROGRESS))
        self._wait(lambda: self.state != "connecting")
        self._raise_error()

    def connect_ex(self, address: tuple[Any, ...]) -> int:
        try:
            self.connect(address)
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    # -- bytes

    def recv(self, size: int, flags: int = 0) -> bytes:
        if not self.received:
            self._raise_error()
            if self.at_eof:
                return b""
            if self.is_closed:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            if self.state not in ("up", "dead"):
                raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
            self._wait(lambda: self.received or self.at_eof or self.error)
            self._raise_error()
        data = bytes(self.received[:size])
        if not flags & socket.MSG_PEEK:
            del self.received[:size]
            self._acknowledge(len(data))
        return data

    def _acknowledge(self, size: int) -> None:
        """Tell the sender now and then that its bytes were read."""
        self.unacknowledged += size
        if self.peer is None and self.unacknowledged >= WINDOW // 2:
            net.kernel.send(CREDIT, self.cid, self.unacknowledged.to_bytes(4, "little"))
            self.unacknowledged = 0

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def recvfrom(self, size: int, flags: int = 0) -> tuple[bytes, Any]:
        return self.recv(size, flags), self.remote

    def send(self, data: Any, flags: int = 0) -> int:
        if self.is_closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if self.peer is not None:
            self.peer.received += data
            self.peer.notify()
            return len(data)
        self._raise_error()
        if self.state != "up" or self.write_shut:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if self.credit <= 0:
            self._wait(lambda: self.credit > 0 or self.error)
            self._raise_error()
        piece = bytes(data[: self.credit])
        self.credit -= len(piece)
        net.kernel.send(DATA, self.cid, piece)
        return len(piece)

    def sendall(self, data: Any, flags: int = 0) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view) :]

    def sendmsg(self, buffers: Any, *rest: Any) -> int:
        return self.send(b"".join(buffers))

    # -- closing

    def shutdown(self, how: int) -> None:
        if self.remote is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        if how in (socket.SHUT_WR, socket.SHUT_RDWR) and self.state == "up" and not self.write_shut:
            self.write_shut = True
            net.kernel.send(FIN, self.cid)

    def close(self) -> None:
        self._closed = True
        if self._io_refs <= 0:
            self._real_close()

    def _real_close(self) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        if self.descriptor >= 0:
            net.close_descriptor(self.descriptor)
        if self.peer is not None:
            self.peer.at_eof = True
            self.peer.notify()
        elif self.state == "listening":
            net.listening.pop(self.local[1], None)
            for sock in self.backlog:
                net.forget(sock.cid)
                net.kernel.send(RESET, sock.cid)
        elif self.state == "connecting" or (self.state == "up" and self.received):
            net.forget(self.cid)
            net.kernel.send(RESET, self.cid)
        elif self.state == "up":
            if not self.write_shut:
                net.kernel.send(FIN, self.cid)
            if self.at_eof:
                net.forget(self.cid)
        if self.waiters:
            self.notify()

    def __del__(self) -> None:
        if not getattr(self, "is_closed", True):
            self.close()

    # -- the rest of the interface

    def fileno(self) -> int:
        return -1 if self.is_closed else self.descriptor

    def setblocking(self, flag: bool) -> None:
        self.timeout = None if flag else 0.0

    def getblocking(self) -> bool:
        return self.timeout != 0

    def settimeout(self, seconds: float | None) -> None:
        self.timeout = None if seconds is None else float(seconds)

    def gettimeout(self) -> float | None:
        return self.timeout

    def setsockopt(self, *option: Any) -> None:
        """Accepted and without effect: there is no Nagle delay, no keep-alive probe here."""

    def getsockopt(self, level: int, option: int, *size: Any) -> int:
        if option == socket.SO_ERROR:
            code, self.error = self.error, 0
            return code
        return int(self.type) if option == socket.SO_TYPE else 0

    def getsockname(self) -> tuple[str, int]:
        return self.local

    def getpeername(self) -> tuple[str, int]:
        if self.remote is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return self.remote

    def detach(self) -> int:
        raise Unroutable(errno.EOPNOTSUPP, "the simulated world cannot detach a socket")

    def dup(self) -> SimSocket:
        raise Unroutable(errno.EOPNOTSUPP, "the simulated world cannot duplicate a socket")

    def __enter__(self) -> SimSocket:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<socket fd={self.descriptor} {self.state} {self.local} -> {self.remote}>"

    makefile = socket.socket.makefile
    _decref_socketios = socket.socket._decref_socketios  # type: ignore[attr-defined]  # makefile() needs it


def socketpair(*args: Any, **kwargs: Any) -> tuple[SimSocket, SimSocket]:
    """Two connected sockets inside this host: asyncio wakes its own loop with them."""
    one, other = SimSocket(), SimSocket()
    one.peer, other.peer = other, one
    one.state = other.state = "up"
    one.remote = other.remote = ("", 0)
    return one, other


def getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
    """Name lookup over the hosts of this world; IPv4 only."""
    name = host.decode() if isinstance(host, bytes) else (host or "")
    if not name and flags & socket.AI_PASSIVE:
        address = "0.0.0.0"  # noqa: S104 - simulated
    else:
        address = net.resolve(name)
    if family not in (0, socket.AF_INET):
        raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {name!r} has no address of family {family}")
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, int(port or 0)))]


def install(kernel: Kernel) -> Network:
    """Replace the socket module's entries."""
    global net
    net = Network(kernel)
    module: Any = socket
    module.socket = module.SocketType = SimSocket
    module.socketpair = socketpair
    module.getaddrinfo = getaddrinfo
    module.gethostbyname = lambda name: net.resolve(name)
    module.gethostname = lambda: "host"
    module.setdefaulttimeout = lambda seconds: setattr(net, "default_timeout", seconds)
    module.getdefaulttimeout = lambda: net.default_timeout
    return net
