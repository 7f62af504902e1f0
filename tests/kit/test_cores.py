"""One core for one run, on Linux."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from labs.kit.worlds.simulated.coordinator import cpu_pinning

pytestmark = pytest.mark.skipif(not cpu_pinning.CAN_PIN, reason="only Linux lets a thread be kept on one core")


@pytest.fixture(autouse=True)
def names_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of other tests claim cores meanwhile: use other names than they do."""
    monkeypatch.setattr(cpu_pinning, "CLAIM", f"\0breakfix test {os.getpid()} core ")


def in_a_thread(work: Callable[[], None]) -> None:
    """Affinity belongs to a thread: leave the test's own alone."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by the test's own thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def test_each_run_has_a_core_of_its_own_while_there_are_any() -> None:
    """As many runs as there are cores are all on different ones; one more may run on all; afterwards all are as before."""
    allowed = os.sched_getaffinity(0)

    def claim_all() -> None:
        with ExitStack() as stack:
            claimed = []
            for _ in allowed:
                os.sched_setaffinity(0, allowed)
                stack.enter_context(cpu_pinning.one_core())
                claimed.append(os.sched_getaffinity(0))
            assert all(len(cpus) == 1 for cpus in claimed)
            assert set().union(*claimed) == allowed
            os.sched_setaffinity(0, allowed)
            with cpu_pinning.one_core():
                assert os.sched_getaffinity(0) == allowed
        assert os.sched_getaffinity(0) == allowed

    in_a_thread(claim_all)


def test_a_core_is_free_again_after_its_run() -> None:
    """The next run takes the same core, also after one that raised."""

    used: list[set[int]] = []

    def fail() -> None:
        with cpu_pinning.one_core():
            used.append(os.sched_getaffinity(0))
            raise ZeroDivisionError

    def twice() -> None:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                fail()
        assert used[0] == used[1]
        assert len(used[0]) == 1

    in_a_thread(twice)


def test_a_host_joins_its_judge() -> None:
    """A process is moved to the core of the thread that asks; one that has ended is no error."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:

        def join() -> None:
            with cpu_pinning.one_core():
                cpu_pinning.join(process.pid)
                assert os.sched_getaffinity(process.pid) == os.sched_getaffinity(0)

        in_a_thread(join)
        process.communicate(b"\n")
    cpu_pinning.join(process.pid)
