"""The time of `import labs`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import labs
from benchmarks.row import Row

TIMES = 7


def importing() -> Row:
    """A fresh interpreter that imports labs, compared with one that imports nothing; medians."""
    bare, ours = _seconds("pass"), _seconds("import labs")
    loaded = "import labs, sys; sys.exit('matplotlib' in sys.modules)"
    without = subprocess.run([sys.executable, "-c", loaded], cwd=labs.ROOT).returncode == 0
    return Row(
        "import",
        "import labs, against a bare interpreter" + ("" if without else "; IT LOADS MATPLOTLIB"),
        "s",
        bare,
        ours,
        ours / bare,
        "0.3 s more, and no matplotlib",
        ours - bare <= 0.3 and without,
    )


def _seconds(code: str) -> float:
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=labs.ROOT, check=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
