"""One probe for each row of the table of supported calls: it makes the calls, inside a simulated host.

A probe returns something that JSON can carry. `takes` are the least and the most virtual seconds that it may take; the
two are the same where no network is involved.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from labs.kit.service.env import Env

Work = Callable[[Env], Awaitable[Any]]


@dataclass(frozen=True)
class Probe:
    """How one row is tried."""

    run: Work
    takes: tuple[float, float]
    returns: Any = None


PROBES: dict[str, Probe] = {}


def probe(call: str, least: float = 0.0, most: float | None = None, returns: Any = None) -> Callable[[Work], Work]:
    """Register the decorated coroutine function as the probe of the row `call`."""

    def register(work: Work) -> Work:
        assert call not in PROBES, call
        PROBES[call] = Probe(work, (least, least if most is None else most), returns)
        return work

    return register


# Each file registers its probes when it is imported.
from tests.kit.simulated import probes_blocking, probes_data, probes_loop, probes_process, probes_refused, probes_web  # noqa: E402, F401
