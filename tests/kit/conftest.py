"""For the tests of the kit: every run is a run."""

from __future__ import annotations

import pytest

from labs.kit import runcache


@pytest.fixture(autouse=True)
def no_kept_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never read a kept run: it would agree with itself, and tests of determinism would prove nothing."""
    monkeypatch.delenv(runcache.VARIABLE, raising=False)
