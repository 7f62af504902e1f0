"""The sandbox's parts: the filter of system calls, the cage, what a process sees, and which tier is chosen."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import labs
from grader import sandbox
from labs.kit.worlds import parallel, run_cache
from labs.kit.worlds.sandbox import bubblewrap, cage, places, probe, seccomp
from labs.kit.worlds.sandbox.cage import NoCage, Rules
from labs.kit.worlds.sandbox.seccomp import ALLOW, EAFNOSUPPORT, ENOSYS, EPERM, KILL, NOTHING_DONE
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier

PID = 4711
MACHINES = ("x86_64", "aarch64")
linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")


def answer(
    machine: str, number: int, *arguments: int, arch: int = 0, sockets: tuple[int, ...] = (), processes: bool = False
) -> int:
    """What the filter answers to a call, by interpreting it as the kernel does (classic BPF on struct seccomp_data)."""
    words = seccomp.program(machine, PID, sockets=sockets, processes=processes)
    data = {0: number, 4: arch or seccomp.MACHINES[machine][1]}
    for index, value in enumerate([*arguments, *[0] * (6 - len(arguments))]):
        data[16 + 8 * index] = value & 0xFFFFFFFF
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, constant = words[at]
        if code == 0x06:
            return constant
        at += 1
        if code == 0x20:
            accumulator = data[constant]
        else:
            holds = {0x15: accumulator == constant, 0x35: accumulator >= constant, 0x45: bool(accumulator & constant)}[code]
            at += if_true if holds else if_false


@pytest.mark.parametrize("column", [0, 1], ids=MACHINES)
def test_each_call_of_the_table_gets_its_answer(column: int) -> None:
    """On both machines; in the live world the calls for sockets and processes are allowed, and nothing else is."""
    machine = MACHINES[column]
    for calls, expected, live in (
        (seccomp.NO_REPAIR_NEEDS, KILL, KILL),
        (seccomp.ONLY_SEEMS_DONE, NOTHING_DONE, NOTHING_DONE),
        (seccomp.DENIED, EPERM, EPERM),
        (seccomp.ABSENT, ENOSYS, ENOSYS),
        (seccomp.SOCKETS, EPERM, ALLOW),
        (seccomp.PROCESSES, EPERM, ALLOW),
    ):
        numbers = list(seccomp.numbers(calls, column))
        assert len(numbers) > 2
        for number in numbers:
            assert answer(machine, number, 1) == expected
            assert answer(machine, number, 1, sockets=places.FAMILIES, processes=True) == live


@pytest.mark.parametrize("column", [0, 1], ids=MACHINES)
def test_calls_are_judged_by_their_arguments(column: int) -> None:
    """Threads and no processes, signals to its own threads, its own limits, no owner of a descriptor, known families."""
    machine = MACHINES[column]
    clone, tgkill, prlimit, fcntl, socket_, clone3 = (
        getattr(seccomp, name)[column] for name in ("CLONE", "TGKILL", "PRLIMIT", "FCNTL", "SOCKET", "CLONE3")
    )
    thread, namespace = 0x3D0F00, 0x10000000
    assert answer(machine, clone, thread) == ALLOW
    assert answer(machine, clone, signal.SIGCHLD) == EPERM
    assert answer(machine, clone, signal.SIGCHLD, processes=True) == ALLOW
    assert answer(machine, clone, thread | namespace) == answer(machine, clone, namespace, processes=True) == KILL
    assert answer(machine, clone3) == ENOSYS
    assert [answer(machine, tgkill, pid) for pid in (PID, 1, PID + 1)] == [ALLOW, EPERM, EPERM]
    for world in (False, True):
        assert [answer(machine, prlimit, pid, processes=world) for pid in (0, PID, 1)] == [ALLOW, ALLOW, EPERM]
    assert [answer(machine, fcntl, 3, command) for command in (3, 8, 15, 1030)] == [ALLOW, EPERM, EPERM, ALLOW]
    families = [answer(machine, socket_, family, sockets=places.FAMILIES) for family in (1, 2, 10, 16, 17, 40)]
    assert families == [ALLOW] * 3 + [EAFNOSUPPORT] * 3


@pytest.mark.parametrize("column", [0, 1], ids=MACHINES)
def test_ordinary_calls_pass(column: int) -> None:
    """Reading, writing, memory, time, waiting and ending (asm/unistd_64.h, asm-generic/unistd.h)."""
    ordinary = (
        {"read": 0, "write": 1, "mmap": 9, "futex": 202, "openat": 257, "clock_gettime": 228, "exit": 60},
        {
            "read": 63,
            "write": 64,
            "mmap": 222,
            "futex": 98,
            "openat": 56,
            "clock_gettime": 113,
            "epoll_pwait": 22,
            "exit": 93,
        },
    )
    assert {name: answer(MACHINES[column], number, 5) for name, number in ordinary[column].items()} == dict.fromkeys(
        ordinary[column], ALLOW
    )


def test_calls_of_another_machine_end_the_process() -> None:
    """32-bit calls, x32's, and the other column's have other numbers: none of them is looked up."""
    assert answer("x86_64", 11, arch=0x40000003) == KILL
    assert answer("x86_64", seccomp.X32 + 39) == KILL
    assert answer("aarch64", 63, arch=seccomp.MACHINES["x86_64"][1]) == KILL
    with pytest.raises(ValueError, match="riscv64"):
        seccomp.program("riscv64", PID)


def in_child(attempt: Callable[[], object], rules: Rules | None) -> int:
    """Attempt something in a child that is in the cage, or not. Returns 0 if it worked, 1 if refused, or -signal."""
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            if rules is not None:
                cage.enter(rules)
            attempt()
            code = 0
        except NoCage:
            code = 2
        except OSError:
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def call(*arguments: int | bytes | None) -> Callable[[], None]:
    """A system call as an attempt."""

    def attempt() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), "refused")

    return attempt


FORBIDDEN = {
    "ptrace": call(101, 16, 1, 0, 0), "reading another's memory": call(310, 1, None, 0, None, 0, 0),
    "writing another's memory": call(311, 1, None, 0, None, 0, 0), "another's descriptors": call(438, 0, 0, 0),
    "comparing processes": call(312, 1, 1, 0, 0, 0), "bpf": call(321, 99, None, 0), "perf": call(298, None, 0, -1, -1, 0),
    "userfaultfd": call(323, 1), "mount": call(165, b"none", b"/nowhere", b"tmpfs", 0, None),
    "umount": call(166, b"/nowhere", 0), "pivot_root": call(155, b"/nowhere", b"/nowhere"), "chroot": call(161, b"/nowhere"),
    "setns": call(308, -1, 0),
    "unshare": call(272, 0), "open_tree": call(428, -1, b"nowhere", 0), "fsopen": call(430, b"none", 0),
    "a kernel module": call(313, -1, b"", 0), "reboot": call(169, 0, 0, 0), "swap": call(168, b"/nowhere"),
    "keys": call(250, 99), "files by handle": call(304, -1, None, 0), "fanotify": call(300, 1 << 30, 0),
    "the clock": call(227, -99, None), "the host's name": call(170, None, -1), "accounting": call(163, b"/nowhere"),
    "quotas": call(179, -1, None, 0, None), "x32": call(seccomp.X32 + 39),
}  # fmt: skip
"""By x86-64's numbers, with arguments that do no harm where the call is allowed."""


