"""Nothing of a live run outlives it: no process, no port, no temporary folder. One test for each way to end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from tests.kit.live.processes import GIVE_UP_S, Watched, kill, start_caller, wait_until
from tests.kit.live.repairs import REPAIRS
from tests.kit.live.tiny import REACHED_ITS_END, live_run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can adopt a process that has left its group")
WHOLE = ["load", "proxy", "runner", "service"]


def test_normal_end(watched: Watched) -> None:
    """A run that reaches its end consists of a runner, a proxy, a load and a service, and leaves none of them."""
    seen: list[list[str]] = []

    def look(done: float, whole: float) -> None:
        watched.look()
        seen.append(watched.roles())

    ended = live_run("fixed", REPAIRS["healthy"], seconds=1, progress=look)
    assert ended.status in REACHED_ITS_END
    assert WHOLE in seen
    assert len(watched.ports) == 1  # of the service; a link that nothing calls and no fault acts on needs none


def test_exception_in_the_callers_progress(watched: Watched) -> None:
    """An exception of the caller's own comes out as it is."""

    def give_up(done: float, whole: float) -> None:
        watched.look()
        raise LookupError("of the caller")

    with pytest.raises(LookupError, match="of the caller"):
        live_run("fixed", REPAIRS["healthy"], seconds=60, progress=give_up)


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("service", Status.CRASHED, "me ended with signal SIGKILL."),
        ("load", Status.INFRA_ERROR, "load ended with signal SIGKILL."),
        ("proxy", Status.INFRA_ERROR, "proxy ended with signal SIGKILL."),
        ("runner", Status.INFRA_ERROR, "The live run ended without a word."),
    ],
)
def test_killed_child(watched: Watched, what: str, status: Status, said: str) -> None:
    """A killed process ends the run at once, and is named; only that of a service is a crash of the repair."""
    killed: list[str] = []

    def murder(done: float, whole: float) -> None:
        watched.look()
        if not killed:
            killed.append(what)
            kill(what)

    ended = live_run("fixed", REPAIRS["healthy"], seconds=60, progress=murder)
    assert (ended.status, ended.info.detail) == (status, said)


def wait_for_start(caller: subprocess.Popen[str], watched: Watched, processes: int) -> None:
    """Until the run of `caller` consists of so many processes."""
    wait_until(
        lambda: caller.poll() is not None or len(watched.look(caller.pid)) >= processes, lambda: f"{processes} processes"
    )


@pytest.mark.parametrize("name", ["healthy", "hangs at import"])
def test_interrupt(watched: Watched, tmp_path: Path, name: str) -> None:
    """Ctrl-C, in the run or before it has begun: the record up to then can be saved and read, and says so."""
    record = tmp_path / "record.db"
    caller = start_caller(tmp_path, name, str(record))
    try:
        wait_for_start(caller, watched, 4 if name == "healthy" else 3)
        assert caller.stdout is not None
        if name == "healthy":
            assert [caller.stdout.readline()[:3] for _ in range(3)] == ["at "] * 3
        watched.look(caller.pid)
        caller.send_signal(signal.SIGINT)
        said, complaint = caller.communicate(timeout=GIVE_UP_S)
        assert (said.splitlines()[-1], complaint) == ("interrupted", "")
    finally:
        caller.kill()
        caller.communicate()
    read = Run.load(record)
    assert read.status is Status.INVALID
    assert read.info.detail.startswith("The run was interrupted ")
    assert (len(read.requests()) > 0) is (name == "healthy")


@pytest.mark.parametrize(
    ("how", "name", "processes"),
    [
        (signal.SIGTERM, "healthy", 2),  # in the middle of its start
        (signal.SIGKILL, "healthy", 4),
        pytest.param(signal.SIGKILL, "leaves a daemon", 5, marks=LINUX),
        pytest.param(signal.SIGKILL, "starts a pool of processes", 6, marks=LINUX),
    ],
)
def test_kernel_restart(watched: Watched, tmp_path: Path, how: signal.Signals, name: str, processes: int) -> None:
    """A caller that is ended or killed takes the whole run with it, temporary folder included."""
    caller = start_caller(tmp_path, name, str(tmp_path / "record.db"))
    try:
        wait_for_start(caller, watched, processes)
        assert len(watched.processes) >= processes
        caller.send_signal(how)
        assert caller.wait(GIVE_UP_S) == -how
    finally:
        caller.kill()
        caller.communicate()


def test_full_disk(watched: Watched, tmp_path: Path) -> None:
    """Where no file can be written, the run says so in one line, without a traceback."""
    caller = start_caller(tmp_path, "healthy", str(tmp_path / "record.db"), "0")
    try:
        said, complaint = caller.communicate(timeout=GIVE_UP_S)
    finally:
        caller.kill()
        caller.communicate()
    assert complaint == ""
    assert said.startswith("infra_error: The live run could not be started: ")
    assert len(said.splitlines()) == 1
