"""Readings of an evening in the town: what failed and when, what the operator did, and what he left behind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from labs.kit import Run, names, operating, record
from labs.lab13_hazards.town_scenarios import IMPORT, POLICIES, SINGLE_S
from labs.town.policies import DEFAULTS

SICK = {"stall": ("payments", "orders"), "crowd": ("payments", "orders"), "slow_store": ("store",)}
"""The services that the cause of an evening makes sick; on the others nobody has to act."""
UNTIL_S = 2.0
"""The share of a moment is that of so many seconds."""


@dataclass(frozen=True)
class Act:
    """One action of the operator: when, and on what: a service or the edge; `verb` is restart, set or shed."""

    time: float
    where: str
    verb: str
    words: tuple[str, ...]


def _told(run: Run, kind: str) -> list[record.Event]:
    """The judge's own events of a kind."""
    return [event for event in run.events(kind) if event.by == record.JUDGE]


def cause(run: Run) -> tuple[float, float] | None:
    """When the cause of the evening begins and ends, in seconds; None for an evening without one."""
    for event in _told(run, names.ANSWER):
        begins, ends = event.detail.split()
        return float(begins), float(ends)
    return None


def operated(run: Run) -> bool:
    """Was there a runbook?"""
    return bool(_told(run, names.RUNBOOK))


def acts(run: Run) -> list[Act]:
    """What the operator did to the system, in order."""
    found = []
    for event in operating.actions(run):
        verb, *words = event.detail.split()
        found.append(Act(event.time, event.subject, verb, tuple(words)))
    return found


def pages(run: Run) -> list[float]:
    """When the operator was called."""
    return [event.time for event in _told(run, names.PAGED)]


def failed(run: Run) -> int:
    """The requests that failed, without those that the market sent too many."""
    return sum(not r.ok or bool(r.wrong) for r in run.requests(_load(run)) if not r.request_id.startswith(IMPORT))


def answered(run: Run, start: float, end: float, orders: bool = False) -> float:
    """The share of the requests, or of the orders, of these seconds that were answered; of the market's imports none."""
    rows = [
        r for r in run.requests(_load(run))
        if start <= r.intended < end and not r.request_id.startswith(IMPORT)
        and (not orders or not r.request_id.startswith("page"))
    ]  # fmt: skip
    return sum(r.ok for r in rows) / len(rows) if rows else 1.0


def single_from(run: Run) -> float:
    """From this second on the bank declines some charges."""
    return run.info.load_s - SINGLE_S


def well_after_s(run: Run, share: float) -> float:
    """Seconds from the end of the cause until this share of the requests is answered in each moment, to the single errors.

    Infinite if it was not to the end.
    """
    (_, ends), until = cause(run) or (0.0, 0.0), single_from(run)
    bad = [at for at in range(int(ends), int(until - UNTIL_S) + 1) if answered(run, at, at + UNTIL_S) < share]
    if not bad:
        return 0.0
    return math.inf if bad[-1] + UNTIL_S >= until else bad[-1] + UNTIL_S - ends


def left_behind(run: Run) -> list[str]:
    """What the operator had changed and not given back when the load ended, in words."""
    values: dict[tuple[str, str], float] = {}
    shed: dict[str, float] = {}
    for act in acts(run):
        if act.time > run.info.load_s:
            break
        match act.verb, act.words:
            case "restart", [service]:
                values = {at: value for at, value in values.items() if at[0] != service}
            case "set", [service, key, value]:
                values[service, key] = float(value)
            case "shed", [share, *client]:
                shed[" ".join(client)] = float(share)
    told = [
        f"{key} of {service} is {value:g}" for (service, key), value in values.items() if value != at_first(service, key)
    ]
    return told + [f"shed {share:g} {client}".strip() for client, share in shed.items() if share]


def at_first(service: str, key: str) -> float:
    """The value of a setting at the beginning of every evening."""
    policies: Mapping[str, Mapping[str, float]] = POLICIES
    return {**DEFAULTS[service], **policies.get(service, {})}[key]


def strayed(run: Run) -> list[Act]:
    """The operator's acts on what the cause of the evening does not touch: services, and customers who are all refused."""
    sick = SICK.get(run.info.scenario, ())
    return [act for act in acts(run) if (_for_all(act) if act.verb == "shed" else act.where not in sick)]


def _for_all(act: Act) -> bool:
    """Does it refuse requests of everybody?"""
    return len(act.words) == 1 and float(act.words[0]) > 0


def _load(run: Run) -> str:
    return "load->gateway"
