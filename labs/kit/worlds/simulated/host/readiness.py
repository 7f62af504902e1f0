"""The selectors of a simulated host: they report the readiness of its sockets, and wait in virtual time."""

from __future__ import annotations

import errno
import select
import selectors
from collections.abc import Mapping
from typing import Any

from labs.kit.model.names import NS
from labs.kit.worlds.simulated.host.kernel import Kernel, SimThread
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.host.sockets import READABLE, WRITABLE, unroutable
from labs.kit.worlds.simulated.wire import NEVER

POLLIN, POLLOUT, POLLNVAL = 1, 4, 32
NO_SOCKET = "a selector over a descriptor that is not a socket"


def install(kernel: Kernel, net: Network) -> None:
    """Replace `selectors.DefaultSelector`, `select.select` and `select.poll`, and remove the other selectors."""

    class SimSelector(selectors.BaseSelector):
        """Level-triggered readiness. Its cost grows with the ready sockets, not with the registered ones."""

        def __init__(self) -> None:
            self._keys: dict[int, selectors.SelectorKey] = {}
            self._touched: dict[int, None] = {}
            self._waiter: SimThread | None = None

        def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
            descriptor = _descriptor(fileobj)
            if descriptor in self._keys:
                raise KeyError(f"{fileobj!r} is already registered")
            if descriptor not in net.by_descriptor:
                raise unroutable(errno.EBADF, NO_SOCKET)
            key = self._keys[descriptor] = selectors.SelectorKey(fileobj, descriptor, events, data)
            net.by_descriptor[descriptor].selectors.append(self)
            self.touched(descriptor)
            return key

        def unregister(self, fileobj: Any) -> selectors.SelectorKey:
            descriptor = self._find(fileobj)
            key = self._keys.pop(descriptor)
            sock = net.by_descriptor.get(descriptor)
            if sock is not None and self in sock.selectors:
                sock.selectors.remove(self)
            self._touched.pop(descriptor, None)
            return key

        def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
            descriptor = self._find(fileobj)
            old = self._keys[descriptor]
            key = self._keys[descriptor] = selectors.SelectorKey(old.fileobj, descriptor, events, data)
            self.touched(descriptor)
            return key

        def get_key(self, fileobj: Any) -> selectors.SelectorKey:
            try:
                return self._keys[self._find(fileobj)]
            except KeyError:
                raise KeyError(f"{fileobj!r} is not registered") from None

        def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
            return self._keys

        def _find(self, fileobj: Any) -> int:
            descriptor = _descriptor(fileobj)
            if descriptor >= 0:
                return descriptor
            return next((k.fd for k in self._keys.values() if k.fileobj is fileobj), -1)  # closed before it was unregistered

        def touched(self, descriptor: int) -> None:
            """Note that a socket's readiness may have changed."""
            self._touched[descriptor] = None
            if self._waiter is not None:
                kernel.wake(self._waiter)

        def _ready(self) -> list[tuple[selectors.SelectorKey, int]]:
            ready = []
            for descriptor in list(self._touched):
                key, sock = self._keys.get(descriptor), net.by_descriptor.get(descriptor)
                if key and sock and (events := sock.readiness() & key.events):
                    ready.append((key, events))
                else:
                    self._touched.pop(descriptor, None)  # the garbage collector may have removed it already
            return ready

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            kernel.turns += 1
            ready = self._ready() if self._touched else []
            if ready or (timeout is not None and timeout <= 0):
                if kernel.runnable:
                    kernel.give_way()
                    ready = self._ready()
                elif not ready:
                    kernel.spin()
                return ready
            deadline = NEVER if timeout is None else kernel.now + round(timeout * NS)
            self._waiter = kernel.current
            try:
                while True:
                    woken = kernel.park(deadline, reachable=True)
                    ready = self._ready()
                    if ready or not woken:
                        return ready
            finally:
                self._waiter = None

        def close(self) -> None:
            for descriptor in list(self._keys):
                self.unregister(descriptor)

    class SimPoll:
        """select.poll(): urllib3, for example, uses it to check one socket."""

        def __init__(self) -> None:
            self._masks: dict[int, int] = {}

        def register(self, fileobj: Any, mask: int = POLLIN | POLLOUT) -> None:
            self._masks[_descriptor(fileobj)] = mask

        modify = register

        def unregister(self, fileobj: Any) -> None:
            del self._masks[_descriptor(fileobj)]

        def _ready(self) -> list[tuple[int, int]]:
            found = []
            for descriptor, mask in self._masks.items():
                sock = net.by_descriptor.get(descriptor)
                if sock is None:
                    found.append((descriptor, POLLNVAL))
                    continue
                ready = sock.readiness()
                events = (POLLIN if ready & READABLE else 0) | (POLLOUT if ready & WRITABLE else 0)
                if events & mask:
                    found.append((descriptor, events & mask))
            return found

        def poll(self, milliseconds: float | None = None) -> list[tuple[int, int]]:
            forever = milliseconds is None or milliseconds < 0
            deadline = NEVER if forever else kernel.now + round((milliseconds or 0) * 1_000_000)
            while not (found := self._ready()) and kernel.now < deadline:
                socks = [net.by_descriptor[d] for d in self._masks if d in net.by_descriptor]
                for sock in socks:
                    sock.waiters.append(kernel.current)
                kernel.park(deadline, reachable=True)
                for sock in socks:  # one of them woke this thread; the others must not wake it from a later wait
                    if kernel.current in sock.waiters:
                        sock.waiters.remove(kernel.current)
            if not found:
                kernel.spin()
            return found

    def simulated_select(read: Any, write: Any, exceptional: Any, timeout: float | None = None) -> tuple[list[Any], ...]:
        masks: dict[int, int] = {}
        for fileobj in read:
            masks[_descriptor(fileobj)] = masks.get(_descriptor(fileobj), 0) | POLLIN
        for fileobj in write:
            masks[_descriptor(fileobj)] = masks.get(_descriptor(fileobj), 0) | POLLOUT
        poll = SimPoll()
        for descriptor, mask in masks.items():
            if descriptor not in net.by_descriptor:
                raise unroutable(errno.EBADF, NO_SOCKET)
            poll.register(descriptor, mask)
        found = dict(poll.poll(None if timeout is None else timeout * 1000))
        readable = [f for f in read if found.get(_descriptor(f), 0) & POLLIN]
        writable = [f for f in write if found.get(_descriptor(f), 0) & POLLOUT]
        return readable, writable, []

    module: Any = select
    module.select, module.poll = simulated_select, SimPoll
    for name in ("epoll", "kqueue", "devpoll"):
        if hasattr(select, name):
            delattr(select, name)
    selectors.DefaultSelector = SimSelector  # type: ignore[misc,assignment]  # the point of this module


def _descriptor(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
