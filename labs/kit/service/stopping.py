"""A service is told to stop as a supervisor tells it: by SIGTERM, before anything else."""

from __future__ import annotations

import asyncio
import contextlib
import signal

HANDLED_WITHIN_S = 0.01
"""An event loop calls its handlers in one of its next turns."""


async def send_sigterm() -> None:
    """Send SIGTERM to this process if the code under repair has a handler for it; without one, it would end here.

    A service awaits this before it has the repair stop. The handler has been called when it returns, one of
    `signal.signal` at once, in this thread, and one of `loop.add_signal_handler` by the loop. A handler that ends the
    process does not end it here: the service goes on to stop, as a server that ends by its signal still cleans up.
    """
    if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, signal.SIG_IGN, None):
        return
    with contextlib.suppress(SystemExit, KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    await asyncio.sleep(HANDLED_WITHIN_S)
