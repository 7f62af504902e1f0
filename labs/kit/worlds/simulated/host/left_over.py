"""What is left over in a simulated host, as the host itself sees it: told when the judge asks, at the quiet end of a run.

This is used only against the repair, never for it: a repair that hides what it leaves is not found out here. That is fine: a
slip does not hide. What the judge sees for itself (calls, connections, descriptors) is in coordinator/left_over.py.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import thread as pools
from typing import Any

from aiohttp import ClientResponse

from labs.kit.model import names
from labs.kit.model.names import FIX_FILE
from labs.kit.worlds.simulated.host import intact
from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.host.network import Network
from labs.kit.worlds.simulated.wire import END, LEFT, STOP

MOST_ROWS = 20
LONGEST_TEXT = 300
NEVER_RETRIEVED = "exception was never retrieved"
DESTROYED = "destroyed but it is pending"
SERVES = "RequestHandler."
"""So begin the tasks of a server of aiohttp, one for each connection or request: the callers' and not the repair's."""
serving: asyncio.AbstractEventLoop | None = None
"""The event loop of the service; set when it begins."""
stopping: asyncio.Future[None] | None = None
"""What the service waits for while it serves."""


class LeftOver:
    """Counts what is given up in this process, and what is alive midway and at the end of a run."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], str] = {}
        self._midway: dict[str, Counter[str]] | None = None
        self._app = ""
        self._belongings: dict[str, Any] = {}

    def count(self, kind: str, what: str, first: str = "") -> None:
        """One more of a kind; of those that are alike the words of the `first` are told."""
        self._counts[kind, what] += 1
        self._first.setdefault((kind, what), first or what)

    def on_error(self, error: BaseException) -> None:
        """An exception that reached nobody: alike are those of one type from one line."""
        self.count(names.ERRORS_LEFT, type(error).__name__ + line_of(error), told(error))

    def on_context(self, context: dict[str, Any]) -> None:
        """asyncio or aiohttp reports something to an event loop whose handler nobody has replaced."""
        message, error = str(context.get("message", "")), context.get("exception")
        if NEVER_RETRIEVED in message and error is not None:
            self.on_error(error)
        elif DESTROYED in message:
            self.count(names.TASKS_LOST, place(context["task"]))
        elif message.startswith("Unclosed"):
            self.count(names.NEVER_CLOSED, message.removeprefix("Unclosed "))

    def on_coroutine(self, coroutine: Any) -> None:
        """A coroutine was never awaited."""
        self.count(names.NEVER_AWAITED, coroutine.__qualname__)

    def on_thread(self, args: Any) -> None:
        """A thread has ended with an exception; `args` as `threading.excepthook` gets them."""
        self.on_error(args.exc_value)

    def begin(self, app: str) -> None:
        """The service `app` begins: remember what the lab and the kit are."""
        self._app, self._belongings = app, intact.belongings(app)

    def midway(self) -> None:
        """Remember what is alive, for at the end only what came after that is counted."""
        self._midway = alive()

    def end(self) -> list[tuple[str, str, int]]:
        """What is left over, as (kind, what, how many): of tasks and threads, how many more than midway.

        A host that was started again since midway says nothing of these.
        """
        gc.collect()  # what only garbage refers to reports itself now
        self._look()
        patched = intact.changed(self._belongings, intact.belongings(self._app))
        rows = [(names.PATCHED, patched, 1) if patched else (names.INTACT, "", 1)]
        rows += [(key[0], self._first[key], count) for key, count in self._counts.most_common(MOST_ROWS)]
        if self._midway is None:
            return rows
        for kind, now in alive().items():
            before = self._midway[kind]
            grown = now.total() - before.total()
            if grown > 0:
                [(most, _)] = (now - before).most_common(1)
                rows.append((kind, most, grown))
        return rows

    def _look(self) -> None:
        """Count what somebody keeps that is used up: exceptions that nobody looked at, tasks that have ended, answers."""
        due = told_soon()
        for item in gc.get_objects():
            kind = type(item)  # and not isinstance(), which asks the item
            if issubclass(kind, asyncio.Future) and getattr(item, "_log_traceback", False) and item._exception is not None:
                self.on_error(item._exception)
            if issubclass(kind, asyncio.Task) and item.done() and id(item) not in due:
                self.count(names.KEPT_LEFT, "tasks that have ended")
            elif issubclass(kind, ClientResponse):
                self.count(names.KEPT_LEFT, "answers of other services")


