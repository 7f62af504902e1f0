"""Limit: a link closes a connection that has carried so many bytes. A download that always breaks off."""

from __future__ import annotations

from dataclasses import dataclass

from labs.kit.faults.base import LinkFault


@dataclass(frozen=True, kw_only=True)
class Limit(LinkFault):
    """After `bytes_each_way` bytes in one direction, both ends see the connection closed; the rest is lost."""

    bytes_each_way: int

    def __post_init__(self) -> None:
        if self.bytes_each_way < 0:
            raise ValueError(f"a limit of {self.bytes_each_way!r} bytes; expected 0 or more")

    @property
    def most_bytes(self) -> int | None:
        """The limit."""
        return self.bytes_each_way
