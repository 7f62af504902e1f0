"""Two profilers inside a service: asyncio's debug mode, in both worlds, and pyinstrument, in the live world.

Both watch only the thread of the event loop: the thread that must not be blocked.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from labs.kit.service.telemetry import Signals
from labs.kit.service.work import simulated

SLOW_S = 0.05
INTERVAL_S = 0.005
REPORT_EVERY_S = 2.0
LONGEST_TREE = 1_200
"""The bound of a tree: a log row is cut at 2,000 characters, and a cut tree would not be JSON."""

_FOLDER = re.compile(r"(?:/[^/\s>]+)+/(?=[^/\s>]+\.py)")
"""The folders before the name of a file: they differ from machine to machine."""


def tell_slow_callbacks(signals: Signals) -> Callable[[], None]:
    """Turn on asyncio's debug mode: task steps above SLOW_S become logs "slow callback". Returns a function that ends it."""
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = SLOW_S
    loop.set_debug(True)
    logger = logging.getLogger("asyncio")
    handler = _ToSignals(signals)
    logger.addHandler(handler)
    propagated, logger.propagate = logger.propagate, False

    def end() -> None:
        logger.removeHandler(handler)
        logger.propagate = propagated
        loop.set_debug(False)

    return end


class _ToSignals(logging.Handler):
    """Emits asyncio's warnings as log rows."""

    def __init__(self, signals: Signals) -> None:
        super().__init__(logging.WARNING)
        self.signals = signals

    def emit(self, record: logging.LogRecord) -> None:
        """Emit one row, above all for "Executing <Task ...> took 0.103 seconds"."""
        message = _FOLDER.sub("", record.getMessage())
        event = "slow callback" if message.startswith("Executing ") else "asyncio"
        self.signals.log.warning(event, message=message[:LONGEST_TREE])


async def report_profile(signals: Signals) -> None:
    """Profile the loop's thread with pyinstrument and report every REPORT_EVERY_S seconds, until cancelled.

    A log "profile" holds {lines of fix.py, outermost first: seconds}; a log "profile tree" holds pyinstrument's own output.
    In the simulated world it logs that there is no profile, and returns.
    """
    if simulated():
        signals.log.warning("no profile", reason="pyinstrument measures real time; run this in the live world")
        return
    from pyinstrument import Profiler
    from pyinstrument.renderers import ConsoleRenderer

    renderer = ConsoleRenderer(short_mode=True)
    # "disabled": the time of every task counts. Only this thread is sampled in any case.
    profiler: Any = Profiler(interval=INTERVAL_S, async_mode="disabled")  # Any: not all of its methods have types
    profiler.start()
    try:
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            session = profiler.stop()
            profiler.reset()  # otherwise each report would include all earlier samples
            profiler.start()
            await asyncio.to_thread(_report, signals, session, renderer)  # on the event loop it would block for 0.1 s
    finally:
        _report(signals, profiler.stop(), renderer)


def _report(signals: Signals, session: Any, renderer: Any) -> None:
    signals.log.info("profile", **seconds_by_line(session.frame_records))
    signals.log.info("profile tree", text=renderer.render(session)[:LONGEST_TREE])


def seconds_by_line(records: Iterable[tuple[list[str], float]]) -> dict[str, float]:
    """Seconds for each call path in fix.py: {"fix.py:40 > fix.py:50 > urlopen": 2.4}; line 50 called the last function.

    Args:
        records: pyinstrument's samples: each has its frames, outermost first, as "name NUL file NUL line SOH l50", and the
            seconds that it represents.
    """
    spent: defaultdict[str, float] = defaultdict(float)
    for frames, seconds in records:
        places = [_place(frame) for frame in frames]
        inside = [i for i, (_, where) in enumerate(places) if where]
        if inside:
            last = inside[-1]
            called = [name for name, _ in places[last + 1 : last + 2]]
            spent[" > ".join([where for _, where in places if where] + called)] += seconds
    ranked = sorted(spent.items(), key=lambda way: -way[1])[:12]
    return {where: round(seconds, 3) for where, seconds in ranked}


def _place(frame: str) -> tuple[str, str]:
    """(name of the function, "fix.py:50" or "" outside the repair) of one of pyinstrument's frames."""
    identifier, *attributes = frame.split("\x01")
    name, file = [*identifier.split("\x00"), ""][:2]
    line = next((a[1:] for a in attributes if a.startswith("l")), "")
    return name, f"fix.py:{line}" if line and file.rpartition("/")[2] == "fix.py" else ""
