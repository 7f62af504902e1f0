"""Several runs at once: their order, their results, and how they end."""

from __future__ import annotations

import threading

import pytest

from labs.kit.model.lab import Progress
from labs.kit.worlds.parallel import Stopped, run_each, usable_cores


def test_the_longest_begin_first_and_results_keep_their_order() -> None:
    """Items begin by falling length; results come as the items were given, and progress counts each once."""
    begun: list[int] = []
    told: list[tuple[int, int]] = []

    def work(item: int, look: Progress) -> int:
        begun.append(item)
        return item * item

    results = run_each(work, [2, 9, 4], length=float, jobs=1, progress=lambda done, in_all: told.append((done, in_all)))
    assert results == [4, 81, 16]
    assert begun == [9, 4, 2]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_nothing_to_do_is_no_error() -> None:
    """No items give no results."""
    assert run_each(lambda item, look: item, [], length=float) == []


def test_an_interrupt_stops_what_runs_and_drops_the_rest() -> None:
    """After Ctrl-C a run ends at its next look, what waited in the queue never begins, and the interrupt goes on up."""
    begun: list[int] = []
    stopped: list[int] = []
    both = threading.Barrier(2, timeout=60)
    interrupted = threading.Event()

    def work(item: int, look: Progress) -> None:
        begun.append(item)
        if item in (4, 3):
            both.wait()
        if item == 4:
            return
        assert interrupted.wait(60)
        try:
            while True:
                look(0.0, 1.0)
        except Stopped:
            stopped.append(item)
            raise

    def interrupt(done: int, in_all: int) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_each(work, [1, 2, 3, 4], length=float, jobs=2, progress=interrupt)
    assert begun[:2] in ([4, 3], [3, 4])
    assert 3 in stopped
    assert 1 not in begun


def test_an_error_of_a_run_reaches_the_caller() -> None:
    """What one run raises is raised by the whole."""

    def work(item: int, look: Progress) -> int:
        return 1 // item

    with pytest.raises(ZeroDivisionError):
        run_each(work, [1, 0, 2], length=float, jobs=1)


def test_at_least_one_core_is_usable() -> None:
    """There is always a core to run on."""
    assert usable_cores() >= 1
