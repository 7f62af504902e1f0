"""Lab08's computing, as live runs stand in for it: the cores of the lab, shared by all processes of a run."""

from __future__ import annotations

import ctypes
import fcntl
import os
from pathlib import Path

import pytest

from labs.lab08_workers import paper

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
    """Each that is taken is taken from all others until it is given back; the next one takes what is free."""
    monkeypatch.setenv(paper.CORES_AT, str(tmp_path))
    taken = [paper._a_core(HOLDING) for _ in range(paper.CORES)]
    cores = sorted(tmp_path.iterdir())
    assert len(cores) == paper.CORES
    assert not any(is_free(core) for core in cores)
    os.close(taken[0])
    assert [is_free(core) for core in cores].count(True) == 1
    taken[0] = paper._a_core(HOLDING)
    assert not any(is_free(core) for core in cores)
    for core in taken:
        os.close(core)


def test_an_invoice_leaves_no_core_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring and printing take a core each time and give it back, and keep no file open."""
    monkeypatch.setenv(paper.CORES_AT, str(tmp_path))
    before = set(os.listdir("/dev/fd"))
    with paper.Page("order-1") as page:
        page.print("2 x tea", paper.height("2 x tea"))
    assert all(is_free(core) for core in tmp_path.iterdir())
    assert len(set(os.listdir("/dev/fd"))) == len(before)


def test_outside_of_a_run_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge counts calls of height() in a process of its own: there are no cores, and no files."""
    monkeypatch.delenv(paper.CORES_AT, raising=False)
    monkeypatch.chdir(tmp_path)
    paper.height("2 x tea")
    assert not list(tmp_path.iterdir())
