"""The files of lab12: which are good, which are bad, how the agent writes them, and what an answer shows of its version."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from types import ModuleType

import pytest

from labs.kit import REFERENCE
from labs.kit.model.load import draws
from labs.kit.service.fix_module import load_module
from labs.lab12_config import LAB, offered, wrong
from labs.lab12_config.agent import Agent
from labs.lab12_config.operator_work import user_of
from labs.lab12_config.scenarios import BAD_FILES, FIRST, KILLED_IN, PLAN, SOON, cents_of, order


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The reference repair as a module."""
    return load_module(LAB.fix(REFERENCE).source)


def test_there_are_eighty_kinds_of_bad_file_and_each_is_drawn_once() -> None:
    """The page says eighty; a run has each of them, in an order of its own."""
    assert len({bad.kind for bad in offered.BAD}) == len(offered.BAD) == BAD_FILES
    first, second = offered.shuffled("one"), offered.shuffled("two")
    assert first != second
    assert sorted(bad.kind for bad in first) == sorted(bad.kind for bad in second)


@pytest.mark.parametrize(
    "bad", [bad for bad in offered.BAD if bad.how in ("replace", "link", "locked")], ids=lambda b: b.kind
)
def test_the_reference_refuses_each_bad_file_by_its_bytes(reference: ModuleType, bad: offered.Bad) -> None:
    """What is in the file is reason enough, also where rights are not kept; and the reason names the field."""
    with pytest.raises((ValueError, RecursionError, reference.Refused)) as refused:
        reference.parse(bad.make(offered.values("config-1")))
    assert not bad.names or any(name in str(refused.value) for name in bad.names)


@pytest.mark.parametrize(
    ("field", "last", "beyond"), [("limit", 64, 65), ("timeout_s", 5, 5.01), ("fee_cents", 10_000, 10_001)]
)
def test_both_sides_of_a_bound_are_offered(field: str, last: float, beyond: float) -> None:
    """A good file has the largest value that is allowed, and a bad one a value just beyond."""
    assert any(edge.get(field) == last for edge in offered.EDGES)
    assert f"{field}: {beyond}" in offered.KINDS


@pytest.mark.parametrize("number", range(len(offered.EDGES)))
def test_the_reference_takes_each_good_file(reference: ModuleType, number: int) -> None:
    """Values at the ends of what is allowed are allowed."""
    assert reference.parse(offered.text(offered.edge("config-7", number))).version.startswith(("config-7", "é"))


def test_good_files_have_versions_of_one_and_of_64_characters() -> None:
    """Both ends are asked, and a character is not a byte."""
    versions = [offered.edge("config-7", number)["version"] for number in range(len(offered.EDGES))]
    assert {1, 64} <= {len(version) for version in versions}
    assert any(len(version.encode()) > 64 for version in versions)


def test_users_in_another_script_are_as_many_as_their_names() -> None:
    """Each tenth name has no letter of ASCII, and no two are the same."""
    names = {user_of(f"user-{number * 7}", number) for number in range(1_000)}
    assert len(names) == 1_000
    assert sum(not any(letter.isascii() for letter in name) for name in names) == 100


def test_the_plan_has_all_bad_files_and_each_kill_comes_while_a_bad_file_is_there() -> None:
    """The page says eighty; what was said before a kill stands there after it."""
    assert PLAN.count("bad") == BAD_FILES
    for slot in KILLED_IN:
        assert PLAN[slot] in SOON or PLAN[slot - 1] in ("bad", "missing", "directory")


def test_a_shop_that_is_started_again_finds_no_file_if_it_was_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first file is there before the first start only."""
    monkeypatch.chdir(tmp_path)
    agent = Agent("shop.json")
    agent.first(b"0")
    asyncio.run(agent.put("missing", b""))
    Agent("shop.json").first(b"0")
    assert not Path("shop.json").exists()


def test_a_process_killed_while_it_wrote_leaves_half_of_what_it_emptied_and_a_file_can_come_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both happen before the next process reads anything, once; a file that has got another name since is whole."""
    monkeypatch.chdir(tmp_path)
    agent = Agent("shop.json")
    agent.first(b"first")
    Path("copy").write_bytes(b"four")
    agent.emptied = "copy"
    asyncio.run(agent.put("tear", b""))
    asyncio.run(agent.put("down", b"next"))
    assert (Path("copy").read_bytes(), Path("shop.json").read_bytes()) == (b"four", b"first")
    for _ in range(2):
        Agent("shop.json").first(b"first")
        assert (Path("copy").read_bytes(), Path("shop.json").read_bytes()) == (b"fo", b"next")
    agent.emptied = "renamed since"
    asyncio.run(agent.put("tear", b""))
    Agent("shop.json").first(b"first")
    assert Path("copy").read_bytes() == b"fo"


def answer(version: str, fee: int, currency: str, cents: int) -> bytes:
    """An answer whose receipt says what the bank was asked for."""
    receipt = {"number": 1, "cents": cents, "currency": currency}
    return json.dumps({"version": version, "fee_cents": fee, "currency": currency, "receipt": receipt}).encode()


def test_an_answer_of_one_version_is_right_and_one_of_two_is_wrong() -> None:
    """Fee, currency and debit must be those of the version that is named."""
    asked = order(3, draws(0))
    cents = cents_of(asked.request_id)
    for version in (FIRST, "config-12", "config-12-fee-0"):
        fee = 0 if version.endswith("-fee-0") else offered.fee_of(version)
        money = offered.currency_of(version)
        assert wrong(asked, answer(version, fee, money, cents + fee), {}) == ""
        assert "fee_cents" in wrong(asked, answer(version, fee + 1, money, cents + fee), {})
        assert "receipt's cents" in wrong(asked, answer(version, fee, money, cents + fee + 1), {})
    fee = offered.fee_of("config-12")
    assert wrong(asked, answer("config-13", fee, offered.currency_of("config-12"), cents + fee), {})


def test_each_file_that_the_agent_writes_has_another_time_and_one_put_back_is_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks at times sees each write; who asks for newer ones misses the file that is put back."""
    monkeypatch.chdir(tmp_path)
    agent = Agent("shop.json")

    async def written(how: str, data: bytes) -> int:
        await agent.put(how, data)
        return os.stat("shop.json").st_mtime_ns

    async def play() -> None:
        agent.first(b"0")
        times = [await written("replace", b"1"), await written("rewrite", b"22")]
        await agent.put("prepare", b"3")
        times += [await written("replace", b"4"), await written("put back", b"3")]
        assert times[0] < times[1] < times[2] > times[3] > times[1]

    asyncio.run(play())
    assert Path("shop.json").read_bytes() == b"3"


@pytest.mark.parametrize("how", ["directory", "missing", "circle", "link", "locked"])
def test_after_anything_that_stands_in_the_place_of_the_file_a_good_one_can_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Each bad file can be replaced, and be rewritten in place."""
    monkeypatch.chdir(tmp_path)
    agent = Agent("shop.json")
    agent.first(b"0")
    for then in ("replace", "rewrite"):
        asyncio.run(agent.put(how, b"{"))
        asyncio.run(agent.put(then, b"good"))
        assert Path("shop.json").read_bytes() == b"good"


def test_the_agent_sends_a_signal_only_to_who_has_a_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a handler SIGHUP would end the process."""
    monkeypatch.chdir(tmp_path)
    agent, heard = Agent("shop.json"), []
    asyncio.run(agent.put("replace", b"1"))
    before = signal.signal(signal.SIGHUP, lambda number, frame: heard.append(number))
    try:
        asyncio.run(agent.put("rewrite", b"22"))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]
