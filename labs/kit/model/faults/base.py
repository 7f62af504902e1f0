"""What all faults share: when they act, and on what."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from aiohttp.typedefs import Middleware

from labs.kit.model.names import NS

OPEN_END_S = 1e9
"""How long a fault acts that nobody ends."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong from `at_s` for `seconds`, both in seconds from the start of the run."""

    at_s: float = 0.0
    seconds: float = OPEN_END_S

    @property
    def start_ns(self) -> int:
        """When it begins."""
        return round(self.at_s * NS)

    @property
    def end_ns(self) -> int:
        """When it is over."""
        return round((self.at_s + self.seconds) * NS)

    def active(self, now_ns: int) -> bool:
        """Is it acting at this time?"""
        return self.start_ns <= now_ns < self.end_ns

    @property
    def where(self) -> str:
        """The link or service it acts on."""
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
        """Extra delay in ns for a chunk sent at `now_ns`, while active; None loses it and all that follows it."""
        return 0

    def busy_ns(self, size: int) -> int:
        """Time in ns that the link needs to pass `size` bytes, during which it passes nothing else that way."""
        return 0

    @property
    def most_bytes(self) -> int | None:
        """Bytes that a connection may carry in one direction before the link closes it; None for any number."""
        return None

    @property
    def closes_after_ns(self) -> int | None:
        """How long after it first lost a chunk the link closes that connection; None for never."""
        return None

    @property
    def close_delay_ns(self) -> int:
        """How much later than its data the end of a stream arrives, in ns."""
        return 0

    @property
    def cuts(self) -> bool:
        """Does it reset open connections when it begins, and refuse new ones while it acts?"""
        return False


@dataclass(frozen=True, kw_only=True)
class ServiceFault(Fault):
    """A fault inside one service, as a middleware around its app."""

    service: str

    @property
    def where(self) -> str:
        """The service."""
        return self.service

    def middleware(self, rng: Random, start: float) -> Middleware:
        """The middleware; `start` is the event loop's clock at the start of the run, in seconds."""
        raise TypeError(f"{type(self).__name__} has no middleware")
