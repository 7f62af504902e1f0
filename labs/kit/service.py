"""What a service of a lab is given: the same value in both worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from labs.kit.signals import Signals


@dataclass(frozen=True)
class Env:
    """The surroundings of one service.

    `fix` is the code under repair, or None in a service that does not run it. `urls` maps the name of each service
    that this one may call to its base address.
    """

    name: str
    fix: ModuleType | None
    settings: Mapping[str, Any]
    urls: Mapping[str, str]
    seed: int
    signals: Signals

    def repair(self) -> ModuleType:
        """The code under repair. Raises RuntimeError in a service that must not see it."""
        if self.fix is None:
            raise RuntimeError(f"the service {self.name!r} does not run the code under repair; set runs_fix in its Service")
        return self.fix
