"""The page's profilers, in this process: tracemalloc, memray, and a measurement of what the system gets back."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from types import ModuleType

from IPython.utils.capture import capture_output

from labs import ROOT
from labs.kit import charts
from labs.lab02_memory import driver

VISITS = 60
ROUNDS = 4


def difference(module: ModuleType) -> list[tuple[str, int, int]]:
    """What VISITS visits and two parts left behind, by tracemalloc: [("fix.py:49", bytes, objects), ...], largest first.

    A snapshot before and one after are compared; a first round of visits, not counted, warms up what is made only once.
    """
    driver.drive(module, visits=10)
    tracemalloc.start(1)
    try:
        before = tracemalloc.take_snapshot()
        driver.drive(module, VISITS)
        after = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    found = [(s.traceback[0], s.size_diff, s.count_diff) for s in after.compare_to(before, "lineno") if s.size_diff > 0]
    return [(f"{Path(where.filename).name}:{where.lineno}", size, count) for where, size, count in found[:6]]


def slow_down(module: ModuleType) -> float:
    """How many times as long visits take while tracemalloc keeps account; the fastest of ROUNDS rounds of each."""
    plain = min(_seconds(module) for _ in range(ROUNDS))
    tracemalloc.start(1)
    try:
        traced = min(_seconds(module) for _ in range(ROUNDS))
    finally:
        tracemalloc.stop()
    return traced / plain


def _seconds(module: ModuleType) -> float:
    begun = time.perf_counter()
    driver.drive(module, visits=20, parts=0)
    return time.perf_counter() - begun


def line_by_line(path: Path) -> str:
    """memory-profiler's table of `Reports.report`, after visits in a process of its own.

    In a process that has profiled before, it would show nothing: new objects go where freed ones were, and the process
    does not grow.
    """
    command = [sys.executable, "-m", "labs.lab02_memory.lines", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def held_by_stack(module: ModuleType) -> dict[tuple[str, ...], int]:
    """What is still held after VISITS visits: {calls, outermost first: bytes}. Raises RuntimeError: there is no memray."""
    try:
        from memray import Tracker
    except ImportError as error:
        why = "memray is not installed here, so there is no flame graph; it exists for Linux and macOS: pip install memray"
        raise RuntimeError(why) from error
    with tempfile.TemporaryDirectory(prefix="breakfix-memray-") as folder:
        path = Path(folder, "visits.bin")
        with capture_output(), Tracker(str(path)):  # it prints a remark about greenlets, which nobody uses here
            driver.drive(module, VISITS)
        return charts.allocations(path)


def given_back() -> list[tuple[str, float, float, float]]:
    """What a process of its own gave back: [(what, MB before, MB with it, MB after it was freed), ...]."""
    # By its file, not as a module: what the package imports would leave areas of its own behind.
    command = [sys.executable, "-P", str(Path(__file__).with_name("fragmentation.py"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [tuple(row) for row in json.loads(done.stdout)]
