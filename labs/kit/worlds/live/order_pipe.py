"""The caller's end of the orders to a live run: JSON lines for the runner (see orders.py)."""

from __future__ import annotations

import json
import threading
from typing import IO, Any


class OrderPipe:
    """Orders to one live run. Its methods may be called from any thread; an order before the run starts waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe: IO[bytes] | None = None
        self._early: list[dict[str, Any]] = []
        self._over = False

    def attach(self, pipe: IO[bytes]) -> None:
        """The runner's process has started, and reads orders from `pipe`."""
        with self._lock:
            self._pipe = pipe
            early, self._early = self._early, []
        for order in early:
            self.order(order)

    def detach(self) -> None:
        """The run is over: drop all further orders."""
        with self._lock:
            self._pipe, self._over = None, True

    def order(self, order: dict[str, Any]) -> None:
        """Send one order to the runner."""
        with self._lock:
            if self._pipe is None:
                if not self._over:
                    self._early.append(order)
                return
            try:
                self._pipe.write(json.dumps(order).encode() + b"\n")
                self._pipe.flush()
            except (OSError, ValueError):  # the runner has just ended, or its pipe was closed
                self._over = True
