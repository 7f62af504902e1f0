"""The host's side of memory: what the code has asked for and not yet freed, written where the judge reads it."""

from __future__ import annotations

import os
import sys
import tracemalloc
from collections.abc import Callable

from labs.kit.worlds.simulated.wire import ACCOUNT


def keep_account(shared: int, step_ns: int) -> Callable[[int, int], None]:
    """In the host: begin to count. Hands out what writes the count to the descriptor `shared`.

    It is called with (now, time of the next event) in ns whenever the host is about to wait for its judge, who reads at
    multiples of `step_ns`.
    """
    tracemalloc.start(1)

    def write(now: int, upcoming: int) -> None:
        if now // step_ns != upcoming // step_ns:
            # The cache of attributes holds names that nobody else holds any more, and which ones depends on their addresses.
            sys._clear_type_cache()
        os.pwrite(shared, ACCOUNT.pack(*tracemalloc.get_traced_memory()), 0)

    return write
