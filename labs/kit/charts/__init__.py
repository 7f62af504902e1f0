"""Runs in, pictures out: each function takes finished runs and gives a Chart, a figure with its one-sentence summary.

Importing this loads no matplotlib; the first chart does.
"""

from __future__ import annotations

from labs.kit.charts.attempts import retry_histogram, waterfall
from labs.kit.charts.chart import Chart
from labs.kit.charts.lag import loop_lag
from labs.kit.charts.outage import before_after, outage
from labs.kit.charts.phase import phase_map
from labs.kit.charts.worlds import worlds

__all__ = [
    "Chart",
    "before_after",
    "loop_lag",
    "outage",
    "phase_map",
    "retry_histogram",
    "waterfall",
    "worlds",
]
