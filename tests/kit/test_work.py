"""Places that keep their pace, on real clocks too."""

from __future__ import annotations

import asyncio

import pytest

from labs.kit.service.work import Pace


class Clock:
    """The time of an event loop that a test moves by hand; sleeping moves it, and a little further, as it does live."""

    def __init__(self, late_s: float) -> None:
        self.now, self.late_s = 100.0, late_s

    def time(self) -> float:
        """Now."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wake up late."""
        self.now += seconds + self.late_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """In the place of the loop's."""
    clock = Clock(late_s=0.0015)
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: clock)
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


def serve(place: Pace) -> None:
    """One at the counter."""
    with pytest.raises(StopIteration):
        place.work().send(None)


def test_a_line_is_served_at_the_pace_of_the_lab(clock: Clock) -> None:
    """Whatever sleeping and coming takes, a hundred that wait in line take a hundred times pace and way."""
    place, began = Pace(0.019), clock.now
    for _ in range(100):
        serve(place)
        clock.now += 0.003  # the way of the answer, and of the next one
    assert clock.now - began == pytest.approx(100 * 0.020, abs=0.005)


def test_who_comes_to_an_idle_place_is_served_from_then_on(clock: Clock) -> None:
    """Credit is for the way, not for idle time: after a pause each takes the whole of its time."""
    place = Pace(0.019)
    for _ in range(3):
        clock.now += 1.0
        began = clock.now
        serve(place)
        assert clock.now - began == pytest.approx(0.019 + 0.0015)
