"""The argument of a service's function: an Env, the same in both worlds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from labs.kit.model.load import named
from labs.kit.service.telemetry import Signals

LONGEST_LEAD_S = 60.0
"""A time of the run below this many seconds means that the start of the run is not announced yet."""
STEP_S = 0.02
LEAST_S = 1e-6
"""The shortest sleep: a timer may fire early by less than the clock's resolution, and a shorter one would do so again."""


@dataclass(frozen=True)
class Env:
    """The environment of one service.

    `fix` is the code under repair, or None in a service that does not run it. `urls` maps the name of each service
    that this one may call to its base address. `secret` is the judge's, "" in a service that runs the repair.
    """

    name: str
    fix: ModuleType | None
    settings: Mapping[str, Any]
    urls: Mapping[str, str]
    seed: int
    signals: Signals
    secret: str = ""

    def repair(self) -> ModuleType:
        """The code under repair. Raises RuntimeError in a service without `runs_fix`."""
        if self.fix is None:
            raise RuntimeError(f"the service {self.name!r} does not run the code under repair; set runs_fix in its Service")
        return self.fix

    def named(self, noun: str, number: int) -> str:
        """The name of the i-th of something, of the same form as in the load: a repair must not tell the two apart."""
        return named(noun, number, self.secret)

    async def until(self, at_s: float) -> None:
        """Sleep until this second of the run, also if the run has not begun yet."""
        while (left := at_s - self.signals.now()) > 0:  # noqa: ASYNC110 - the announced start moves the clock, no event does
            await asyncio.sleep(max(left, LEAST_S) if self.signals.now() > -LONGEST_LEAD_S else STEP_S)
