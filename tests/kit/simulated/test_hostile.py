"""A host that lies on its pipe, in every way that we could think of: the judge ends the run, in bounded time and memory."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psutil
import pytest

from labs.kit.model.load import HttpRequest
from labs.kit.model.names import NS
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.connections import LINK_DELAY_NS
from labs.kit.worlds.simulated.coordinator.failures import HostFailed
from labs.kit.worlds.simulated.coordinator.host_pipe import HostLink, Limits
from labs.kit.worlds.simulated.coordinator.load import Load
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.coordinator.zygote import ROOT
from labs.kit.worlds.simulated.wire import DATA

LIMITS = Limits(cpu_at_one_instant_s=0.3, look_ms=20, connections=100, signals=10_000, signal_bytes=16 << 20)
IMPATIENT = replace(LIMITS, silence_s=0.6)
SILENT = ("says nothing", "speaks one byte at a time", "does not read")
MOST_MEMORY = 256 << 20

LIES = {
    "speaks from the past": (Status.TAMPERED, "a message from"),
    "speaks from the future": (Status.TAMPERED, "a message from"),
    "goes back in time within a frame": (Status.TAMPERED, "a message from 4 ns, outside of [5, "),
    "claims to be done before it is": (Status.TAMPERED, "its next event at"),
    "claims a time after the end of time": (Status.TAMPERED, "its next event at"),
    "claims a negative time": (Status.TAMPERED, "its next event at -1 ns"),
    "sends on a connection that never was": (Status.TAMPERED, "bytes on a connection 77 that never was"),
    "takes a number of the judge's": (Status.TAMPERED, "connection number 4 used out of order"),
    "takes a number twice": (Status.TAMPERED, "connection number 1 used out of order"),
    "calls an address that is none": (Status.TAMPERED, "an address b'"),
    "calls a port that is none": (Status.TAMPERED, "a port 65536"),
    "sends a kind that is none": (Status.TAMPERED, "a message of unknown kind b'Z'"),
    "acknowledges what it was not sent": (Status.TAMPERED, "it acknowledged bytes that it was never sent"),
    "acknowledges in the wrong form": (Status.TAMPERED, "it acknowledged bytes that it was never sent"),
    "sends more than the window": (Status.TAMPERED, "bytes more than the peer's window takes"),
    "sends after its own end": (Status.TAMPERED, "it sent on a connection after it had said that it sends no more"),
    "ends twice": (Status.TAMPERED, "it sent on a connection after it had said that it sends no more"),
    "answers before it was asked": (Status.TAMPERED, "it answered a request that had not reached it"),
    "answers twice": (Status.TAMPERED, "it answered a request that had not reached it"),
    "answers twice at once": (Status.TAMPERED, "it answered a request that had not reached it"),
    "announces 4 GiB": (Status.TAMPERED, "a frame of 4294967295 bytes and 1 messages"),
    "announces 4 billion messages": (Status.TAMPERED, "a frame of 0 bytes and 4294967295 messages"),
    "announces a large message": (Status.TAMPERED, "a message of 2097152 bytes"),
    "cuts a message short": (Status.TAMPERED, "a message of 500 bytes"),
    "announces more messages than come": (Status.TAMPERED, "a frame cut short"),
    "leaves bytes between messages": (Status.TAMPERED, "bytes between messages"),
    "sends three frames for one": (Status.TAMPERED, "bytes after a frame"),
    "calls without end": (Status.TAMPERED, "more than 100 connections at once"),
    "listens without end": (Status.TAMPERED, "the services listen on more than 100 ports"),
    "signals without end": (Status.TAMPERED, "10001 signals of 0 MiB, more than a host sends"),
    "signals megabytes": (Status.TAMPERED, "signals of 16 MiB, more than a host sends"),
    "exits": (Status.CRASHED, "ended by itself during the run"),
    "is killed": (Status.CRASHED, "ended by itself during the run"),
    "closes its pipe and lives on": (Status.CRASHED, "ended by itself during the run"),
    "says nothing": (Status.HUNG, "did not answer for 1 s"),
    "says nothing and computes": (Status.HUNG, "s of CPU without giving way"),
    "stops itself": (Status.HUNG, "was stopped by a signal, and answers nobody"),
    "speaks one byte at a time": (Status.HUNG, "did not answer for 1 s"),
    "does not read": (Status.HUNG, "did not read for 1 s"),
    "says that it failed, in no form": (Status.CRASHED, "liar ended with an error at t = "),
    "says that it failed, at length": (Status.CRASHED, "liar ended with "),
    "says that it failed in line infinity": (Status.CRASHED, "liar ended with an error at t = "),
}


@contextmanager
def lying_host(how: str) -> Iterator[tuple[int, int, int]]:
    """A process that lies in this way: its id, and the judge's ends of its pipe."""
    to_judge_read, to_judge_write = os.pipe()
    to_host_read, to_host_write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.simulated.liar", str(to_host_read), str(to_judge_write), how],
        pass_fds=(to_host_read, to_judge_write), cwd=ROOT,
    )  # fmt: skip
    os.close(to_host_read)
    os.close(to_judge_write)
    try:
        yield process.pid, to_judge_read, to_host_write
    finally:
        process.kill()
        process.wait()


def judge(how: str) -> tuple[HostFailed | None, Coordinator]:
    """Run a lying host under a load for two seconds: how the run ended, and the judge's state after it."""
    coordinator = Coordinator(lambda host, at, line: None, seed=1)
    with lying_host(how) as (pid, read_fd, write_fd):
        load = Load(coordinator, "10.0.0.10", 8080, "liar")
        coordinator.add_node(load)
        coordinator.add_link("load", "liar")
        coordinator.add_link("liar", "load")
        if how != "does not read":
            load.schedule([1_000_000 * n for n in range(1, 200)], lambda n: HttpRequest("GET", "/", f"r{n}", patience_s=1.0))
        link = None
        try:
            wait_for_bytes(read_fd)  # of a process that is busy starting, and not yet silent
            limits = IMPATIENT if how in SILENT else LIMITS
            link = HostLink("liar", pid, read_fd, write_fd, 2 * LINK_DELAY_NS, coordinator.from_host, limits)
            coordinator.add_host(link, "10.0.0.10")
            if how == "does not read":
                coordinator.run(1_000_000)
                for _ in range(400):  # more than a pipe holds
                    link.deliver(10_000_000, DATA, 2, b"z" * 10_000)
            coordinator.run(2 * NS)
        except HostFailed as failed:
            return failed, coordinator
        finally:
            if link is not None:
                link.close()
    return None, coordinator


def wait_for_bytes(descriptor: int) -> None:
    """Until something can be read."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    assert poll.poll(60_000)


@pytest.mark.parametrize("how", LIES)
def test_a_lie_ends_the_run(how: str) -> None:
    """A host that breaks the protocol ends its own run, with the rule that it broke, and costs the judge little memory."""
    before = psutil.Process().memory_info().rss
    failed, _ = judge(how)
    status, said = LIES[how]
    assert failed is not None
    assert failed.status is status
    assert said in failed.detail
    assert len(failed.detail) < 1_000
    assert psutil.Process().memory_info().rss - before < MOST_MEMORY


def test_a_host_that_never_comes_to_an_end_cannot_stop_time() -> None:
    """A host that always has something to do next is within its rights; the run ends at its time all the same."""
    failed, coordinator = judge("never comes to an end")
    assert failed is None
    assert coordinator.now == 2 * NS
    assert coordinator.grants < 2 * NS / LINK_DELAY_NS * 3
