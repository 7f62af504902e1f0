"""The audit: a gate that every lab has which simulated runs judge; what it lets pass, and what it says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

import labs
from labs.kit.judging import audit
from labs.kit.judging.audit import audited, left_over
from labs.kit.judging.evaluate import judge_runs
from labs.kit.model import names
from labs.kit.model.lab import Service
from labs.kit.model.record import Left, Record, Request, Run
from labs.kit.model.verdict import Finding, Status, maximum
from labs.kit.worlds.simulated.host import left_over as host
from tests.kit.handmade import INNER, OUTER, make_info, make_request
from tests.kit.test_evaluate import check, make_lab

ASKED = 400
"""Requests to the shop in a run of `with_left`, half of them in the second half of the load."""


SHOP = Service("shop", "x:y", runs_fix=True)


def with_left(*rows: Left, inner: list[Request] = [], hanging: int = 0) -> Run:  # noqa: B006 - never changed
    """A run in which the shop, which runs the repair, has left these rows; `hanging` of its callers still wait."""
    record = Record()
    requests = [make_request(10 * n / ASKED, request_id=f"r{n}") for n in range(ASKED)]
    requests += [make_request(9.0, None, 0, request_id=f"h{n}") for n in range(hanging)]
    record.add("requests", requests + inner)
    record.add("left", rows)
    return record.close(make_info(repaired="shop"))


def found(*rows: Left, **how: object) -> Finding:
    """What the audit finds in a run that has these rows."""
    return left_over({"outage": with_left(*rows, **how).believed(("left",))})  # type: ignore[arg-type]


def test_a_quiet_end_passes() -> None:
    """What every service keeps ready is nothing that is left over."""
    quiet = found(Left("shop", names.CONNECTIONS_LEFT, INNER, 5), Left("shop", names.DESCRIPTORS_LEFT, "", 22))
    assert (quiet.passed, quiet.measured, quiet.reason) == (True, 0, "quiet")


SLIPS = {
    (names.ERRORS_LEFT, "KeyError: 'x' (fix.py:3)", 1): ("lost_exception", "KeyError: 'x' (fix.py:3)"),
    (names.NEVER_AWAITED, "Shop.note", 1): ("never_awaited", "Shop.note"),
    (names.TASKS_LOST, "Shop.note (fix.py:3)", 2): ("lost_task", ", 2 times: Shop.note (fix.py:3)"),
    (names.NEVER_CLOSED, "client session", 7): ("never_closed", "a client session"),
    (names.STOP_FAILED, "KeyError: 'x' (fix.py:3)", 1): ("stop_fails", "stop() failed: KeyError: 'x' (fix.py:3)"),
    (names.STOP_HANGS, "10 s", 1): ("stop_hangs", "had not returned 10 s later"),
    (names.TASKS_LEFT, "Shop.note (fix.py:3)", 41): ("tasks_left", "after 200 more requests: Shop.note (fix.py:3)"),
    (names.THREADS_LEFT, "Thread", 41): ("threads_left", "41 threads more"),
    (names.KEPT, "tasks that have ended", 101): ("kept", "101 tasks that have ended, after 400 requests"),
    (names.CALLS_LEFT, "shop->bank: POST /pay", 4): ("calls_left", "4 calls of shop"),
    (names.CONNECTIONS_LEFT, INNER, 11): ("connections_left", "11 connections"),
    (names.DESCRIPTORS_LEFT, "", 101): ("descriptors_left", "101 files"),
}


@pytest.mark.parametrize("row", SLIPS, ids=lambda row: row[0])
def test_each_kind_is_told_with_its_figure(row: tuple[str, str, int]) -> None:
    """The message names the scenario, the service, how many there are, and where they come from."""
    kind, what, count = row
    reason, words = SLIPS[row]
    slip = found(Left("shop", kind, what, count))
    assert (slip.passed, slip.measured, slip.reason) == (False, count, reason)
    assert slip.message.startswith("In 'outage', ")
    assert "shop" in slip.message
    assert words in slip.message


ALLOWED = [row for row in SLIPS if SLIPS[row][0] in ("tasks_left", "threads_left", "kept", "calls_left", "connections_left")]


@pytest.mark.parametrize("row", [*ALLOWED, (names.DESCRIPTORS_LEFT, "", 101)], ids=lambda row: row[0])
def test_one_less_is_allowed(row: tuple[str, str, int]) -> None:
    """Right repairs keep some things ready: what does not grow with the requests passes."""
    kind, what, count = row
    assert found(Left("shop", kind, what, count - 1)).passed


def test_connections_are_held_against_what_was_needed_at_once() -> None:
    """A pool keeps as many connections as were in use at once: three times as many, and some, pass."""
    at_once = [make_request(5.0, 0.5, link=INNER, request_id=f"i{n}") for n in range(40)]
    assert found(Left("shop", names.CONNECTIONS_LEFT, INNER, 130), inner=at_once).passed
    assert not found(Left("shop", names.CONNECTIONS_LEFT, INNER, 131), inner=at_once).passed


def test_a_call_whose_caller_still_waits_is_not_left_over() -> None:
    """As many calls as callers wait for may be under way."""
    calls = Left("shop", names.CALLS_LEFT, "shop->bank: POST /pay", 20)
    assert found(calls, hanging=17).passed
    assert not found(calls, hanging=16).passed


def test_only_services_that_run_the_repair_are_audited() -> None:
    """What the bank leaves is the lab's own affair."""
    assert found(Left("bank", names.TASKS_LEFT, "x", 1000)).passed


