"""A live service that is killed at its memory limit and started again, as a container runtime does."""

from __future__ import annotations

import mmap
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.live.cgroup import ASKED_BYTES, offered, within
from labs.kit.worlds.live.memory_limit import (
    BY_BOTH,
    BY_SUPERVISOR,
    EXIT_CODE,
    FIRST_WAIT_S,
    FORGETS_AFTER_S,
    LONGEST_WAIT_S,
    LOOK_EVERY_S,
    Backoff,
)
from labs.kit.worlds.live.process_metrics import highest
from labs.kit.worlds.live.world import ROOT
from labs.kit.worlds.simulated.world import MOST_STEPS
from tests.kit.live.processes import Watched
from tests.kit.live.tiny import REACHED_ITS_END, live_run

LIMIT_MB = 400
MOST_PIDS = 1 << 22
"""Linux gives no process a higher number."""
GROWS = """
kept = []

async def answer(request):
    kept.append(bytearray(b"x" * 20_000_000))  # written to, so that the system has to give it
    return len(kept)
"""
CHILD = """
import subprocess
import sys

child = None

async def start(env):
    global child
    child = subprocess.Popen([sys.executable, "-c", "import time; kept = b'x' * 500_000_000; time.sleep(600)"])

async def answer(request):
    return "held by the child alone"
"""
KILLED = """
import os
import signal

served = 0

async def answer(request):
    global served
    served += 1
    if served == 3:
        os.kill(os.getpid(), signal.SIGKILL)  # nothing of this is in the code that the kernel ends
    return served
"""
MANAGER = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
while [ "$1" != -- ]; do shift; done
shift
[ "$1" = sh ] && exec echo {told}
exec "$@"
"""
"""Stands in for systemd-run: tells of a limit, sets none, and becomes the command."""
SOON = "import os\nasync def answer(request):\n    os._exit(3)\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Each request makes the service 20 MB larger: about 17 of them fill it. Long, for a busy machine starts slowly."""
    return live_run("fixed", GROWS, seconds=12, rate=10, memory_limit_mb=LIMIT_MB)


def test_it_is_killed_and_started_again(run: Run) -> None:
    """The run reaches its end, and the record has kill and restart in turn, as often as it had time for."""
    assert run.status in REACHED_ITS_END
    kinds = [event.kind for event in run.events() if event.kind != "memory limit"]
    assert kinds[:2] == ["oom kill", "restart"]
    assert kinds == ["oom kill", "restart"] * (len(kinds) // 2) + ["oom kill"] * (len(kinds) % 2)


def test_the_record_says_why(run: Run) -> None:
    """A kill tells the exit code, how much was held, more than the limit, and the limit; a restart its number and wait."""
    kill, restart = run.events("oom kill")[0], run.events("restart")[0]
    (limit,) = run.events("memory limit")
    assert limit.detail == f"400 MB, {BY_BOTH if offered() else BY_SUPERVISOR}"
    told = re.fullmatch(r"exit code 137: (?:(\d+) MB|by the kernel), limit 400 MB", kill.detail)
    assert told
    assert int(told[1] or LIMIT_MB) >= LIMIT_MB
    assert restart.detail == f"restart 1 after {FIRST_WAIT_S:g} s"
    assert {event.subject for event in run.events()} == {"me"}


def test_the_memory_has_the_shape_of_a_saw(run: Run) -> None:
    """The largest reading is over the limit, and the first one after the restart far under it."""
    restart = run.events("restart")[0]
    usage = run.samples("process.memory.usage", "me")
    assert max(s.value for s in usage) >= LIMIT_MB * 1e6
    assert next(s.value for s in usage if s.time >= restart.time) < LIMIT_MB * 1e6 / 2
    assert all(s.value > 0 for s in usage)


def test_callers_see_the_gap_and_the_return(run: Run) -> None:
    """Between kill and restart nobody is answered; after it, requests are answered by the new process, from 1 again."""
    kill, restart = run.events("oom kill")[0], run.events("restart")[0]
    between = [r for r in run.requests() if kill.time + 0.1 < r.intended < restart.time - 0.1]
    assert between
    assert not [r for r in between if r.ok]
    assert [r for r in run.requests() if r.intended > restart.time + 0.1 and r.ok]


def test_children_count_and_end_with_it(watched: Watched) -> None:
    """What the repair's own child holds counts towards the limit, and the child ends at the kill, too."""
    run = live_run("fixed", CHILD, seconds=1.5, memory_limit_mb=LIMIT_MB)
    assert "oom kill" in {event.kind for event in run.events()}


def test_a_service_that_ends_by_itself_is_not_started_again(watched: Watched) -> None:
    """A crash is the repair's own doing, and ends the run, limit or not."""
    run = live_run("fixed", SOON, memory_limit_mb=LIMIT_MB)
    assert run.status is Status.CRASHED
    assert "exit code 3" in run.info.detail
    assert not run.events("restart")


def manager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: int) -> Path:
    """Put a systemd-run onto the path whose limits are `told` bytes, whatever is asked for. Returns the file of what was."""
    (tmp_path / "systemd-run").write_text(MANAGER.format(told=told), encoding="ascii")
    (tmp_path / "systemd-run").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "asked"


