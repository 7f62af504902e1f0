"""Memory of simulated hosts: read by the judge, the same to the byte in each repeat, and not to be falsified by much."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from labs.kit.model.lab import Fix, Lab, Scenario, Service
from labs.kit.model.load import Phase
from labs.kit.model.names import MEMORY, MEMORY_PEAK
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.memory_meter import PEAK_BYTES, UNSEEN
from labs.kit.worlds.simulated.world import MOST_STEPS, STEP_NS, run_simulated, step_of
from tests.kit.simulated.test_determinism import REPEATS, busy_cores
from tests.kit.simulated.tiny import APPS, tiny_lab, tiny_run

KEPT_BYTES = 100_000
KEEPS = f"""
kept = []

async def answer(request):
    kept.append(bytes({KEPT_BYTES}))
    return len(kept)
"""
GIVES_BACK = f"""
async def answer(request):
    return len(bytes({KEPT_BYTES}))
"""
HIGH_FOR_A_MOMENT = """
async def answer(request):
    return len(bytes(30_000_000))
"""
FORGES = """
import tracemalloc

kept = []

async def start(env):
    tracemalloc.stop()

async def answer(request):
    kept.append(b"x" * 2_000_000)
    return len(kept)
"""
MIXED = """
import asyncio

kept = {}

async def answer(request):
    number = int(request.query["n"])
    kept[number] = [str(number) * 20 for _ in range(50)], bytes(1000 * number)
    await asyncio.to_thread(sorted, range(1000))
    for old in [each for each in kept if each < number - 20]:
        del kept[old]
    return len(kept)
"""


def measured(source: str, *, seconds: float = 5.0, rate: float = 10.0) -> Run:
    """A run of the tiny lab whose service `me` has a memory limit, and so is measured."""
    lab: Lab = tiny_lab("fixed", runs_fix=True)
    lab = replace(lab, services=(replace(lab.services[0], memory_limit_mb=100.0),))
    scenario = Scenario("tiny", (Phase(rate, seconds - 1, "constant"),), (), MappingProxyType({}), settle_s=1.0)
    return run_simulated(lab, Fix("tiny", source), scenario, seed=1)


def values(run: Run, signal: str = MEMORY) -> list[float]:
    """The readings of a signal of the service."""
    return [sample.value for sample in run.samples(signal, "me")]


def digest(run: Run) -> str:
    """Hash of the record's file."""
    with tempfile.TemporaryDirectory() as folder:
        return hashlib.sha256(run.save(Path(folder, "run.sqlite")).read_bytes()).hexdigest()


def test_what_is_kept_is_seen() -> None:
    """Each answer keeps 100,000 bytes: memory grows by that much and hardly more, at a reading each quarter of a second."""
    run = measured(KEEPS)
    answered = len([r for r in run.requests() if r.ok])
    assert run.status is Status.PASS
    assert [sample.time for sample in run.samples(MEMORY, "me")][:3] == [0.25, 0.5, 0.75]
    assert answered * KEPT_BYTES <= values(run)[-1] <= 1.2 * answered * KEPT_BYTES + 1_000_000


def test_what_is_given_back_is_not() -> None:
    """The same answers without keeping: memory ends where it was after the first of them."""
    after = values(measured(GIVES_BACK))
    assert after[-1] - after[4] < KEPT_BYTES


def test_a_moment_is_in_the_peak_alone() -> None:
    """30 MB that are held within one answer are in no reading of memory, and in the peak."""
    run = measured(HIGH_FOR_A_MOMENT, seconds=3.0, rate=2.0)
    assert max(values(run)) < 3_000_000
    assert 30_000_000 <= values(run, MEMORY_PEAK)[-1] < 33_000_000
    assert {value % PEAK_BYTES for value in values(run, MEMORY_PEAK)} == {0}


def test_freed_memory_is_given_back() -> None:
    """60 MB in small pieces, held for a while and then freed, are not seen any more, from outside either."""
    source = """
import asyncio

kept = []

async def answer(request):
    kept.extend(bytes(1_500) for _ in range(40_000))
    asyncio.get_running_loop().call_later(0.6, kept.clear)
    return len(kept)
"""
    run = measured(source, seconds=4.0, rate=1.0)
    assert max(values(run)) > 60_000_000
    assert min(values(run)[-2:]) < 3_000_000


def test_a_host_that_tells_less_than_it_holds_is_measured_from_outside() -> None:
    """A repair that switches the account off is not believed: what the system sees of the process counts."""
    run = measured(FORGES)
    kept = 2_000_000 * len([r for r in run.requests() if r.ok])
    assert kept > 2 * UNSEEN
    assert values(run)[-1] > kept - UNSEEN


@pytest.fixture(scope="module")
def first() -> Run:
    """The run that repeats are compared with: lists, text, a pool's threads, and things that go again."""
    return measured(MIXED)


def test_repeats_are_identical(first: Run) -> None:
    """Twenty repeats give identical bytes; memory is in them, and moves."""
    assert first.status is Status.PASS
    assert len(set(values(first))) > 5
    assert {digest(measured(MIXED)) for _ in range(REPEATS)} == {digest(first)}


def test_repeats_under_load_are_identical(first: Run) -> None:
    """With every core busy with something else the bytes are the same."""
    with busy_cores():
        assert {digest(measured(MIXED)) for _ in range(5)} == {digest(first)}


def test_a_service_without_a_limit_is_not_measured() -> None:
    """The records of other labs stay as they are."""
    run = tiny_run("fixed", GIVES_BACK, rate=5.0)
    assert run.status is Status.PASS
    assert not run.samples(MEMORY)


def test_long_runs_stand_still_no_oftener_than_short_ones() -> None:
    """A run of ten minutes stops each quarter of a second; a day stops 2,400 times at most, at multiples of that."""
    scenario = Scenario("tiny", (Phase(1.0, 599.0),), settle_s=0.5)
    day = replace(scenario, load=(Phase(1.0, 86_400.0),))
    assert step_of(scenario) == STEP_NS
    assert step_of(day) % STEP_NS == 0
    assert day.seconds * 1e9 / step_of(day) <= MOST_STEPS


def test_only_measured_services_are_asked_for() -> None:
    """Of two services one has a limit: the other's name is in no reading."""
    lab = tiny_lab("fixed", runs_fix=True)
    services = (replace(lab.services[0], memory_limit_mb=100.0), Service("peer", f"{APPS}:peer"))
    scenario = Scenario("tiny", (Phase(5.0, 1.0),), settle_s=0.5)
    run = run_simulated(replace(lab, services=services), Fix("tiny", GIVES_BACK), scenario, seed=1)
    assert {sample.host for sample in run.samples(MEMORY)} == {"me"}


def test_shared_memory_is_memory() -> None:
    """What is kept in pages that no account sees, such as MAP_SHARED, is seen from outside."""
    source = """
import mmap

kept = []

async def answer(request):
    kept.append(mmap.mmap(-1, 1_000_000))
    kept[-1].write(b"x" * 1_000_000)
    return len(kept)
"""
    run = measured(source)
    assert values(run)[-1] > 1_000_000 * len(run.requests()) - UNSEEN
