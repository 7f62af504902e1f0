"""Replaces the entries of the socket module in a simulated host."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from labs.kit.worlds.simulated.host import sockets
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.host.sockets import SimSocket, unroutable


def socketpair(*args: Any, **kwargs: Any) -> tuple[SimSocket, SimSocket]:
    """Two connected sockets inside this host; asyncio wakes its event loop with them."""
    one, other = SimSocket(), SimSocket()
    one.peer, other.peer = other, one
    one.state = other.state = "up"
    one.remote = other.remote = ("", 0)
    return one, other


def _adopt(*descriptor: Any) -> Any:
    raise unroutable(errno.EOPNOTSUPP, "socket.fromfd")


def install(kernel: Kernel) -> Network:
    """Replace the socket module's entries."""
    net = sockets.net = Network(kernel)
    net.new_socket = lambda: SimSocket(_descriptor=False)
    module: Any = socket
    module.socket = module.SocketType = SimSocket
    module.socketpair = socketpair
    module.fromfd = _adopt
    module.getaddrinfo = net.getaddrinfo
    module.gethostbyname = net.resolve
    module.gethostbyname_ex = lambda name: (name, [], [net.resolve(name)])
    module.gethostbyaddr = lambda address: (net.name_of(net.resolve(address)), [], [net.resolve(address)])
    module.getnameinfo = lambda address, flags: (address[0], str(address[1]))
    module.gethostname = lambda: "host"
    module.setdefaulttimeout = lambda seconds: setattr(net, "default_timeout", seconds)
    module.getdefaulttimeout = lambda: net.default_timeout
    if hasattr(os, "sendfile"):
        del os.sendfile  # it would write to the descriptor's number; asyncio then reads the file and sends
    return net