here = LeftOver()
"""What is left over in this process."""


async def told_to_stop() -> None:
    """Wait until the judge says so: by the loop's own socket for what comes from elsewhere, like a signal."""
    global stopping
    stopping = asyncio.get_running_loop().create_future()
    await stopping


async def stop(cleanup: Callable[[], Awaitable[None]], kernel: Kernel) -> None:
    """Stop the service, and tell the judge of an exception of the repair's in it."""
    rows = []
    try:
        await cleanup()
    except BaseException as error:  # noqa: BLE001 - whatever the repair raises
        if line_of(error):
            rows.append((names.STOP_FAILED, told(error), 1))
    kernel.send(LEFT, 0, json.dumps(rows).encode())


def told_soon() -> set[int]:
    """The ids of what the loop tells somebody of in its next turn: many, if it stands still, and kept by nobody."""
    loop: Any = serving
    return {id(argument) for handle in loop._ready for argument in handle._args or ()} if loop else set()


def alive() -> dict[str, Counter[str]]:
    """The tasks of this loop and the threads of this process, counted by what they are. A pool counts as one thread."""
    tasks = (place(task) for task in asyncio.all_tasks(serving))
    return {
        names.TASKS_LEFT: Counter(name for name in tasks if not name.startswith(SERVES)),
        names.THREADS_LEFT: Counter(threads()),
    }


def threads() -> Iterator[str]:
    """The names of the threads, without their numbers; each pool once, however many it has."""
    internal: Any = threading  # its enumerate() takes a lock, which no code may that runs while the host waits
    queues: Any = pools._threads_queues  # the queue of its pool, for each thread that has one
    seen = set()
    for thread in internal._enumerate():
        queue = queues.get(thread)
        if id(queue) not in seen and thread is not threading.main_thread():
            if queue is not None:
                seen.add(id(queue))
            yield re.sub(r"[-_]?\d+", "", thread.name)


def told(error: BaseException) -> str:
    """An exception and the innermost line of the repair that it passed, as "KeyError: 'x' (fix.py:12)"."""
    where = line_of(error)
    said = " ".join(traceback.format_exception_only(error)[-1].split())
    return said[: LONGEST_TEXT - len(where)] + where


def line_of(error: BaseException) -> str:
    """The innermost line of the repair that an exception passed, as " (fix.py:12)"; "" if there is none."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == FIX_FILE]
    return f" ({FIX_FILE}:{lines[-1]})" if lines else ""


def place(task: Any) -> str:
    """The coroutine of a task, and the line of the repair at which it waits, as "Shop.tell (fix.py:12)"."""
    coroutine = task.get_coro()
    frame: Any = getattr(coroutine, "cr_frame", None)
    name = str(getattr(coroutine, "__qualname__", "a task"))
    ours = frame is not None and frame.f_code.co_filename == FIX_FILE
    return f"{name} ({FIX_FILE}:{frame.f_lineno})" if ours else name


def install(kernel: Kernel, net: Network) -> None:
    """Count from now on, and answer the judge."""
    base: Any = asyncio.BaseEventLoop
    python: Any = warnings
    report, unawaited, hook = base.default_exception_handler, python._warn_unawaited_coroutine, threading.excepthook

    def default_exception_handler(self: Any, context: dict[str, Any]) -> None:
        here.on_context(context)
        report(self, context)

    def warn_unawaited_coroutine(coroutine: Any) -> None:
        here.on_coroutine(coroutine)
        unawaited(coroutine)

    def excepthook(args: Any) -> None:
        here.on_thread(args)
        hook(args)

    def on_ask(when: bytes) -> None:
        if when == END:
            kernel.send(LEFT, 0, json.dumps(here.end()).encode())
        elif when == STOP:
            if serving is not None and stopping is not None:
                serving.call_soon_threadsafe(stopping.set_result, None)
        else:
            here.midway()

    base.default_exception_handler = default_exception_handler
    python._warn_unawaited_coroutine = warn_unawaited_coroutine
    threading.excepthook = excepthook
    net.on_ask = on_ask
