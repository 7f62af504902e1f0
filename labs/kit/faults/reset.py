"""Reset: a link cuts its connections. A crashed peer, a load balancer that was restarted."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.faults.base import LinkFault


@dataclass(frozen=True, kw_only=True)
class Reset(LinkFault):
    """Open connections are reset when it begins; new ones are refused while it acts."""

    @property
    def cuts(self) -> bool:
        """It does."""
        return True
