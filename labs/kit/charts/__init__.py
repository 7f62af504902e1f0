"""Charts of runs: each function takes finished runs and returns a Chart, a figure with a summary in one sentence.

Importing this package does not import matplotlib; the first chart does.
"""

from __future__ import annotations

from labs.kit.charts.attempts import Bar, bar, bars, waterfall
from labs.kit.charts.chart import Chart
from labs.kit.charts.connections import Span, connections
from labs.kit.charts.flame import allocations, flame
from labs.kit.charts.lag import loop_lag
from labs.kit.charts.memory import Series, growth, memory
from labs.kit.charts.operated import operated
from labs.kit.charts.outage import before_after, outage
from labs.kit.charts.phase import phase_map
from labs.kit.charts.plan import plan
from labs.kit.charts.public import public
from labs.kit.charts.traces import trace
from labs.kit.charts.worlds import worlds

__all__ = [
    "Bar",
    "Chart",
    "Series",
    "Span",
    "allocations",
    "bar",
    "bars",
    "before_after",
    "connections",
    "flame",
    "growth",
    "loop_lag",
    "memory",
    "operated",
    "outage",
    "phase_map",
    "plan",
    "public",
    "trace",
    "waterfall",
    "worlds",
]
