"""The judge's secret is in no process that runs a repair: neither in its settings, nor in the memory that it inherits."""

from __future__ import annotations

import sys

import pytest

import labs
from labs.kit.judging.evaluate import one_way
from labs.kit.model.lab import Fix
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.world import run_simulated

SECRET = "the-secret-of-this-test"
LOOKS = """
import ctypes as _ctypes
import re as _re


def _holds(pattern):
    with open("/proc/self/maps") as table:
        areas = [line.split() for line in table]
    for area in areas:
        if area[1].startswith("rw") and (len(area) < 6 or area[5] == "[heap]"):
            begin, end = (int(at, 16) for at in area[0].split("-"))
            if _re.search(pattern, _ctypes.string_at(begin, end - begin)):
                return True
    return False


_known = b"a-text-of-my-own"
if not _holds(rb"a-text[-]of-my-own"):  # the pattern itself is no match
    raise SystemExit("this test cannot read its own memory")
if _holds(rb"the-secret[-]of-this-test"):
    raise SystemExit("the secret is in the memory of the repair")

"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux shows a process where its memory is")
@pytest.mark.parametrize(("lab", "scenario"), [("lab06_retries", "calm"), ("lab08_workers", "kills")])
def test_a_repair_that_reads_its_memory_does_not_find_the_secret(lab: str, scenario: str) -> None:
    """Neither in a second run of the same judge, nor in a process that is started again after a kill."""
    made = labs.load(lab)
    planned = made.scenario(scenario).with_(secret=SECRET)
    for _ in range(2):
        run = run_simulated(made, Fix("reads", LOOKS + made.fix("reference").source), planned, 0)
        assert (run.status, run.info.detail) == (Status.PASS, "")


def test_what_a_run_gets_of_a_secret_does_not_tell_it() -> None:
    """A run's secret is a digest: it differs from scenario to scenario, and none leads to another."""
    given = {one_way(f"{SECRET} lab06_retries {scenario}") for scenario in ("calm", "outage")}
    assert len(given) == 2
    assert not any(SECRET in each or "lab06" in each for each in given)
