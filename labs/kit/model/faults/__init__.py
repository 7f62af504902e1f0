"""Faults between services and inside a service. The table below lists all of them.

A *link fault* acts on the bytes of one link ("shop->payments"), in both worlds: the simulated network and the live TCP
proxy use the same code for each chunk (see labs/kit/worlds/network/link_flow.py). The names are toxiproxy's where it has a
name; `black_hole` is its timeout of 0, and only `stall` is new. A *service fault* is a middleware around the app of one
service; a fault on the service "database" reaches the process that keeps the lab's database server.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from labs.kit.model.faults.base import Fault, LinkFault, ServiceFault
from labs.kit.model.faults.links import Bandwidth, BlackHole, Latency, Limit, Reset, Slicer, SlowClose, Stall, Timeout
from labs.kit.model.faults.services import DatabaseRestart, ErrorStatus, Kill, LateAnswers

FAULTS: dict[str, type[Fault]] = {
    "latency": Latency,
    "stall": Stall,
    "black_hole": BlackHole,
    "timeout": Timeout,
    "reset": Reset,
    "bandwidth": Bandwidth,
    "slicer": Slicer,
    "limit": Limit,
    "slow_close": SlowClose,
    "error_status": ErrorStatus,
    "late_answers": LateAnswers,
    "database_restart": DatabaseRestart,
    "kill": Kill,
}


def as_plain(fault: Fault) -> dict[str, Any]:
    """A fault as values that JSON can hold, for another process."""
    kind = next(name for name, cls in FAULTS.items() if type(fault) is cls)
    return {"kind": kind, "fields": {f.name: getattr(fault, f.name) for f in fields(fault)}}


def from_plain(plain: dict[str, Any]) -> Fault:
    """The fault that `as_plain` described."""
    return FAULTS[plain["kind"]](**plain["fields"])


__all__ = [
    "FAULTS", "Bandwidth", "BlackHole", "DatabaseRestart", "ErrorStatus", "Fault", "Kill", "LateAnswers", "Latency", "Limit",
    "LinkFault", "Reset", "ServiceFault", "Slicer", "SlowClose", "Stall", "Timeout", "as_plain", "from_plain",
]  # fmt: skip