def test_where_a_user_may_set_a_limit_the_kernel_keeps_it_too(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The service is started in a cgroup with its limit; one that the kernel ends there is started again, and says so."""
    asked = manager(monkeypatch, tmp_path, ASKED_BYTES)
    run = live_run("fixed", KILLED, seconds=8, rate=10, memory_limit_mb=LIMIT_MB)
    assert run.status in REACHED_ITS_END
    assert [e.detail for e in run.events("memory limit")] == [f"400 MB, {BY_BOTH}"]
    assert run.events("oom kill")[0].detail == "exit code 137: by the kernel, limit 400 MB"
    assert run.events("restart")
    service = asked.read_text(encoding="ascii").splitlines()[1]
    assert service.startswith("--user --scope --quiet --collect -p MemoryMax=400000000 -p MemorySwapMax=0 -- ")
    assert service.endswith("-m labs.kit.worlds.live.service")


def test_without_a_cgroup_a_service_that_is_killed_has_crashed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody's SIGKILL is no news of the memory limit."""
    manager(monkeypatch, tmp_path, 0)
    run = live_run("fixed", KILLED, seconds=8, rate=10, memory_limit_mb=LIMIT_MB)
    assert run.status is Status.CRASHED
    assert "signal SIGKILL" in run.info.detail


def test_a_limit_that_is_not_kept_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever takes the order and sets another limit, or answers with an error, or is not there, offers nothing."""
    manager(monkeypatch, tmp_path, ASKED_BYTES + 1)
    assert not offered()
    (tmp_path / "systemd-run").write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    assert not offered()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert not offered()


@pytest.mark.skipif(not offered(), reason="no systemd user manager here that sets memory limits")
def test_the_kernel_ends_what_would_hold_more() -> None:
    """A process in such a cgroup that writes to twice its limit gets a SIGKILL."""
    grows = [sys.executable, "-c", "kept = b'x' * 128_000_000"]
    assert subprocess.run([*within(64_000_000), *grows], check=False).returncode == -signal.SIGKILL
    assert subprocess.run([*within(512_000_000), *grows], check=False).returncode == 0


def test_waits_double_and_are_forgotten() -> None:
    """Each wait is twice the last one up to the longest; after a while without a kill it is the first again."""
    backoff, now, waits = Backoff(), 0.0, []
    for _ in range(6):
        waits.append(backoff.wait_s(now))
        now += waits[-1] + 1
    assert waits == [0.5, 1, 2, 4, 8, LONGEST_WAIT_S]
    assert backoff.wait_s(now + FORGETS_AFTER_S + LONGEST_WAIT_S) == FIRST_WAIT_S


def test_the_page_names_the_codes_numbers() -> None:
    """Each number in the section "Memory" of docs/live-world.md is the one that the code uses."""
    page = (ROOT / "docs" / "live-world.md").read_text(encoding="utf-8")
    section = page.partition("\n## Memory\n")[2].partition("\n## ")[0].replace("\n", " ")
    for sentence in (
        f"every {LOOK_EVERY_S:g} s",
        f"waits {FIRST_WAIT_S:g} s",
        f"up to {LONGEST_WAIT_S:g} s",
        f"first again after {FORGETS_AFTER_S:g} s without a kill",
        f"exit code {EXIT_CODE:d}",
        f"{MOST_STEPS:,} times at most",
    ):
        assert sentence in section, sentence


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells it from outside")
def test_the_most_ever_held_is_told_where_the_system_knows_it() -> None:
    """It outlives what was held: a block that is gone again still stands in it. A process that is not there has none."""
    [before] = highest(os.getpid())
    size = int(before - psutil.Process().memory_info().rss + 20_000_000)
    with mmap.mmap(-1, size) as block:  # fresh pages: a bytes object may lie in what the interpreter keeps of freed ones
        block[:] = bytes(size)
    assert highest(os.getpid())[0] > before
    assert highest(MOST_PIDS + 1) == []
