"""Repairs that crash, hang, exit, leak or cheat: each run ends with the right status and says why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.host_pipe import LIMITS
from tests.kit.simulated.misbehaving import (
    CHEATS,
    ENDS_BY_ITSELF,
    GOES_ON,
    HANGS,
    HEALTHY,
    NEEDS_WHEN_IMPORTED,
    POLLS,
    PROBES_WHEN_IMPORTED,
)
from tests.kit.simulated.tiny import hosts_alive, tiny_run

LOOPS_IN_C = ("matches for ever", "sums for ever")
QUICK = replace(LIMITS, computing_s=0.5)


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """Whatever the repair did, its process is gone, and the next run works."""
    yield
    assert hosts_alive() == []
    after = tiny_run("fixed", HEALTHY, seconds=2, rate=5)
    assert (after.status, {r.status for r in after.requests()}) == (Status.PASS, {200})


@pytest.mark.parametrize("case", ENDS_BY_ITSELF)
def test_crashed(case: str) -> None:
    """A repair that ends its process is a crash, with what it did and the line where it did it."""
    source, said = ENDS_BY_ITSELF[case]
    run = tiny_run("fixed", source, seconds=3, rate=5)
    assert run.status is Status.CRASHED
    assert said in run.info.detail
    assert run.info.detail.isprintable()
    assert len(run.info.detail) < 700


@pytest.mark.parametrize("case", HANGS)
def test_hung(case: str) -> None:
    """A repair that makes no progress is a hang, with the line where it stands wherever that can be known."""
    source, said = HANGS[case]
    limits = replace(QUICK, cpu_at_one_instant_s=1.0) if case in LOOPS_IN_C else QUICK
    run = tiny_run("fixed", source, seconds=3, rate=5, limits=limits)
    assert run.status is Status.HUNG
    assert said in run.info.detail


@pytest.mark.parametrize("case", CHEATS)
def test_tampered(case: str) -> None:
    """A repair that reaches for the machinery in its own process is found out by the judge."""
    run = tiny_run("fixed", CHEATS[case], seconds=3, rate=5)
    assert run.status is Status.TAMPERED
    assert run.info.detail.startswith("The process of me broke the protocol with its judge: ")


@pytest.mark.parametrize("case", GOES_ON)
def test_goes_on(case: str) -> None:
    """A repair that is merely loud, wrong or slow runs to the end: the checks then judge what it did."""
    run = tiny_run("fixed", GOES_ON[case], seconds=3, rate=5, limits=replace(LIMITS, signals=2_000))
    assert (run.status, run.info.detail) == (Status.PASS, "")
    assert len(run.requests()) > 5


def test_polling_without_end_is_carried() -> None:
    """A task that polls with sleep(0) keeps a core busy, as it would live, and the service answers all the same."""
    run = tiny_run("fixed", POLLS, seconds=2, rate=20)
    assert run.status is Status.PASS
    assert {r.status for r in run.requests()} == {200}


def test_polling_for_long_takes_fewer_turns() -> None:
    """At 4 us a look, 5 s of polling would be 660,000 turns, and nobody would wait for the verdict on a minute."""
    run = tiny_run("fixed", POLLS, seconds=6, rate=20)
    assert {r.status for r in run.requests()} == {200}
    (turns,) = [int(json.loads(log.fields)["text"]) for log in run.logs("me")]
    assert turns < 150_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit of address space")
@pytest.mark.parametrize("what", ["bytearray(3 << 30)", "[bytes(1 << 20) for _ in range(4096)]"])
def test_memory_is_bounded(what: str) -> None:
    """A repair that wants more memory than a host has gets a MemoryError, and the machine goes on."""
    run = tiny_run("fixed", f"async def start(env):\n    kept = {what}\n", seconds=3)
    assert run.status is Status.CRASHED
    assert run.info.detail == "me ended with MemoryError (fix.py:2)."


def test_what_only_a_library_asks_for_is_not_reported(tmp_path: Path) -> None:
    """A module that probes for UDP, programs or a C module while it is imported is told no, and the run goes on."""
    (tmp_path / "prober.py").write_text(PROBES_WHEN_IMPORTED)
    source = HEALTHY + f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport prober\n"
    source += "assert (prober.HAS_UDP, prober.HAS_PROGRAMS, prober.SemLock) == (False, False, None)\n"
    assert tiny_run("fixed", source, seconds=2, rate=5).status is Status.PASS


def test_a_library_that_cannot_do_without_is_unsupported(tmp_path: Path) -> None:
    """A module whose import fails for a refused call makes the run unsupported, not crashed."""
    (tmp_path / "needy.py").write_text(NEEDS_WHEN_IMPORTED)
    source = HEALTHY + f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport needy\n"
    run = tiny_run("fixed", source, seconds=2)
    assert run.status is Status.UNSUPPORTED
    assert "calls subprocess.Popen," in run.info.detail
