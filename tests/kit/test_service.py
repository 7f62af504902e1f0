"""What a service is given of its surroundings: the clock of the run, and the signal that tells it to stop."""

from __future__ import annotations

import asyncio
import faulthandler
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from labs.kit.service import output
from labs.kit.service.env import LEAST_S, LONGEST_LEAD_S, STEP_S, Env
from labs.kit.service.stopping import send_sigterm
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


@pytest.fixture
def default() -> Iterator[None]:
    """SIGTERM ends this process, as at its start; afterwards what was set before is set again."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("default")
def test_a_handler_of_the_process_is_called_by_sigterm() -> None:
    """Live, the real signal is sent, and the handler has run when the service goes on to stop."""
    called: list[Any] = []
    signal.signal(signal.SIGTERM, lambda number, frame: called.append(number))
    asyncio.run(send_sigterm())
    assert called == [signal.SIGTERM]


@pytest.mark.usefixtures("default")
def test_a_handler_of_the_loop_is_called_by_sigterm() -> None:
    """Likewise one of the event loop, which calls it in one of its next turns."""
    called: list[str] = []

    async def stop() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, called.append, "handler")
        await send_sigterm()
        called.append("stop")

    asyncio.run(stop())
    assert called == ["handler", "stop"]


@pytest.mark.usefixtures("default")
def test_without_a_handler_nothing_is_sent() -> None:
    """SIGTERM would end the process, and its stop() would never be called."""
    asyncio.run(send_sigterm())


@pytest.mark.usefixtures("default")
def test_a_handler_that_exits_does_not_keep_the_service_from_stopping() -> None:
    """A handler that raises SystemExit ends a process by way of its clean-up."""

    def leave(number: int, frame: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    asyncio.run(send_sigterm())


def test_faulthandler_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The streams of a service have no descriptor, so enable() would raise; it is taken, and remembered."""
    for name in [name for name in dir(faulthandler) if callable(getattr(faulthandler, name))]:
        monkeypatch.setattr(faulthandler, name, getattr(faulthandler, name))  # to be put back
    output.quiet_faulthandler()
    stream = output.stream(Signals("shop", lambda line: None), "stderr")
    faulthandler.enable(stream)
    faulthandler.dump_traceback_later(0.001, exit=True, file=stream)
    assert faulthandler.is_enabled()
    assert faulthandler.disable()
    assert not faulthandler.is_enabled()
    assert not faulthandler.disable()
    faulthandler.cancel_dump_traceback_later()
