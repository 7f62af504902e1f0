"""The sockets of a simulated host: the part of TCP that asyncio, aiohttp, requests and urllib use."""

from __future__ import annotations

import errno
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host import unsupported
from labs.kit.worlds.simulated.host.kernel import SimThread
from labs.kit.worlds.simulated.host.network import EVERYWHERE, Network
from labs.kit.worlds.simulated.wire import CONNECT, CREDIT, DATA, FIN, LISTEN, NEVER, RESET, WINDOW

READABLE, WRITABLE = 1, 2


class Unroutable(OSError):
    """`call` needs a kind of socket that the simulated network does not support."""

    call = ""


def unroutable(code: int, call: str) -> Unroutable:
    """The error for an unsupported socket; the judge is told of it."""
    unsupported.report(call)
    error = Unroutable(code, f"{call} cannot be carried by the simulated world; see docs/simulated-world.md")
    error.call = call
    return error


RealSocket = socket.socket
"""The original class: the zygote's socket to the judge is one of these."""

net = cast(Network, None)
"""The network of this process; socket_module.py sets it."""


class SimSocket:
    """A TCP socket. `received` is the receive buffer, `credit` the free space in the peer's buffer, in bytes."""

    def __init__(
        self, family: int = -1, type: int = -1, proto: int = 0, fileno: int | None = None, *, _descriptor: bool = True
    ) -> None:
        family = socket.AF_INET if family == -1 else family
        kind = socket.SOCK_STREAM if type == -1 else type & 0xF
        if fileno is not None:
            tls = self.__class__.__name__ == "SSLSocket"
            raise unroutable(errno.EOPNOTSUPP, "TLS on a blocking socket" if tls else "socket.socket(fileno=...)")
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise unroutable(errno.EAFNOSUPPORT, f"socket.socket({_name(socket.AddressFamily, family)})")
        if kind != socket.SOCK_STREAM:
            raise unroutable(errno.EPROTONOSUPPORT, f"socket.socket({_name(socket.SocketKind, kind)})")
        self.family, self.type, self.proto = socket.AddressFamily(family), socket.SOCK_STREAM, proto
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
        self.peer: SimSocket | None = None  # the other end, if it is in this host too
        self.write_shut = False
        self.local: tuple[str, int] = (EVERYWHERE, 0)  # the address that an unbound socket reports
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
        if self.error or self.state == "dead" or (self.state == "up" and self.room > 0):
            mask |= WRITABLE
        return mask

    @property
    def room(self) -> int:
        """The number of bytes that the other end can still take."""
        peer = self.peer
        if peer is None:
            return self.credit
        return 1 if peer.is_closed else WINDOW - len(peer.received)  # a write to a closed end does not block: it fails

    def notify(self) -> None:
        """Wake the threads that wait for this socket: its state has changed."""
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
        host = EVERYWHERE if address[0] in ("", "::", EVERYWHERE) else net.resolve(address[0])
        if host != EVERYWHERE and not net.is_here(host):
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        self.local = (host, port)

    def listen(self, backlog: int = 128) -> None:
        if not self.local[1]:
            self.bind(("", 0))
        port = self.local[1]
        if net.listening.get(port, self) is not self:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        self.state, self.backlog_limit = "listening", max(1, backlog)
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
            if not 0 <= port < 1 << 16:
                raise OverflowError("connect(): port must be 0-65535.")
            if port == 0:
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            self.remote = (host, port)
            self.local = (host if net.is_here(host) else net.address, self.local[1] or net.new_port())
            if net.is_here(host):
                net.connect_here(self, port)
                return
            self.state, self.at_eof = "connecting", False
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
        if not flags or not flags & socket.MSG_PEEK:  # the flag is an Enum, and slow
            full = len(self.received) >= WINDOW
            del self.received[:size]
            if self.peer is None:
                self._acknowledge(len(data))
            elif full:
                self.peer.notify()
        return data

    def _acknowledge(self, size: int) -> None:
        """Acknowledge the read bytes to the sender, from time to time."""
        self.unacknowledged += size
        if self.unacknowledged >= WINDOW // 2 and self.state == "up":
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
        self._raise_error()
        if self.state != "up" or self.write_shut:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        room = self.room
        if room <= 0:
            self._wait(lambda: self.room > 0 or self.error)
            self._raise_error()
            room = self.room
        piece = bytes(data[:room])
        if self.peer is None:
            self.credit -= len(piece)
            net.kernel.send(DATA, self.cid, piece)
        elif self.peer.is_closed:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        else:
            self.peer.received += piece
            self.peer.notify()
        return len(piece)

    def sendall(self, data: Any, flags: int = 0) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[self.send(view) :]

    def sendmsg(self, buffers: Any, *rest: Any) -> int:
        return self.send(b"".join(buffers))

    sendfile = socket.socket._sendfile_use_send  # type: ignore[attr-defined]  # read() and send()
    _check_sendfile_params = socket.socket._check_sendfile_params  # type: ignore[attr-defined]

    # -- closing

    def shutdown(self, how: int) -> None:
        if self.remote is None:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        if how in (socket.SHUT_WR, socket.SHUT_RDWR) and self.state == "up" and not self.write_shut:
            self.write_shut = True
            self._finish()

    def _finish(self) -> None:
        """Tell the other end that this end sends no more bytes."""
        if self.peer is None:
            net.kernel.send(FIN, self.cid)
        else:
            self.peer.at_eof = True
            self.peer.notify()

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
        if self.state == "listening":
            net.listening.pop(self.local[1], None)
            for sock in self.backlog:
                sock._reset()
        elif self.state == "connecting" or (self.state == "up" and self.received):
            self._reset()  # as TCP does when bytes arrived that nobody will read
        elif self.state == "up":
            if not self.write_shut:
                self._finish()
            if self.at_eof:
                net.forget(self.cid)
        if self.waiters:
            self.notify()

    def _reset(self) -> None:
        """End the connection at once, in both directions."""
        if self.peer is None:
            net.forget(self.cid)
            net.kernel.send(RESET, self.cid)
        elif not self.peer.is_closed:
            self.peer.error, self.peer.state, self.peer.at_eof = errno.ECONNRESET, "dead", True
            self.peer.notify()

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
        """Accept an option without effect: there is no Nagle delay and no keep-alive probe here."""

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
        raise unroutable(errno.EOPNOTSUPP, "socket.detach")

    def dup(self) -> SimSocket:
        raise unroutable(errno.EOPNOTSUPP, "socket.dup")

    def __enter__(self) -> SimSocket:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<socket fd={self.descriptor} {self.state} {self.local} -> {self.remote}>"

    makefile = socket.socket.makefile
    _decref_socketios = socket.socket._decref_socketios  # type: ignore[attr-defined]  # makefile() needs it


def _name(kind: Any, value: int) -> str:
    """The constant's name, such as AF_UNIX for 1 or SOCK_DGRAM for 2; the number itself if it has no name."""
    try:
        return str(kind(value).name)
    except ValueError:
        return str(value)
