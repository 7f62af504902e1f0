"""The base classes of faults: when a fault acts, and on which link or service."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from aiohttp.typedefs import Middleware

from labs.kit.model.names import NS

OPEN_END_S = 1e9
"""The length of a fault that has no end of its own."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A failure that begins at `at_s`, in seconds from the start of the run, and lasts `seconds`."""

    at_s: float = 0.0
    seconds: float = OPEN_END_S

    @property
    def start_ns(self) -> int:
        """The time at which the fault begins."""
        return round(self.at_s * NS)

    @property
    def end_ns(self) -> int:
        """The time at which the fault is over."""
        return round((self.at_s + self.seconds) * NS)

    def active(self, now_ns: int) -> bool:
        """Does the fault act at this time?"""
        return self.start_ns <= now_ns < self.end_ns

    @property
    def where(self) -> str:
        """The link or service on which the fault acts."""
        raise TypeError(f"{type(self).__name__} acts on nothing: derive from LinkFault or ServiceFault")


@dataclass(frozen=True, kw_only=True)
class LinkFault(Fault):
    """A fault on the bytes between two services. `link` is "caller->called"; it acts both ways."""

    link: str

    @property
    def where(self) -> str:
        """The link."""
        return self.link

    def delay_ns(self, now_ns: int, rng: Random) -> int | None:
        """Extra delay in ns for a chunk sent at `now_ns`, while active; None: this chunk and all later ones are lost."""
        return 0

    def busy_ns(self, size: int) -> int:
        """Time in ns that the link needs for `size` bytes; meanwhile it carries nothing else in that direction."""
        return 0

    @property
    def most_bytes(self) -> int | None:
        """Bytes that a connection may carry in one direction before the link closes it; None for any number."""
        return None

    @property
    def closes_after_ns(self) -> int | None:
        """Time in ns from the first lost chunk of a connection until the link closes it; None for never."""
        return None

    @property
    def close_delay_ns(self) -> int:
        """Time in ns by which the end of a stream arrives later than its data."""
        return 0

    @property
    def cuts(self) -> bool:
        """Does the fault reset open connections when it begins, and refuse new ones while it acts?"""
        return False


@dataclass(frozen=True, kw_only=True)
class ServiceFault(Fault):
    """A fault inside one service: a middleware around the service's app."""

    service: str

    @property
    def where(self) -> str:
        """The service."""
        return self.service

    def middleware(self, rng: Random, start: float) -> Middleware:
        """The middleware; `start` is the event loop's clock at the start of the run, in seconds."""
        raise TypeError(f"{type(self).__name__} has no middleware")
