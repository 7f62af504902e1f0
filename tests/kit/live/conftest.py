"""For the tests of the live world: where a run puts its files, and what it may leave."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.live.processes import Watched, wait_until


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The run of this test puts its temporary files where the test can see them; in the end none is left, nor a process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    watched = Watched(tmp_path)
    yield watched
    wait_until(lambda: not watched.left(), lambda: f"an end of {watched.left()}")
