"""What is handed in: constants of a text, which is read and never run.

NAME says whose evening it is, INCIDENT what happened, RUNBOOK what an operator does, POLICIES what holds from now on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labs.kit import SubmissionError, is_number, literal
from labs.lab15_incident.variants import Variant, variant
from labs.town.policies import SETTABLE

Policies = Mapping[str, Mapping[str, float]]
LONGEST_NAME = 60
NAME_FORM = 'NAME = "ada"'
INCIDENT_FORM = 'INCIDENT = {"record": "A", ...}'
RUNBOOK_FORM = 'RUNBOOK = """..."""'
POLICIES_FORM = 'POLICIES = {"orders": {"PAUSE_S": 0.1}}'
MENDABLE = {service: keys for service, keys in SETTABLE.items() if service != "store"}
"""What the mended policies may name: the store's index and its copies are a matter for the runbook."""


@dataclass(frozen=True)
class Said:
    """Whose evening it is, and what is said of it."""

    name: str
    variant: Variant
    incident: Any


def read(source: str) -> Said:
    """Whose evening a submission is about, and its answer. Raises SubmissionError."""
    try:
        compile(source, "fix.py", "exec", dont_inherit=True)  # not executed; runs are made in threads, see kit/model/parsing
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise SubmissionError(f"it is not Python{f', line {line}' if line else ''}") from error
    name = literal(source, "NAME", NAME_FORM)
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise SubmissionError(f"NAME is no text of 1 to {LONGEST_NAME} characters; expected {NAME_FORM}")
    return Said(name, variant(name), literal(source, "INCIDENT", INCIDENT_FORM))


def runbook(source: str) -> str:
    """The runbook of a submission; "" without one. Raises SubmissionError."""
    text = literal(source, "RUNBOOK", RUNBOOK_FORM)
    if text is not None and not isinstance(text, str):
        raise SubmissionError(f"RUNBOOK is no text; expected {RUNBOOK_FORM}")
    return text if text and text.strip() else ""


def policies(source: str) -> Policies:
    """The mended policies of a submission. Raises SubmissionError."""
    told = literal(source, "POLICIES", POLICIES_FORM)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise SubmissionError(f"POLICIES is no dict; expected {POLICIES_FORM}")
    for service, keys in told.items():
        if service not in MENDABLE or not isinstance(keys, dict):
            raise SubmissionError(
                f"POLICIES[{service!r}]: policies belong to {', '.join(MENDABLE)}; expected {POLICIES_FORM}"
            )
        for key, value in keys.items():
            low, high = MENDABLE[service].get(key, (0, 0))
            if key not in MENDABLE[service]:
                raise SubmissionError(f"{service} has no policy {key!r}; it has: {', '.join(MENDABLE[service])}")
            if not is_number(value) or not low <= value <= high:
                raise SubmissionError(f"POLICIES[{service!r}][{key!r}] is {value!r}; expected {low:g} to {high:g}")
    return {service: dict(keys) for service, keys in told.items()}
