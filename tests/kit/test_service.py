"""What a service is given of its surroundings: the clock of the run."""

from __future__ import annotations

import asyncio

import pytest

from labs.kit.service.env import LEAST_S, LONGEST_LEAD_S, STEP_S, Env
from labs.kit.service.telemetry import Signals


def slept(monkeypatch: pytest.MonkeyPatch, start: float, until: float, steps: list[float]) -> list[float]:
    """The sleeps of `until`, on a clock that moves by `steps` instead of by what was asked for."""
    signals = Signals("shop", lambda line: None)
    moments, asked = [start], []
    monkeypatch.setattr(signals, "now", lambda: moments[-1])

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        moments.append(moments[-1] + steps[len(asked) - 1])

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(Env("shop", None, {}, {}, 0, signals).until(until))
    return asked


def test_a_timer_that_fires_early_is_not_asked_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rest of less than the clock's resolution would be over at once, again and again, with the clock standing still."""
    assert slept(monkeypatch, 0.0, 1.0, [1.0 - 1e-10, LEAST_S]) == [1.0, LEAST_S]


def test_a_moment_that_has_passed_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes late goes on at once."""
    assert slept(monkeypatch, 2.0, 1.0, []) == []


def test_before_the_start_is_announced_it_looks_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live, the clock jumps when the run's start becomes known; a sleep until then would be a guess."""
    assert slept(monkeypatch, -2 * LONGEST_LEAD_S, 1.0, [2 * LONGEST_LEAD_S - 1, 2.0]) == [STEP_S, 2.0]
