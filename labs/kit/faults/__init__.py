"""Faults: what can go wrong between services, and in one. One fault, one file; this table is the whole list.

A *link fault* acts on the bytes of one link ("shop->payments"), in either world: the simulated network and the live
TCP proxy ask it the same question about each chunk. A *service fault* is a middleware around one service's app.
"""

from __future__ import annotations

from labs.kit.faults.base import Fault, LinkFault, ServiceFault
from labs.kit.faults.black_hole import BlackHole
from labs.kit.faults.error_status import ErrorStatus
from labs.kit.faults.latency import Latency
from labs.kit.faults.reset import Reset
from labs.kit.faults.stall import Stall

FAULTS: dict[str, type[Fault]] = {
    "latency": Latency,
    "stall": Stall,
    "black_hole": BlackHole,
    "reset": Reset,
    "error_status": ErrorStatus,
}

__all__ = ["FAULTS", "BlackHole", "ErrorStatus", "Fault", "Latency", "LinkFault", "Reset", "ServiceFault", "Stall"]
