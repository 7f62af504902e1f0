"""Signals in a simulated host: handlers are kept here and never given to the system, which sends on the machine's clock.

What is sent is sent by this process to itself, by `signal.raise_signal`; so is a service told to stop
(labs/kit/service/stopping.py). asyncio's own add_signal_handler stands on these calls.
"""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from typing import Any

from labs.kit.worlds.simulated.host import unsupported
from labs.kit.worlds.simulated.host.network import Network

CARRIED = frozenset(
    {
        signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE,
    }
)  # fmt: skip
"""What others send to ask for something. The rest comes of a clock, of a child or of an error of the machine."""


class Handlers:
    """The calls of the signal module that keep handlers, and the one that calls them."""

    def __init__(self, net: Network) -> None:
        self.net = net
        # As Python sets them; those of the zygote depend on who started it.
        self.kept: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGPIPE: signal.SIG_IGN}
        self.wakeup_fd = -1

    def signal(self, signalnum: int, handler: Any) -> Any:
        """Keep a handler; what was there before."""
        number = _carried("signal.signal", signalnum)
        _only_in_the_main_thread("signal")
        if not callable(handler):
            if handler not in (signal.SIG_DFL, signal.SIG_IGN):
                raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
            handler = signal.Handlers(handler)
        before = self.getsignal(number)
        self.kept[number] = handler
        return before

    def getsignal(self, signalnum: int) -> Any:
        """The handler that is kept, or what Python has set."""
        return self.kept.get(signal.Signals(signalnum), signal.SIG_DFL)

    def siginterrupt(self, signalnum: int, flag: bool) -> None:
        """No call of the system is interrupted here."""
        _carried("signal.siginterrupt", signalnum)

    def set_wakeup_fd(self, fd: int, *, warn_on_full_buffer: bool = True) -> int:
        """The socket that gets the number of each signal; an event loop reads its own signals from one."""
        _only_in_the_main_thread("set_wakeup_fd")
        if fd != -1 and fd not in self.net.by_descriptor:
            raise unsupported.refuse("signal.set_wakeup_fd of what is no socket")
        before, self.wakeup_fd = self.wakeup_fd, fd
        return before

    def raise_signal(self, signalnum: int) -> None:
        """Call the handler that is kept. Where there is none, the process would end, by no error of its own."""
        number = _carried("signal.raise_signal", signalnum)
        handler = self.getsignal(number)
        if handler == signal.SIG_DFL:
            raise unsupported.refuse(f"signal.raise_signal({number.name}) without a handler")
        if handler == signal.SIG_IGN:
            return
        wakened: Any = self.net.by_descriptor.get(self.wakeup_fd)
        if wakened is not None:
            with suppress(BlockingIOError):
                wakened.send(bytes([number]))
        handler(number, sys._getframe(1))


def _carried(call: str, signalnum: int) -> signal.Signals:
    number = signal.Signals(signalnum)  # ValueError for what is none, as live
    if number not in CARRIED:
        raise unsupported.refuse(f"{call}({number.name})")
    return number


def _only_in_the_main_thread(call: str) -> None:
    if threading.current_thread() is not threading.main_thread():
        raise ValueError(f"{call} only works in main thread of the main interpreter")


def install(net: Network) -> None:
    """Replace these calls of the signal module. The watchdogs have taken theirs before."""
    handlers, module = Handlers(net), signal
    for name in ("signal", "getsignal", "siginterrupt", "set_wakeup_fd", "raise_signal"):
        setattr(module, name, getattr(handlers, name))