@linux
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of the calls are those of x86-64")
@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_no_repair_needs_ends_the_process(name: str) -> None:
    """In the cage by SIGSYS, in both worlds; outside the same call is answered."""
    rules = Rules(read=places.SYSTEM)
    assert in_child(FORBIDDEN[name], None) in (0, 1)
    assert in_child(FORBIDDEN[name], rules) == -signal.SIGSYS
    assert in_child(FORBIDDEN[name], replace(rules, sockets=places.FAMILIES, processes=True)) == -signal.SIGSYS


@linux
def test_a_cage_that_cannot_be_entered_is_said() -> None:
    """Nothing is attempted then."""
    assert in_child(lambda: None, Rules(read=["/\0"])) == 2


@linux
def test_files_of_the_cage(tmp_path: Path) -> None:
    """It reads what it may, writes in its own folder up to the limit, and pretends to change modes."""
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "file").write_text("theirs")
    rules = Rules(read=places.SYSTEM, write=[str(own)], file_bytes=1000)

    def big() -> None:
        (own / "big").write_bytes(bytes(2000))

    assert in_child(lambda: (own / "file").write_text("mine"), rules) == 0
    assert in_child(lambda: (other / "file").read_text(), rules) == 1
    assert in_child(lambda: (other / "file").write_text("mine"), rules) == 1
    assert in_child(lambda: (other / "file").chmod(0), rules) == 0
    assert in_child(big, None) == 0
    assert in_child(big, rules) == 1
    assert (other / "file").read_text() == "theirs"
    assert (other / "file").stat().st_mode & 0o600 == 0o600


