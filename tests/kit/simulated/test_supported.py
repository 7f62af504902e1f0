"""Each row of the table of supported calls, tried in a simulated host, and the document made from the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from breakfix import supported
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.host import threads
from tests.kit.simulated.probes import PROBES
from tests.kit.simulated.tiny import probed, tiny_run

CARRIED = [row.call for group in supported.CARRIED.values() for row in group]
REFUSED = [row.call for row in supported.REFUSED]
ROUNDING_NS = 1_000
"""The event loop counts in floats: a chain of waits may end a few ns off."""
THREADS_NS = 4 * threads.START_NS
"""What the threads cost that a probe starts: four at most."""


def test_every_row_has_a_probe() -> None:
    """The table promises nothing that is not tried, and nothing is tried that it does not tell of."""
    assert sorted(PROBES) == sorted(CARRIED + REFUSED)


@pytest.mark.parametrize("call", CARRIED)
def test_carried(call: str) -> None:
    """A carried call does what it does live, in the virtual time that it should take, and that of the threads it starts."""
    run = tiny_run("probing", settings={"probe": call}, seconds=20, calls_peer=True)
    probe, said = PROBES[call], probed(run, call)
    least, most = (round(seconds * 1e9) for seconds in probe.takes)
    assert least - ROUNDING_NS <= said.ns <= most + THREADS_NS + ROUNDING_NS
    assert probe.returns is None or said.result == probe.returns
    assert (run.status, run.info.detail) == (Status.PASS, "")


@pytest.mark.parametrize("call", REFUSED)
def test_refused(call: str) -> None:
    """A refused call ends the run as unsupported, with the call named."""
    run = tiny_run("probing", settings={"probe": call}, seconds=3, calls_peer=True)
    assert run.status is Status.UNSUPPORTED
    assert run.info.detail.startswith(f"The repair calls {call}, which the simulated world cannot carry")


def test_prints_become_log_rows() -> None:
    """What a service prints is in the record, line by line, whatever bytes it is."""
    call = "print, sys.stdout, sys.stderr"
    run = tiny_run("probing", settings={"probe": call}, seconds=3, calls_peer=True)
    said = [json.loads(log.fields) for log in run.logs("me")]
    texts = [row["text"] for row in said]
    assert texts[:4] == ["one 1 \\ud800", "no newline until now", "two", "four"]
    assert len(texts[4]) < 2_001
    assert [row["stream"] for row in said[:4]] == ["stdout", "stdout", "stderr", "stdout"]


def test_randomness_follows_the_seed() -> None:
    """The same seed gives the same random numbers, another seed gives others."""
    call = "random, secrets, os.urandom, uuid"
    runs = [tiny_run("probing", settings={"probe": call}, seconds=3, calls_peer=True, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (probed(run, call).result for run in runs)
    assert first == again
    assert not any(a == b for a, b in zip(first, other, strict=True))


def test_each_process_has_hashes_of_its_own() -> None:
    """hash() of a text is another in each host, as in each process; of a number it is the number."""
    source = "async def answer(request):\n    print([hash(item) for item in ('a', ('a', 1), 7, 'a')])\n"
    runs = [tiny_run("fixed", source, seconds=3, rate=2, seed=seed) for seed in (1, 1, 2)]
    said = [[json.loads(json.loads(log.fields)["text"]) for log in run.logs("me")] for run in runs]
    first, again, other = ((each[0], len({tuple(hashes) for hashes in each})) for each in said)
    assert first == again
    [text, pair, number, same], kinds = first
    assert (number, same, kinds) == (7, text, 1)
    assert text != other[0][0]
    assert pair != other[0][1]


def test_the_document_is_up_to_date() -> None:
    """docs/simulated-world.md says what the table says."""
    assert supported.DOCUMENT.read_text(encoding="utf-8") == supported.markdown()


def test_an_outdated_document_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--check fails when the document is not what the table says; --write mends it."""
    monkeypatch.setattr(supported, "DOCUMENT", tmp_path / "docs" / "simulated-world.md")
    assert supported.main(["--check"]) == 1
    assert supported.main(["--write"]) == 0
    assert supported.main(["--check"]) == 0
    assert supported.main([]) == 2
