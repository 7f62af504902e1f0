"""What a live run has started, and what is left of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from labs.kit.worlds.live.world import ROOT

GIVE_UP_S = 30.0
"""Waiting ends here in a test that is going to fail; none passes by it."""


def wait_until(true: Callable[[], object], what: Callable[[], object]) -> None:
    """Come back as soon as `true()` is. If it never is, fail the test and say `what()` it waited for."""
    deadline = time.monotonic() + GIVE_UP_S
    while not true():
        assert time.monotonic() < deadline, f"never came about: {what()}"
        time.sleep(0.1)


def role(process: psutil.Process) -> str:
    """ "runner", "proxy", "load", "service" or "postgres"; "" for any other process, and for one that has ended."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return ""
    modules = (word.removesuffix(".main") for word in words if word.startswith("labs.kit.worlds.live."))
    return next((module.rpartition(".")[2] for module in modules), "")


def runners(of: int | None = None) -> list[psutil.Process]:
    """The runners that this process, or the one numbered `of`, has started."""
    return [child for child in psutil.Process(of).children() if role(child) == "runner"]


def kill(what: str) -> None:
    """SIGKILL to the process of the run that is `what`."""
    (runner,) = runners()
    (victim,) = [process for process in (runner, *runner.children()) if role(process) == what]
    victim.kill()


def alive(process: psutil.Process) -> bool:
    """Does it still run? A dead process that nobody has asked after yet does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


class Watched:
    """All processes and ports of the runs of one test, whose temporary files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: set[psutil.Process] = set()
        self.ports: set[int] = set()

    def look(self, caller: int | None = None) -> set[psutil.Process]:
        """Note what the runs of this process, or of the one numbered `caller`, consist of at this moment."""
        now: set[psutil.Process] = set()
        with contextlib.suppress(psutil.NoSuchProcess):
            for runner in runners(caller):
                now |= {runner, *runner.children(recursive=True)}
        for process in now:
            with contextlib.suppress(psutil.Error):
                found = process.net_connections("tcp")
                self.ports |= {c.laddr.port for c in found if c.status == psutil.CONN_LISTEN}
        self.processes |= now
        return now

    def roles(self) -> list[str]:
        """What those that run are, in order of the alphabet."""
        return sorted(role(process) for process in self.processes if alive(process))

    def left(self) -> list[str]:
        """Processes, ports and folders of the runs that are still there, in words."""
        mine = {process for process in self.processes if alive(process)}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("TMPDIR", "").startswith(f"{self.folder}{os.sep}"):
                    mine.add(process)
        words = [f"process {process.pid} {role(process)}" for process in mine]
        for process in mine:
            with contextlib.suppress(psutil.Error):
                words += [f"port {c.laddr.port}" for c in process.net_connections("tcp") if c.laddr.port in self.ports]
        return words + [path.name for path in self.folder.glob("breakfix-live-*")]


def start_caller(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`python -m tests.kit.live.caller ARGUMENTS`, a process that does a live run, with its temporary files in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.kit.live.caller", *arguments], cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
