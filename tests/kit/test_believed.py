"""Who says what: what a check may believe of a run, and what services are told of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

import labs
from labs.kit.judging.evaluate import judge_runs
from labs.kit.model.declare import answered_truly, check
from labs.kit.model.lab import Lab, Scenario, Service
from labs.kit.model.load import draws, named
from labs.kit.model.record import JUDGE, Event, Log, Record, Request, Run, Sample, Span
from labs.kit.model.verdict import Finding, Status
from labs.kit.worlds.live import processes
from labs.kit.worlds.plan import told
from tests.kit.handmade import make_info

SECRET = "of the judge"


def run_with(*, wrong: str = "") -> Run:
    """A run of "shop", which ran the repair, and "bank", which did not; each has said one row in each table."""
    record = Record()
    for host in ("shop", "bank"):
        record.add("samples", [Sample(0.0, "x", host, 1.0, host)])
        record.add("events", [Event(0.0, "debit", "order-1", "", host)])
        record.add("logs", [Log(0.0, host, "info", "done", "", "", "{}")])
        record.add("spans", [Span("t", host, "", host, "x", 0.0, 1.0, "OK", "{}")])
    record.add("samples", [Sample(0.0, "x", "shop", 2.0)])
    record.add("requests", [Request("load->shop", "order-1", "GET /", 1, 0.0, 0.0, 1.0, 200, "", wrong)])
    return record.close(make_info(repaired="shop"))


def sources(run: Run) -> dict[str, list[str]]:
    """By table, whose rows a run shows."""
    return {
        "samples": [row.by for row in run.samples("x")],
        "events": [row.by for row in run.events("debit")],
        "logs": [row.host for row in run.logs()],
        "spans": [row.host for row in run.spans()],
    }


def test_what_the_repair_s_service_says_is_not_believed() -> None:
    """Of each table the rows of the judge and of the other service are left; the record itself keeps all."""
    run = run_with()
    assert sources(run.believed()) == {
        "samples": ["bank", JUDGE], "events": ["bank"], "logs": ["bank"], "spans": ["bank"],
    }  # fmt: skip
    assert sources(run) == sources(run.believed().said)
    assert sources(run)["samples"] == ["shop", "bank", JUDGE]
    assert run.believed().requests() == run.requests(), "what was seen on the wire is nobody's word"


def test_a_check_hears_what_it_declares_and_no_more() -> None:
    """The tables in `hears` keep the words of the repair's service, the others do not."""
    seen: list[dict[str, list[str]]] = []

    @check("Its logs are judged", needs="s", at_least=1, unit="logs", hint="log", points=1, hears=("logs",))
    def judged(run: Run) -> Finding:
        seen.append(sources(run))
        return Finding(True, 1, "logs", "There are logs.")

    judged({"s": run_with(), "another": run_with()})
    assert seen[0]["logs"] == ["shop", "bank"]
    assert seen[0]["events"] == ["bank"]


def test_a_check_that_raises_ends_itself_and_not_its_judge() -> None:
    """Its verdict says that the judge failed, and every other check has its own."""
    lab = labs.load("lab06_retries")
    record = Record()
    record.add("requests", [Request("load->shop", "order-1", "GET /", 1, 0.0, 0.0, 1.0, 200, "")])
    empty = record.close(make_info(lab=lab.name, repaired="shop,payments"))
    verdicts = judge_runs(lab, {(need, 0): empty for c in lab.checks for need in c.needs}, (0,))
    by_name = {v.check: v for v in verdicts}
    assert by_name["amplification"].status is Status.INFRA_ERROR
    assert "IndexError" in by_name["amplification"].message
    assert by_name["charged_once"].status is Status.PASS
    assert len(verdicts) == len(lab.checks)


def test_an_answer_that_is_none_fails_the_gate() -> None:
    """The gate names the request, the scenario and what was wrong."""
    assert answered_truly({"calm": run_with()}).passed
    found = answered_truly({"calm": run_with(wrong="an empty page")})
    assert (found.passed, found.measured, found.reason) == (False, 1, "untrue")
    assert "order-1 in 'calm' got an empty page" in found.message


def test_names_can_be_told_with_the_secret_alone() -> None:
    """Without a secret names count; with one they have the same form, repeat, and no two are alike."""
    assert named("order", 17) == "order-17" == draws(0).named("order", 17)
    drawn = draws(0, SECRET)
    names = [drawn.named("order", n) for n in range(5_000)]
    assert names == [named("order", n, SECRET) for n in range(5_000)]
    assert len(set(names)) == 5_000
    assert not set(names) & {named("order", n, "another") for n in range(5_000)}
    assert all(name.partition("-")[0] == "order" and name.partition("-")[2].isdigit() for name in names)
    assert drawn.named("visit", 3).partition("-")[2] != drawn.named("order", 3).partition("-")[2]


def test_a_secret_changes_no_draw_but_the_load_s_own() -> None:
    """The load of a seed without a secret is what it always was."""
    assert draws(3).random() == Random("requests 3").random()
    assert draws(3, SECRET).random() != draws(3).random()


