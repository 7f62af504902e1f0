"""The diagnosis of lab13: of the broken linter, and of a plan."""

from __future__ import annotations

from labs.kit import Diagnosis, whole

DIAGNOSIS = Diagnosis(questions=(whole("line", "the line", 2, why="."),), points=4, hint=".")
HINTS = ("a", "b")
