"""Code that both worlds share: the links of a lab and their faults, the events of a run, the toolchain."""

from __future__ import annotations

import hashlib
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from labs.kit.model.faults import Fault, Kill, LinkFault, ServiceFault, as_plain
from labs.kit.model.lab import Lab, Scenario, Service
from labs.kit.model.names import ANSWER
from labs.kit.model.record import Event


def link_faults(lab: Lab, scenario: Scenario) -> dict[str, list[LinkFault]]:
    """The faults on each link of a lab, "caller->called", the load's own first. Raises ValueError for an unknown link."""
    links: dict[str, list[LinkFault]] = {name: [] for name in lab.links}
    for fault in scenario.faults:
        if isinstance(fault, LinkFault):
            if fault.link not in links:
                known = ", ".join(sorted(links))
                raise ValueError(f"the fault {fault} acts on no link of {lab.name}; its links are: {known}")
            links[fault.link].append(fault)
    return links


def kills(services: Iterable[str], faults: Sequence[Fault]) -> list[Kill]:
    """The faults that end a process. Raises ValueError for a service that is not one of `services`."""
    found, known = [fault for fault in faults if isinstance(fault, Kill)], list(services)
    for fault in found:
        if fault.service not in known:
            names = ", ".join(known)
            raise ValueError(f"the fault {fault} acts on no service of this lab; its services are: {names}")
    return found


def service_faults(faults: Sequence[Fault], service: str) -> list[dict[str, Any]]:
    """The faults inside a service, as plain JSON for its process, without its kills."""
    inside = [fault for fault in faults if isinstance(fault, ServiceFault) and not isinstance(fault, Kill)]
    return [as_plain(fault) for fault in inside if fault.service == service]


def told(service: Service, scenario: Scenario, seed: int) -> dict[str, Any]:
    """What a service learns of its scenario: settings, seed, secret.

    A service that runs the repair does not learn the secret. If there is one, and the lab says what the service sees, its
    seed is its own, so that it cannot draw what another service draws.
    """
    settings = scenario.settings
    seen = settings if service.sees is None else {name: settings[name] for name in service.sees if name in settings}
    hidden = service.runs_fix and scenario.secret and service.sees is not None
    own = int.from_bytes(hashlib.sha256(f"{scenario.secret} {seed} {service.name}".encode()).digest()[:4], "big")
    return {
        "settings": dict(seen), "seed": own if hidden else seed, "secret": "" if service.runs_fix else scenario.secret,
    }  # fmt: skip


def repaired(services: Iterable[Service]) -> str:
    """The services that run the repair, as `RunInfo.repaired` has them."""
    return ",".join(service.name for service in services if service.runs_fix)


def why_blind(link: str, what: str) -> str:
    """Why a run cannot be judged on whose link a tap met `what`, which it does not read as HTTP/1.1."""
    return f"Requests on {link} are counted as HTTP/1.1 of one reading, and there came {what}."


def planned_events(scenario: Scenario) -> list[Event]:
    """What the judge knows of a run before it begins: the answer, and the beginnings and ends of the faults."""
    events = [Event(0.0, ANSWER, scenario.name, scenario.answer)] if scenario.answer else []
    for fault in scenario.faults:
        ends = fault.at_s + fault.seconds < scenario.seconds
        what = type(fault).__name__ + (f" {fault.seconds:g} s" if ends else "")
        events.append(Event(fault.at_s, "fault on", fault.where, what))
        if ends:
            events.append(Event(fault.at_s + fault.seconds, "fault off", fault.where, what))
    return events


def toolchain() -> str:
    """The versions that must be equal for records to be identical."""
    return f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, aiohttp {version('aiohttp')}"
