"""memory-profiler on `Reports.report` of a repair, in this process alone.

    python -m labs.lab02_memory.lines PATH

Prints its table: for each line, the process's memory after it, and by how much it grew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from memory_profiler import LineProfiler, show_results

from labs.lab02_memory import driver

VISITS = 40


def main(path: Path) -> None:
    """Drive visits through the repair at `path` under the profiler."""
    module = driver.load(path)
    profiler = LineProfiler()
    profiler.add_function(module.Reports.report)
    profiler.enable_by_count()
    driver.drive(module, VISITS)
    profiler.disable_by_count()
    show_results(profiler)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
