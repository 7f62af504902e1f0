"""Open-loop load: arrivals are a plan, drawn before anything is sent."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from labs import ROOT
from labs.kit.model.load import NS, HttpRequest, Phase, arrivals


def test_constant_arrivals_are_evenly_spaced():
    """Ten a second for one second: nine gaps of 0.1 s inside, none on the end of the phase."""
    assert arrivals([Phase(10, 1, "constant")], 0) == [k * NS // 10 for k in range(1, 10)]


def test_phases_follow_one_another():
    """Each phase begins where the one before ends, whatever its last gap was; a rate of 0 is silence."""
    times = arrivals([Phase(2, 1, "constant"), Phase(0, 5), Phase(4, 1, "constant")], 0)
    assert times == [NS // 2, 6 * NS + NS // 4, 6 * NS + NS // 2, 6 * NS + 3 * NS // 4]


def test_arrivals_are_whole_nanoseconds_inside_the_load_and_ascend():
    """Poisson arrivals are integers in ascending order, none before 0 or after the load."""
    times = arrivals([Phase(50, 10), Phase(200, 5)], 3)
    assert all(isinstance(t, int) for t in times)
    assert times == sorted(times)
    assert times[0] > 0
    assert times[-1] < 15 * NS


def test_poisson_arrivals_have_the_rate_and_the_spread_of_a_poisson_process():
    """Over 10,000 arrivals the mean gap is 1 / rate, and the gaps' standard deviation equals their mean."""
    times = arrivals([Phase(100, 100)], 0)
    gaps = [(b - a) / NS for a, b in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((g - mean) ** 2 for g in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(0.01, rel=0.05)
    assert deviation == pytest.approx(mean, rel=0.05)


def test_a_seed_is_a_load():
    """The same seed gives the same arrivals, another seed others."""
    phases = [Phase(30, 10)]
    assert arrivals(phases, 7) == arrivals(phases, 7)
    assert arrivals(phases, 7) != arrivals(phases, 8)


def test_arrivals_do_not_depend_on_the_process():
    """Another process, with another hash seed, draws the same times."""
    code = "from labs.kit.model.load import *; print(arrivals([Phase(30, 2)], 5))"
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": "77"}, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == str(arrivals([Phase(30, 2)], 5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, 1, "bursty"), r"unknown arrival pattern 'bursty'; the valid ones are: poisson, constant"),
        ((-1, 1), r"at least 0, not -1/s for 1 s"),
        ((1, -2), r"at least 0, not 1/s for -2 s"),
    ],
)
def test_an_impossible_phase_is_refused(arguments, message):
    """The error says what was given and what is valid."""
    with pytest.raises(ValueError, match=message):
        Phase(*arguments)


def test_no_load_is_no_arrivals():
    """No phases, no time or no rate: nothing is sent, and nothing hangs."""
    assert arrivals([], 0) == arrivals([Phase(10, 0)], 0) == arrivals([Phase(0, 10)], 0) == []


def test_a_request_waits_half_a_minute_by_default():
    """A user's patience is longer than any timeout a lab sets inside."""
    assert HttpRequest("GET", "/", "r1").patience_s == 30