def test_the_worst_run_is_told() -> None:
    """Of several runs with the same slip, the message is of that with most; an exception comes before its consequences."""
    fifty, ninety = (Left("shop", names.TASKS_LEFT, "x", count) for count in (50, 90))
    lost = Left("shop", names.ERRORS_LEFT, "KeyError", 1)
    assert left_over({"calm": with_left(fifty), "outage": with_left(ninety)}).message.startswith(
        "In 'outage', shop had 90 tasks"
    )
    assert left_over({"calm": with_left(fifty), "outage": with_left(ninety, lost)}).reason == "lost_exception"


def test_it_is_the_last_gate_of_a_lab_over_all_its_simulated_scenarios() -> None:
    """A lab gets it without a line; its points stay as they are."""
    plain = make_lab(check("most"), check("calm", "calm"), check("again", "calm", world="live", needs=("other",)))
    lab = audited(replace(plain, services=(SHOP,)))
    gate = lab.checks[-1]
    assert (gate.name, gate.gate, gate.needs) == (audit.NAME, True, ("outage", "calm"))
    assert lab.max_points == 6


def test_a_lab_that_live_runs_judge_has_none() -> None:
    """A live run has no calm tail."""
    lab = make_lab(check("most", world="live"))
    assert audited(lab) is lab


def test_a_lab_in_which_no_repair_runs_has_none() -> None:
    """Nothing of it could be left over: a gate that cannot fail is none."""
    lab = replace(make_lab(check("most")), services=(Service("bank", "x:y"),))
    assert audited(lab) is lab


def test_if_it_fails_half_of_the_points_are_left() -> None:
    """It counts as gates do, and its message stands with the points that it took."""
    lab = audited(replace(make_lab(check("most", judge=lambda runs: Finding(True, 1.0, "fine", "Fine."))), services=(SHOP,)))
    done = {("outage", 0): with_left(Left("shop", names.CALLS_LEFT, "shop->bank: POST /pay", 50))}
    graded, gate = judge_runs(lab, done, (0,))
    assert (graded.points, maximum([graded, gate])) == (1.0, 2.0)
    assert gate.status is Status.FAIL
    assert gate.hint


def test_each_lab_of_the_course_that_simulated_runs_judge_has_it() -> None:
    """`labs.load` gives it to every lab with a simulated check in which a repair runs, once; lab12 has live ones too."""
    for name in labs.names():
        lab = labs.load(name)
        simulated = any(c.world == "simulated" for c in lab.checks if c.name != audit.NAME)
        repaired = any(service.runs_fix for service in lab.services)
        assert [c.name for c in lab.checks].count(audit.NAME) == (simulated and repaired), name


def test_the_links_are_those_of_a_service() -> None:
    """Requests of the load count, and those of other services: not what the service itself calls."""
    run = with_left(inner=[make_request(5.0, link=INNER)])
    assert audit.asked(run, "shop") == ASKED
    assert audit.asked(run, "shop", 5.0) == ASKED / 2
    assert audit.asked(run, "bank") == 1
    assert OUTER in run.links()


def test_what_a_loop_that_stands_still_has_yet_to_tell_is_kept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that has ended counts as kept, but not while the news of its end waits for the loop's next turn."""
    seen = []

    async def nothing() -> None:
        """A task that ends at once."""

    async def main() -> None:
        monkeypatch.setattr(host, "serving", asyncio.get_running_loop())
        task = asyncio.create_task(nothing())
        task.get_loop().call_soon(lambda: seen.append(id(task) in host.told_soon()))
        await task
        seen.append(id(task) in host.told_soon())

    asyncio.run(main())
    assert seen == [True, False]


def test_tasks_that_hold_calls_are_named() -> None:
    """Calls that go on for nobody are told with the tasks that make them, and where these wait."""
    calls, tasks = (
        Left("shop", names.CALLS_LEFT, "shop->bank: POST /pay", 9),
        Left("shop", names.TASKS_LEFT, "Shop.tell (fix.py:12)", 4),
    )
    assert "Tasks that go on: 4 times Shop.tell (fix.py:12)." in found(calls, tasks).message
    assert "Tasks" not in found(calls).message
