"""What a host declares that it computes: within its cores and its lock, and added up."""

from __future__ import annotations

import pytest

from labs.kit import stats
from labs.kit.model.names import COMPUTED
from labs.kit.model.record import Record, Run, Sample
from labs.kit.worlds.simulated.coordinator.receipts import Receipts
from tests.kit.handmade import make_info

MS = 1_000_000


def test_slices_of_one_thread_after_another_add_up() -> None:
    """A slice may begin where the last one ended."""
    receipts = Receipts(cores=2)
    assert [receipts.begin(at * MS, who, 5 * MS) for at, who in ((0, 0), (0, 3), (5, 0), (6, 3))] == [""] * 4
    assert receipts.ns == 20 * MS


@pytest.mark.parametrize(
    ("slices", "told"),
    [
        ([(0, 0, 5), (4, 0, 5)], "two slices"),
        ([(0, 3, 5), (1, 4, 5), (2, 0, 5)], "more than its 2 cores"),
        ([(0, 0, 6)], "a slice of 6000000 ns"),
        ([(0, 0, 0)], "a slice of 0 ns"),
    ],
)
def test_what_no_machine_can_do_is_named(slices: list[tuple[int, int, int]], told: str) -> None:
    """One lock computes one slice at a time, so many cores so many; a slice has its length."""
    receipts = Receipts(cores=2)
    said = [receipts.begin(at * MS, who, ms * MS) for at, who, ms in slices]
    assert said[:-1] == [""] * (len(slices) - 1)
    assert told in said[-1]


def test_a_host_is_silent_while_its_own_process_computes() -> None:
    """Worker processes compute beside it; what was begun ends with a process that is killed."""
    receipts = Receipts(cores=2)
    receipts.begin(0, 7, 5 * MS)
    assert not receipts.silent(MS)
    receipts.begin(MS, 0, 5 * MS)
    assert receipts.silent(5 * MS)
    assert not receipts.silent(6 * MS)
    receipts.begin(6 * MS, 0, 5 * MS)
    receipts.killed()
    assert not receipts.silent(7 * MS)


def told(world: str, *samples: Sample) -> Run:
    """A run with these samples of the judge."""
    record = Record()
    record.add("samples", list(samples))
    return record.close(make_info(world=world, repaired="page"))


def test_work_that_was_delivered_and_not_computed_is_counted() -> None:
    """Ten pieces of 0.1 s need one second, a tenth of it let go; what the page itself says does not count."""
    forged = Sample(1.0, COMPUTED, "page", 99.0, by="page")
    half = Sample(1.0, COMPUTED, "page", 0.5)
    assert stats.uncomputed(told("simulated", half, forged).believed(()), "page", 10, 0.1) == 4
    assert stats.uncomputed(told("simulated", Sample(1.0, COMPUTED, "page", 0.9)), "page", 10, 0.1) == 0
    assert stats.uncomputed(told("simulated"), "page", 10, 0.1) == 9
    assert stats.uncomputed(told("live"), "page", 10, 0.1) == 0
