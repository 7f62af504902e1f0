"""What is left over in a simulated host, as the host itself sees it: told when the judge asks, at the quiet end of a run.

This is used only against the repair, never for it: a repair that hides what it leaves is not found out here. That is fine: a
slip does not hide. What the judge sees for itself (calls, connections, descriptors) is in `labs.kit.worlds.simulated.world`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

from labs.kit.model.names import ERRORS_LEFT, FIX_FILE, NEVER_AWAITED, NEVER_CLOSED, TASKS_LEFT, TASKS_LOST, THREADS_LEFT
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.wire import LEFT

MOST_KINDS = 20
LONGEST_TEXT = 200
NEVER_RETRIEVED = "exception was never retrieved"
DESTROYED = "destroyed but it is pending"


class LeftOver:
    """Counts what was given up in this process, and at the end what is still there: {(kind, what): how many}."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def on_context(self, context: dict[str, Any]) -> None:
        """asyncio or aiohttp reports something to the handler of an event loop, which nobody has replaced."""
        message, error = str(context.get("message", "")), context.get("exception")
        if NEVER_RETRIEVED in message and error is not None:
            self._seen[ERRORS_LEFT, told(error)] += 1
        elif DESTROYED in message:
            self._seen[TASKS_LOST, place(context.get("task"))] += 1
        elif message.startswith("Unclosed"):
            self._seen[NEVER_CLOSED, message.removeprefix("Unclosed ")] += 1

    def on_coroutine(self, coroutine: Any) -> None:
        """A coroutine was never awaited."""
        self._seen[NEVER_AWAITED, coroutine.__qualname__] += 1

    def on_thread(self, error: BaseException) -> None:
        """A thread has ended with an exception."""
        self._seen[ERRORS_LEFT, told(error)] += 1

    def answer(self) -> bytes:
        """All of it as JSON: a list of [kind, what, how many]."""
        gc.collect()  # what only garbage refers to reports itself now
        found = self._seen + Counter(self._alive())
        rows = [[kind, what[:LONGEST_TEXT], count] for (kind, what), count in found.most_common(MOST_KINDS)]
        return json.dumps(rows).encode()

    def _alive(self) -> Iterator[tuple[str, str]]:
        for item in gc.get_objects():
            if isinstance(item, asyncio.Future):
                if item.done():
                    if getattr(item, "_log_traceback", False) and item._exception is not None:  # nobody has looked at it
                        yield ERRORS_LEFT, told(item._exception)
                elif isinstance(item, asyncio.Task):
                    yield TASKS_LEFT, place(item)
        for thread in threading.enumerate():
            if thread is not threading.main_thread():
                yield THREADS_LEFT, thread.name.rstrip("0123456789_-")


def told(error: BaseException) -> str:
    """An exception and the innermost line of the repair that it passed, as "KeyError: 'x' (fix.py:12)"."""
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == FIX_FILE]
    where = f" ({FIX_FILE}:{lines[-1]})" if lines else ""
    said = " ".join(traceback.format_exception_only(error)[-1].split())
    return said[: LONGEST_TEXT - len(where)] + where


def place(task: Any) -> str:
    """The coroutine of a task, and the line of the repair at which it waits, as "Shop.tell (fix.py:12)"."""
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    name = str(getattr(coroutine, "__qualname__", "a task"))
    frame = getattr(coroutine, "cr_frame", None)
    if frame is not None and frame.f_code.co_filename == FIX_FILE:
        return f"{name} ({FIX_FILE}:{frame.f_lineno})"
    return name


def install(kernel: Kernel, net: Network) -> None:
    """Count from now on, and answer the judge."""
    left = LeftOver()
    loop: Any = asyncio.BaseEventLoop
    python: Any = warnings
    report, unawaited, hook = loop.default_exception_handler, python._warn_unawaited_coroutine, threading.excepthook

    def default_exception_handler(self: Any, context: dict[str, Any]) -> None:
        left.on_context(context)
        report(self, context)

    def warn_unawaited_coroutine(coroutine: Any) -> None:
        left.on_coroutine(coroutine)
        unawaited(coroutine)

    def excepthook(args: Any) -> None:
        left.on_thread(args.exc_value)
        hook(args)

    loop.default_exception_handler = default_exception_handler
    python._warn_unawaited_coroutine = warn_unawaited_coroutine
    threading.excepthook = excepthook
    net.on_ask = lambda: kernel.send(LEFT, 0, left.answer())
