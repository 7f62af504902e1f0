"""The course of the grader's own tests, for files that came in damaged."""

from __future__ import annotations

from tests.grader.conftest import course, judge_here, template  # noqa: F401  fixtures
