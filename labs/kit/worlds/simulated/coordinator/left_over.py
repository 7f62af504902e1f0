"""What is left over in a host at the quiet end of a run: what the judge sees from outside, and what the host itself says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import psutil

from labs.kit.model import names
from labs.kit.model.names import NS
from labs.kit.model.record import Left
from labs.kit.model.verdict import Status
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.simulated.coordinator.failures import HostFailed
from labs.kit.worlds.simulated.coordinator.host_pipe import HostLink
from labs.kit.worlds.simulated.coordinator.main import Coordinator

SAID = (
    names.TASKS_LEFT, names.THREADS_LEFT, names.ERRORS_LEFT, names.TASKS_LOST, names.NEVER_AWAITED, names.NEVER_CLOSED,
    names.KEPT_LEFT, names.INTACT, names.PATCHED, names.STOP_FAILED,
)  # fmt: skip
"""What a host may say of itself."""
LONGEST_TEXT = 200
_OF_ONE_RUN = re.compile(r"0x[0-9a-f]{8,}|\d{9,}")
"""Addresses and numbers of threads in what an exception says: no two runs have the same."""
MOST_ROWS = 40
MOST_COUNT = 10**9
STOPS_WITHIN_S = 10
"""Right repairs take no time, or what the work under way takes: nobody asks for anything by then."""


def seen(coordinator: Coordinator, taps: Iterable[HttpTap], host: HostLink, end: float) -> list[Left]:
    """The calls of a host that began before `end` and are still under way, its open connections and its descriptors."""
    rows = []
    for tap in taps:
        caller, called = tap.link.split("->")
        if caller == host.name:
            calls = Counter(tap.unanswered(end))
            rows += [Left(host.name, names.CALLS_LEFT, f"{tap.link}: {what}", count) for what, count in calls.items()]
            rows.append(Left(host.name, names.CONNECTIONS_LEFT, tap.link, coordinator.open_connections(caller, called)))
    with suppress(psutil.Error):  # it has ended, and the run says so
        rows.append(Left(host.name, names.DESCRIPTORS_LEFT, "", psutil.Process(host.pid).num_fds()))
    return rows


def said(host: str, answer: bytes) -> list[Left]:
    """The rows in what a host says of itself; of what is not of that form, nothing."""
    try:
        rows = json.loads(answer)
        return [
            Left(host, kind, _plain(what), count, host)
            for kind, what, count in rows[:MOST_ROWS]
            if kind in SAID and isinstance(what, str) and type(count) is int and 0 < count < MOST_COUNT
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []


def stopped(coordinator: Coordinator, host: HostLink) -> list[Left]:
    """Tell a host to stop: an exception of the repair's, or that it has not stopped in STOPS_WITHIN_S. Raises HostFailed."""
    hangs = [Left(host.name, names.STOP_HANGS, f"{STOPS_WITHIN_S} s", 1)]
    try:
        answer = coordinator.stop(host, STOPS_WITHIN_S * NS)
    except HostFailed as failed:
        if failed.status is Status.HUNG:
            return hangs
        if failed.status is Status.CRASHED:
            return [Left(host.name, names.STOP_FAILED, failed.detail, 1)]
        if failed.status is Status.UNSUPPORTED:  # what it may do when it ends is not what it is judged by
            return []
        raise
    return said(host.name, answer) if answer else hangs


def tampering(rows: list[Left]) -> str:
    """What a host has done, by the rows that it said of itself, to what is the lab's; "" if nothing is known."""
    kinds = {row.kind: row.what for row in rows}
    if names.INTACT in kinds:
        return ""
    if names.PATCHED in kinds:
        return f"has changed {kinds[names.PATCHED]}, which is the lab's and not the repair's"
    return "does not say what it has left over"


def _plain(text: str) -> str:
    return _OF_ONE_RUN.sub("...", "".join(c if c.isprintable() else " " for c in text))[:LONGEST_TEXT]
