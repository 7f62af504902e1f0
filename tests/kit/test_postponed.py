"""Grants that would only bring acknowledgements are passed over: fewer turns of the hosts, and not a byte's difference."""

from __future__ import annotations

import pytest

from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.host_pipe import HostLink
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.wire import WINDOW
from tests.kit.simulated.judge import digest
from tests.kit.simulated.tiny import tiny_run

MEDIUM = WINDOW * 5 // 8
LARGE = 3 * WINDOW + MEDIUM
MEDIUM_ANSWERS = f"async def answer(request):\n    return 'x' * {MEDIUM}\n"
"""Each answer is acknowledged once, half a window in; the host had room for all of it."""
LARGE_ANSWERS = f"async def answer(request):\n    return 'x' * (int(request.query['n']) % 2 * {LARGE})\n"
"""Every second answer is larger than the window: the host then waits for acknowledgements."""


@pytest.mark.parametrize("source", [MEDIUM_ANSWERS, LARGE_ANSWERS], ids=["medium answers", "large answers"])
def test_passing_over_changes_nothing_but_the_number_of_grants(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without it the record is the same, byte by byte; with it there are fewer grants."""
    grants = 0
    plain_grant = HostLink.grant

    def counted(link: HostLink, horizon: int) -> None:
        nonlocal grants
        grants += 1
        plain_grant(link, horizon)

    monkeypatch.setattr(HostLink, "grant", counted)
    with_it, fewer = tiny_run("fixed", source, rate=20, seconds=4), grants
    monkeypatch.setattr(Coordinator, "_wake_nobody", lambda *_: False)
    grants = 0
    without = tiny_run("fixed", source, rate=20, seconds=4)
    assert with_it.status is Status.PASS
    assert {request.status for request in with_it.requests()} == {200}
    assert digest(with_it) == digest(without)
    assert fewer < grants
