"""Kill: a service's process ends between two instructions, and is started again. kill -9, a lost machine, a deploy."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from aiohttp.typedefs import Middleware

from labs.kit.faults.base import ServiceFault


@dataclass(frozen=True, kw_only=True)
class Kill(ServiceFault):
    """The service's process is killed when it begins, and started again on its files when it is over."""

    def middleware(self, rng: Random, start: float) -> Middleware:
        """There is none: it acts from outside of the process. Raises ValueError."""
        raise ValueError(f"{self} is no middleware: the world itself kills the process, and starts it again")
