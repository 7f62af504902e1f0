"""Lab08's computing, as live runs stand in for it: the cores of the lab, shared by all processes of a run."""

from __future__ import annotations

import ctypes
import fcntl
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labs.lab08_workers import rendering

HOLDING = ctypes.PyDLL(None)


def is_free(core: Path) -> bool:
    """Could somebody else take this core now?"""
    with core.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_there_are_as_many_cores_as_the_lab_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that a thread takes is taken from all others until it is given back; the next one takes what is free."""
    monkeypatch.setenv(rendering.CORES_AT, str(tmp_path))
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other, ThreadPoolExecutor(1) as third:
        taken = [thread.submit(rendering._a_core, HOLDING).result() for thread in (one, other)]
        cores = sorted(tmp_path.iterdir())
        assert len(cores) == rendering.CORES == len(taken)
        assert not any(is_free(core) for core in cores)
        fcntl.flock(taken[0].descriptor, fcntl.LOCK_UN)
        assert [is_free(core) for core in cores].count(True) == 1
        assert third.submit(rendering._a_core, HOLDING).result().path == taken[0].path
        assert not any(is_free(core) for core in cores)


def test_a_forked_process_does_not_share_its_parent_s_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process of a pool takes is its own: it opens the files again."""
    monkeypatch.setenv(rendering.CORES_AT, str(tmp_path))
    monkeypatch.setattr(rendering, "_owed", threading.local())
    mine = rendering._cores(str(tmp_path))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    theirs = rendering._cores(str(tmp_path))
    assert not {core.descriptor for core in theirs} & {core.descriptor for core in mine}


def test_an_invoice_leaves_no_core_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring and printing take a core each time and give it back."""
    monkeypatch.setenv(rendering.CORES_AT, str(tmp_path))
    monkeypatch.setattr(rendering, "_owed", threading.local())
    with rendering.Page("order-1") as page:
        page.print("2 x tea", rendering.height("2 x tea"))
    assert len(list(tmp_path.iterdir())) == rendering.CORES
    assert all(is_free(core) for core in tmp_path.iterdir())


def test_outside_of_a_run_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge counts calls of height() in a process of its own: there are no cores, and no files."""
    monkeypatch.delenv(rendering.CORES_AT, raising=False)
    monkeypatch.chdir(tmp_path)
    rendering.height("2 x tea")
    assert not list(tmp_path.iterdir())
