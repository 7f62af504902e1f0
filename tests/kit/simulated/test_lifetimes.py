"""No simulated process outlives what it belongs to: neither its run, nor its judge, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from labs.kit.model.lab import Scenario
from labs.kit.model.load import Phase
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.zygote import ROOT, zygote
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.simulated.tiny import NO_FIX, hosts_alive, tiny_lab, tiny_run

GIVE_UP_S = 60


def gone(processes: list[psutil.Process]) -> bool:
    """Wait until none of them runs any more."""
    _, alive = psutil.wait_procs(processes, timeout=GIVE_UP_S)
    return not alive


def test_hosts_end_with_their_run() -> None:
    """After a run only the zygote is left."""
    assert tiny_run("plain", seconds=2, rate=5, calls_peer=True).status is Status.PASS
    assert hosts_alive() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_hosts_end_with_their_judge(how: signal.Signals) -> None:
    """A judge that is killed or interrupted during a run leaves no zygote and no host behind."""
    command = [sys.executable, "-m", "tests.kit.simulated.judge", "long"]
    judge = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        process, deadline = psutil.Process(judge.pid), time.monotonic() + GIVE_UP_S
        while len(descendants := process.children(recursive=True)) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(descendants) == 3  # the zygote and two hosts
        judge.send_signal(how)
        assert judge.wait(GIVE_UP_S) != 0
        assert gone(descendants)
    finally:
        judge.kill()
        judge.wait()
        assert judge.stdout is not None
        judge.stdout.close()


def test_hosts_end_with_their_zygote() -> None:
    """A zygote that is killed takes its hosts along; the judge says that its own machine failed, and starts another."""
    first = zygote()
    process = psutil.Process(first._process.pid)
    ended: list[list[psutil.Process]] = []

    def kill_at_half_time(done: float, whole: float) -> None:
        if done > whole / 2 and not ended:
            ended.append(process.children())
            os.kill(process.pid, signal.SIGKILL)
            assert gone(ended[0])

    run = run_simulated(tiny_lab("plain"), NO_FIX, Scenario("tiny", (Phase(5, 3),), settle_s=1), 1, kill_at_half_time)
    assert len(ended[0]) == 1
    assert run.status is Status.INFRA_ERROR
    assert zygote() is not first
    assert tiny_run("plain", seconds=2, rate=5).status is Status.PASS
