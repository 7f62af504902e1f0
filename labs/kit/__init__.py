"""The public names of the kit: all that a lab's author needs. docs/authoring.md explains them; README.md here is the map.

A name is imported when it is first used, so that a service under test imports only the modules that it uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.kit import charts
    from labs.kit.charts import chart
    from labs.kit.charts.chart import Chart
    from labs.kit.judging.adversities import Adversities, Asked, Cannot, NotAsked
    from labs.kit.judging.runbook_cell import given_runbook
    from labs.kit.measure import operating, spans, stats
    from labs.kit.model import faults, names, record
    from labs.kit.model.declare import alert_rule, answered_truly, check, choice, evidence, free, is_number, number, whole
    from labs.kit.model.lab import (
        BROKEN,
        REFERENCE,
        YOURS,
        Diagnosis,
        Fix,
        Kept,
        Lab,
        Policies,
        Scenario,
        Service,
        named,
    )  # fmt: skip
    from labs.kit.model.literals import SubmissionError, literal
    from labs.kit.model.load import Draws, HttpRequest, Phase
    from labs.kit.model.outage import Fact, Found, Outage, alike
    from labs.kit.model.record import Run
    from labs.kit.model.repairs import edited
    from labs.kit.model.runbook import Desk
    from labs.kit.model.verdict import Finding, Status
    from labs.kit.notebook import alerts, notes, policies, results
    from labs.kit.notebook.actions import action
    from labs.kit.notebook.dashboard.figure import five_signals
    from labs.kit.notebook.errors import LearnerError
    from labs.kit.notebook.learner import Learner
    from labs.kit.notebook.notes import Note
    from labs.kit.notebook.workspace import write_atomic
    from labs.kit.service import profiling, sampling, sqlite_cost, work
    from labs.kit.service.admin import admin, of_repair
    from labs.kit.service.application import application
    from labs.kit.service.caller import Caller
    from labs.kit.service.env import Env
    from labs.kit.service.stopping import send_sigterm
    from labs.kit.service.telemetry import Signals
    from labs.kit.worlds import fingerprint
    from labs.kit.worlds.live.postgres import server as postgres
    from labs.kit.worlds.parallel import Job, run_all

MODULES = {
    "faults": "model.faults", "names": "model.names", "record": "model.record", "work": "service.work",
    "sampling": "service.sampling", "profiling": "service.profiling", "sqlite_cost": "service.sqlite_cost",
    "postgres": "worlds.live.postgres.server",
    "fingerprint": "worlds.fingerprint", "stats": "measure.stats", "spans": "measure.spans", "charts": "charts",
    "operating": "measure.operating",
    "chart": "charts.chart", "notes": "notebook.notes", "results": "notebook.results", "alerts": "notebook.alerts",
    "policies": "notebook.policies",
}  # fmt: skip
NAMES = {
    "judging.adversities": ("Adversities", "Asked", "Cannot", "NotAsked"),
    "judging.runbook_cell": ("given_runbook",),
    "model.lab": (
        "Lab", "Service", "Kept", "Scenario", "Policies", "Diagnosis", "Fix", "BROKEN", "REFERENCE", "YOURS", "named",
    ),
    "model.literals": ("SubmissionError", "literal"),
    "model.load": ("Draws", "HttpRequest", "Phase"),
    "model.declare": ("answered_truly", "check", "number", "whole", "choice", "free", "evidence", "alert_rule", "is_number"),
    "model.outage": ("Fact", "Found", "Outage", "alike"),
    "model.record": ("Run",),
    "model.repairs": ("edited",),
    "model.runbook": ("Desk",),
    "model.verdict": ("Finding", "Status"),
    "service.env": ("Env",),
    "service.telemetry": ("Signals",),
    "service.admin": ("admin", "of_repair"),
    "service.application": ("application",),
    "service.caller": ("Caller",),
    "service.stopping": ("send_sigterm",),
    "charts.chart": ("Chart",),
    "notebook.actions": ("action",),
    "notebook.dashboard.figure": ("five_signals",),
    "notebook.errors": ("LearnerError",),
    "notebook.learner": ("Learner",),
    "notebook.notes": ("Note",),
    "notebook.workspace": ("write_atomic",),
    "worlds.parallel": ("Job", "run_all"),
}  # fmt: skip
_PLACES = {name: module for module, names in NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """One of the public names. Raises AttributeError for any other."""
    if name in MODULES:
        return importlib.import_module(f"labs.kit.{MODULES[name]}")
    if name in _PLACES:
        return getattr(importlib.import_module(f"labs.kit.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'labs.kit' has no attribute {name!r}; docs/authoring.md lists what it has")


def __dir__() -> list[str]:
    return sorted([*MODULES, *_PLACES])
