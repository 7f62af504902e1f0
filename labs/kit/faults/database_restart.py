"""Database restart: the lab's database server ends and comes back. An update, a failover, a memory limit."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.faults.base import ServiceFault


@dataclass(frozen=True, kw_only=True)
class DatabaseRestart(ServiceFault):
    """The database server of a live run ends its sessions and itself, and is started again when the fault is over."""

    service: str = "database"
