"""Nothing of a live run outlives it, whatever the repair did: it exits, hangs, or starts processes of its own."""

from __future__ import annotations

import sys

import pytest

from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from tests.kit.live.processes import Watched, kill
from tests.kit.live.repairs import REPAIRS
from tests.kit.live.tiny import REACHED_ITS_END, live_run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can adopt a process that has left its group")
OURS_AND_THE_SERVICE = 4


def run(watched: Watched, name: str, seconds: float = 1) -> Run:
    """A run of so many seconds with the repair called `name`."""

    def look(done: float, whole: float) -> None:
        watched.look()

    return live_run("fixed", REPAIRS[name], seconds=seconds, progress=look)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises at import", "me ended with ValueError: no luck (fix.py:3)."),
        ("raises a TimeoutError at import", "me ended with TimeoutError: no patience (fix.py:1)."),
        ("exits", "me ended with exit code 3."),
        ("exits with a pool of processes", "me ended with exit code 3."),
    ],
)
def test_repair_that_ends_its_service(watched: Watched, name: str, said: str) -> None:
    """A repair that ends its process is a crash, in words, also where processes of its own live on."""
    ended = run(watched, name, seconds=60)
    assert (ended.status, ended.info.detail) == (Status.CRASHED, said)


@pytest.mark.parametrize(
    ("name", "processes"),
    [
        ("holds the interpreter lock in C", 4),
        ("ignores the stop", 4),
        ("starts a pool of processes", 6),
        pytest.param("leaves a daemon", 5, marks=LINUX),
    ],
)
def test_repair_that_does_not_end(watched: Watched, name: str, processes: int) -> None:
    """A repair that does not stop, or has started processes of its own, is ended with its run."""
    assert run(watched, name).status in REACHED_ITS_END
    assert len(watched.processes) >= processes


@LINUX
@pytest.mark.parametrize("name", ["leaves a daemon", "starts a pool of processes"])
def test_killed_runner_of_a_repair_with_processes(watched: Watched, name: str) -> None:
    """What a repair has started ends too when the runner is killed, which then cannot end it."""

    def murder(done: float, whole: float) -> None:
        if not watched.processes:
            watched.look()
            kill("runner")

    ended = live_run("fixed", REPAIRS[name], seconds=60, progress=murder)
    assert ended.status is Status.INFRA_ERROR
    assert len(watched.processes) > OURS_AND_THE_SERVICE
