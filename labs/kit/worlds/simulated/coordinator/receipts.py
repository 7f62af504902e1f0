"""What a host declares that it computes: bounded by what its cores and its interpreter lock allow, and added up.

A host could sleep instead of computing, and nobody outside would see the difference. So each slice of declared work
(`labs.kit.service.work`) is told to the judge when it begins, and while a slice holds the interpreter lock of the host's own
process, that process can answer nobody. A repair that computes nothing has nothing declared; one that declares and computes
nothing is as silent as one that computes. Not seen from here: a worker process that declares and does not exist.
"""

from __future__ import annotations

from labs.kit.worlds.simulated.wire import OWN_LOCK, SLICE_NS


class Receipts:
    """The slices of one host, over all its lives."""

    def __init__(self, cores: int) -> None:
        self.ns = 0
        self._cores = cores
        self._until: dict[int, int] = {}

    def begin(self, at: int, who: int, ns: int) -> str:
        """A slice of `ns` begins at `at`. Returns what is impossible about it, "" if nothing is."""
        busy = {one: until for one, until in self._until.items() if until > at}
        self._until = busy
        if not 0 < ns <= SLICE_NS:
            return f"a slice of {ns} ns of computing; one has at most {SLICE_NS}"
        if who in busy:
            return "two slices of computing at once under one interpreter lock"
        if len(busy) >= self._cores:
            return f"computing on more than its {self._cores} cores at once"
        busy[who] = at + ns
        self.ns += ns
        return ""

    def silent(self, at: int) -> bool:
        """Does the host's own process compute at `at`, so that none of its threads can answer?"""
        return self._until.get(OWN_LOCK, 0) > at

    def killed(self) -> None:
        """The process has ended, and what it was computing with it."""
        self._until.clear()
