"""Signals: logs, spans and metrics as a service emits them, on their way to the record."""

from __future__ import annotations

from labs.kit.signals.emit import Signals
from labs.kit.signals.ingest import parse

__all__ = ["Signals", "parse"]
