"""The five signals of a run in bins of half a second: of a finished run, or of a live run message by message.

Everything is counted when it is seen, as in a monitoring system: an answer counts in the bin in which it came. A request
that has not ended yet appears only in the number of requests in flight. (Charts and checks count by the intended time; see
labs/kit/measure/stats.py.)
"""

from __future__ import annotations

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from labs.kit.measure import stats
from labs.kit.model.names import (
    CONNECTIONS,
    CPU,
    DEPLOY,
    DEPLOY_FAILED,
    EXCHANGES,
    FAULT_OFF,
    FAULT_ON,
    LOAD_CHANGED,
    LOOP_LAG,
    MEMORY,
    MOST_CONNECTIONS,
    NS,
    OOM_KILL,
    QUEUES,
    RESTART,
)
from labs.kit.model.record import Event, Run, Sample

BIN_S = 0.5
CHANGES = (FAULT_ON, FAULT_OFF, LOAD_CHANGED, DEPLOY, DEPLOY_FAILED, OOM_KILL, RESTART)
"""The kinds of events that are marked; a lab's own events, such as each debit, are not."""
GAUGES = (LOOP_LAG, MEMORY, CPU, CONNECTIONS, MOST_CONNECTIONS, *QUEUES, EXCHANGES)
"""The readings that are shown."""
PEAKS = (LOOP_LAG, *QUEUES)
"""Of these signals a bin keeps the highest reading: while a new process replaces an old one, both report their queue under
one name. Of all other signals it keeps the last reading."""

MOST_CHANGES = 500
"""The largest number of changes marked during a run: a picture with more marks shows nothing."""

Key = tuple[str, str]
"""(signal, host)."""


@dataclass
class Bin:
    """One half second of a run. `times` are the request times, in seconds, of the requests that ended in it, ascending."""

    offered: int = 0
    begun: int = 0
    ended: int = 0
    in_time: int = 0
    refused: int = 0  # answered, but not 2xx
    silent: int = 0  # not answered: timed out, reset, refused
    calls: int = 0  # on the lab's link
    times: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """The number of requests that ended without a 2xx answer."""
        return self.refused + self.silent

    def percentile(self, q: float) -> float | None:
        """The q-th percentile of the request times; None if no request ended."""
        return stats.percentile(self.times, q) if self.times else None


class TimeSeries:
    """The five signals of one run, up to now.

    Args:
        entry: the service that the load calls.
        objective_s: the largest request time that counts as "in time".
        dues: the intended times, in ns, of the load's requests by number; only for messages of a live run.
        link: the link whose calls are counted; "" for none.
    """

    def __init__(self, entry: str, objective_s: float, dues: Sequence[int] = (), link: str = "") -> None:
        self.entry, self.objective_s, self.link = entry, objective_s, link
        self._dues = dues
        self._counted = 0.0
        self.bins: dict[int, Bin] = defaultdict(Bin)
        self.gauges: dict[Key, dict[int, float]] = defaultdict(dict)
        self.changes: list[Event] = []
        self.at = 0.0
        """The latest time of the run in any message, in seconds."""

    @classmethod
    def of(cls, run: Run, objective_s: float, link: str = "") -> TimeSeries:
        """The time series of a finished run."""
        load = next((name for name in run.links() if name.startswith("load->")), "load->")
        series = cls(load.partition("->")[2], objective_s, link=link if link != load else "")
        for r in run.requests():
            series.begin(r.intended, r.sent)
            if r.done is not None:
                series.end(r.intended, r.done, r.status)
        for signal in GAUGES:
            if signal != EXCHANGES:  # the rows of the link themselves are there
                for sample in run.samples(signal):
                    series.read(sample)
        for call in run.requests(series.link) if series.link else []:
            series.bins[_bin(call.sent)].calls += 1
        for event in run.events():
            series.change(event)
        series.at = run.info.seconds
        return series

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take one message of a live run (see labs/kit/worlds/live/world.py)."""
        if "begun" in message:
            for due, sent in message["begun"]:
                self.begin(due / NS, sent / NS)
        elif "rows" in message:
            for index, _, done, status, _ in message["rows"]:
                if done >= 0:
                    self.end(self._dues[index] / NS, done / NS, status)
        elif "samples" in message:
            for at, signal, host, value in message["samples"]:
                self.read(Sample(at, signal, host, value))
        elif "signal" in message:
            with suppress(KeyError, TypeError, ValueError):  # a service may send anything; the picture goes on
                self._hear_signal(message["signal"], message["host"])
        elif "at" in message:
            self.at = max(self.at, float(message["at"]))

    def _hear_signal(self, row: Mapping[str, Any], host: str) -> None:
        if row["table"] == "samples" and row["signal"] in GAUGES:
            self.read(Sample(float(row["time"]), row["signal"], host, float(row["value"])))
        elif row["table"] == "events" and len(self.changes) < MOST_CHANGES:
            self.change(Event(float(row["time"]), str(row["kind"]), str(row["subject"]), str(row["detail"])))

    def begin(self, due: float, sent: float) -> None:
        """A request of the load was sent."""
        self.bins[_bin(due)].offered += 1
        self.bins[_bin(sent)].begun += 1

    def end(self, due: float, done: float, status: int) -> None:
        """A request of the load has ended; `status` is 0 without an answer."""
        seen, took = self.bins[_bin(done)], done - due
        good = 200 <= status < 300
        seen.ended += 1
        seen.in_time += good and took <= self.objective_s
        seen.refused += status != 0 and not good
        seen.silent += status == 0
        insort(seen.times, took)

    def read(self, sample: Sample) -> None:
        """Take a reading of a signal; a signal that is not shown is left out."""
        if sample.signal == EXCHANGES:
            if sample.host == self.link:
                self.bins[_bin(sample.time)].calls += round(sample.value - self._counted)
                self._counted = sample.value
        elif sample.signal in GAUGES and sample.time >= 0 and math.isfinite(sample.value):
            kept = self.gauges[sample.signal, sample.host]
            number = _bin(sample.time)
            kept[number] = max(sample.value, kept.get(number, 0.0)) if sample.signal in PEAKS else sample.value

    def change(self, event: Event) -> None:
        """Take a change of the system; other kinds of events are left out."""
        if event.kind in CHANGES:
            insort(self.changes, event, key=lambda e: e.time)

    def in_flight(self) -> list[tuple[int, int]]:
        """(bin, number of the load's requests in flight at the end of the bin), up to the latest bin."""
        under_way, counted = 0, []
        for number in range(_bin(self.at) + 1):
            seen = self.bins.get(number)
            if seen is not None:
                under_way += seen.begun - seen.ended
            counted.append((number, under_way))
        return counted

    def hosts(self, signal: str) -> list[str]:
        """The hosts that have reported a signal."""
        return [host for name, host in self.gauges if name == signal]


def _bin(at: float) -> int:
    """The bin of a time; times before the start belong to the first bin."""
    return max(0, math.floor(at / BIN_S))
