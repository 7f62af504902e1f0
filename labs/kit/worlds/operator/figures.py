"""The figures that an operator sees: what a dashboard shows of the last two seconds. Faults are not among them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from labs.kit.measure.stats import percentile

WINDOW_S = 2.0
"""The length of the window of every figure, in seconds."""


class Figures:
    """Takes what a run shows, and says at any moment what the last WINDOW_S of it show.

    Times are seconds of the run, and come in ascending order for each kind of sight.
    """

    def __init__(self, links: Iterable[str]) -> None:
        self._sent: deque[float] = deque()
        self._ended: deque[tuple[float, float, bool]] = deque()
        self._counts = {link: deque([(0.0, 0.0)]) for link in links}
        self._samples: dict[str, tuple[float, float]] = {}
        self._waiting = 0

    def sent(self, at: float) -> None:
        """A request of the load was sent."""
        self._sent.append(at)
        self._waiting += 1

    def ended(self, at: float, latency: float, ok: bool) -> None:
        """A request of the load ended, `latency` seconds after its intended time; `ok` if it was answered 2xx."""
        self._ended.append((at, latency, ok))
        self._waiting -= 1

    def counted(self, at: float, link: str, exchanges: float) -> None:
        """So many exchanges have been seen on a link since the start of the run."""
        if link in self._counts:
            self._counts[link].append((at, exchanges))

    def sampled(self, at: float, signal: str, host: str, value: float) -> None:
        """A service reported a signal."""
        self._samples[f"{signal}@{host}"] = (at, value)

    def at(self, now: float, shed: float) -> dict[str, float]:
        """The metrics of a runbook at `now`; one that has no value now is left out. `shed` is the share shed at the edge.

        Rates are per second, p99 is in seconds. If no request ended, there is neither an error rate nor a p99.
        """
        since = now - WINDOW_S
        while self._sent and self._sent[0] <= since:
            self._sent.popleft()
        while self._ended and self._ended[0][0] <= since:
            self._ended.popleft()
        ok = sum(good for _, _, good in self._ended)
        shown = {
            "offered": len(self._sent) / WINDOW_S,
            "answered": ok / WINDOW_S,
            "in_flight": float(self._waiting),
            "shed": shed,
        }
        if self._ended:
            shown["error_rate"] = 1 - ok / len(self._ended)
            shown["p99"] = percentile((latency for _, latency, _ in self._ended), 99)
        for link, counts in self._counts.items():
            while len(counts) > 1 and counts[1][0] <= since:
                counts.popleft()
            exchanges = counts[-1][1] - counts[0][1]
            shown[f"rate({link})"] = exchanges / WINDOW_S
            if self._sent:
                shown[f"calls_per_request({link})"] = exchanges / len(self._sent)
        return shown | {name: value for name, (at, value) in self._samples.items() if at > since}
