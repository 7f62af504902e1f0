"""One benchmark's outcome."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One benchmark's outcome. `ours` and `yardstick` are in `unit`; `reached` says whether `to_reach` holds."""

    name: str
    what: str
    unit: str
    yardstick: float
    ours: float
    ratio: float
    to_reach: str
    reached: bool