@pytest.mark.parametrize("secret", ["", SECRET])
def test_a_service_that_runs_the_repair_learns_little(secret: str) -> None:
    """It sees the settings that the lab lets through, never the secret, and with one no seed of others."""
    scenario = Scenario("s", (), settings={"clients": 3, "bank_ms": 19}, secret=secret)
    shop, bank = Service("shop", "m:f", runs_fix=True, sees=("clients", "profile")), Service("bank", "m:f")
    assert told(shop, scenario, 7)["settings"] == {"clients": 3}
    assert told(shop, scenario, 7)["secret"] == ""
    assert (told(shop, scenario, 7)["seed"] == 7) is not bool(secret)
    assert told(replace(shop, sees=None), scenario, 7)["seed"] == 7, "a lab that says nothing may draw from it"
    assert told(bank, scenario, 7) == {"settings": {"clients": 3, "bank_ms": 19}, "seed": 7, "secret": secret}


def test_no_lab_s_load_can_be_guessed_where_it_is_graded() -> None:
    """With a secret, no request of any lab has the name that it has without one."""
    for lab in map(labs.load, labs.names()):
        settings = next(iter(lab.scenarios.values())).settings
        open_names = {lab.request(n, draws(0, "", settings)).request_id for n in range(200)}
        secret_names = {lab.request(n, draws(0, SECRET, settings)).request_id for n in range(200)}
        assert not open_names & secret_names, lab.name


class Told:
    """In the place of the runner's parent: what it was told."""

    def __init__(self) -> None:
        self.spec: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []

    def tell(self, **message: Any) -> None:
        """One message."""
        self.messages.append(message)

    def tell_raw(self, line: bytes) -> None:
        """One message that is JSON already."""
        self.messages.append(json.loads(line))


def heard(name: str, line: bytes) -> tuple[list[dict[str, Any]], str]:
    """What the runner passes on of a line of a child called `name`, and the status with which it ends the run, or ""."""

    async def hear() -> tuple[list[dict[str, Any]], str]:
        parent: Any = Told()
        among = processes.Processes(parent)
        process: Any = SimpleNamespace(pid=1)
        among._hear(processes.Child(name, process), line)
        if not among.trouble.done():
            return parent.messages, ""
        error = among.trouble.exception()
        assert isinstance(error, processes.Ended)
        return parent.messages, str(error.status)

    return asyncio.run(hear())


SIGNAL = b'{"table": "logs", "event": "x"}'


def test_a_live_service_speaks_of_itself_alone() -> None:
    """Its signals are passed on under its own name, whatever they say; nothing is pasted."""
    assert heard("shop", SIGNAL) == ([{"signal": json.loads(SIGNAL), "host": "shop"}], "")
    pasted = b'{"table": "logs"}, "status": "pass", "x": {"y": 1}'
    assert heard("shop", pasted) == ([], "")
    nested = b'{"table": "logs", "host": "bank", "status": "pass"}'
    assert heard("shop", nested) == ([{"signal": json.loads(nested), "host": "shop"}], "")


@pytest.mark.parametrize(
    "line",
    [
        b'{"rows": [[0, 0, 1, 200, ""]]}', b'{"samples": [[0.0, "x", "bank", 1.0]]}', b'{"at": 30.0}',
        b'{"status": "pass", "detail": ""}', b'{"exchange": ["shop->bank"]}', b'{"signal": {}, "host": "bank"}', b"{}",
        b'{"ready": "8080"}', b'{"ready": 0}',
    ],
)  # fmt: skip
def test_what_is_for_others_to_say_is_tampering(line: bytes) -> None:
    """Rows of the load, samples of the runner and the end of the run do not come from a service."""
    assert heard("shop", line) == ([], "tampered")


@pytest.mark.parametrize("line", [b"", b"[]", b"5", b"nonsense", b"[" * 100_000])
def test_what_is_no_message_is_nothing(line: bytes) -> None:
    """A line that cannot be read changes nothing."""
    assert heard("shop", line) == ([], "")


def test_load_and_proxy_say_what_is_theirs() -> None:
    """And no more: the load reports no samples, and the proxy no rows."""
    rows, exchange = {"rows": [[0, 0, 1, 200, ""]]}, {"exchange": ["shop->bank"]}
    assert heard(processes.LOAD, json.dumps(rows).encode()) == ([rows], "")
    assert heard(processes.PROXY, json.dumps(exchange).encode()) == ([exchange], "")
    assert heard(processes.LOAD, json.dumps(exchange).encode()) == ([], "tampered")
    assert heard(processes.PROXY, json.dumps(rows).encode()) == ([], "tampered")


def test_labs_hide_what_tells_their_scenarios_apart() -> None:
    """In these labs a service that runs the repair is told no setting by which it could know the scenario."""

    def seen(lab: Lab) -> set[str]:
        return {name for s in lab.services if s.runs_fix for name in (s.sees if s.sees is not None else ("everything",))}

    for name in ("lab03_database", "lab05_timeouts", "lab06_retries", "lab07_backpressure"):
        # lab06's payments spoils its own answers in `hiccups`, so it can tell that scenario
        assert seen(labs.load(name)) <= {"clients", *(["garbled"] if name == "lab06_retries" else [])}, name