def test_repairs_of_the_lab_are_in_no_sandbox() -> None:
    """Nor its page and solution; once a host runs the repair, it may not read the checks either."""
    lab = labs.load("lab06_retries")
    seen = {Path(path).name for path in places.of_run(lab)}
    assert {"service.py", "checks.py", "broken.py", "kit"} <= seen
    assert not seen & {"fixes", "notebook.py", "runbook.md", "labs", "solutions", "tests", "grader"}
    mine = {Path(path).name for path in places.of_repair(lab)}
    assert "broken.py" in mine
    assert not mine & {"fixes", "checks.py", "diagnosis.py", "__pycache__"}


def test_what_a_lab_prepares_is_made_and_can_be_read(tmp_path: Path) -> None:
    """By the judge, for hosts that may be another user."""
    file = tmp_path / "data"

    def prepares() -> list[Path]:
        file.write_text("orders")
        file.chmod(0o600)
        return [file]

    lab = replace(labs.load("lab06_retries"), prepares=prepares)
    assert places.prepared_by(lab) == [file]
    assert file.stat().st_mode & 0o444 == 0o444
    assert str(file) in places.of_repair(lab, [file])


def test_a_run_without_a_sandbox_is_not_read_for_a_graded_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tier keeps runs of its own."""
    monkeypatch.setenv(run_cache.VARIABLE, str(tmp_path))
    lab = labs.load("lab06_retries")
    fix, scenario = lab.fix("broken"), lab.scenario(next(iter(lab.scenarios)))
    assert len({run_cache.path_of(lab, fix, "simulated", scenario, 0, tier) for tier in Tier}) == len(Tier)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """A machine of which the probe says this about bubblewrap and about the cage."""

    def given(bwrap: str, alone: str) -> None:
        monkeypatch.setattr(probe, "why_not", {Tier.BWRAP: bwrap, Tier.CAGE: alone}.__getitem__)
        sandbox.provided.cache_clear()

    yield given
    sandbox.provided.cache_clear()


def test_the_strongest_tier_is_chosen(machine: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """bubblewrap, or else the cage alone; and for live labs only where there is no network to reach."""
    simulated, live = labs.load("lab06_retries"), labs.load("lab04_connections")
    machine("", "")
    assert (sandbox.choose(simulated), sandbox.choose(live)) == (Tier.BWRAP, Tier.BWRAP)
    machine("bubblewrap is not installed", "")
    assert sandbox.choose(simulated) is Tier.CAGE
    assert "apt install bubblewrap" in sandbox.provided().remedy
    monkeypatch.setattr(probe, "only_loopback", lambda: False)
    with pytest.raises(NoSandbox, match=r"lab04_connections is graded in live runs, .*--unsafe-local"):
        sandbox.choose(live)
    monkeypatch.setattr(probe, "why_no_live_cage", lambda: "")
    assert sandbox.choose(live) is Tier.CAGE


def test_no_more_runs_at_once_than_the_free_memory_has_room_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """2.25 GiB for each host of the repair (lab06 has two, lab00 three); a container's limit counts; never none."""
    free = {"available": 24 << 30}
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(**free))
    monkeypatch.setattr(parallel, "usable_cores", lambda: 16)
    monkeypatch.setattr(sandbox, "CGROUP_LIMIT", tmp_path / "memory.max")
    two, three = labs.load("lab06_retries"), labs.load("lab00_signals")
    assert (sandbox.runs_at_once(two), sandbox.runs_at_once(three)) == (4, 3)
    sandbox.CGROUP_LIMIT.write_text("max\n")
    assert sandbox.runs_at_once(two) == 4
    sandbox.CGROUP_LIMIT.write_text(f"{10 << 30}\n")
    assert (sandbox.runs_at_once(two), sandbox.runs_at_once(three)) == (2, 1)
    assert sandbox.runs_at_once(replace(two, services=())) == 4
    free["available"] = 1 << 30
    assert sandbox.runs_at_once(two) == 1


def test_without_a_tier_nothing_is_graded(machine: Callable[[str, str], None]) -> None:
    """Unless that is asked for by name."""
    lab = labs.load("lab06_retries")
    machine("bubblewrap is not installed", "the kernel has no Landlock")
    with pytest.raises(NoSandbox, match=r"not installed; the kernel has no Landlock.*apt install.*--unsafe-local"):
        sandbox.choose(lab)
    assert sandbox.choose(lab, unsafe_local=True) is Tier.OPEN


def test_a_machine_without_bubblewrap_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words for which there is a remedy."""
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert probe.why_not(Tier.BWRAP) == "bubblewrap is not installed"
