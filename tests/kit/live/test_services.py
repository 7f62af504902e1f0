"""What the services of a live run see, and what the record holds of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest

from labs.kit.model.faults import ErrorStatus, as_plain
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from tests.kit.live.repairs import HEALTHY
from tests.kit.live.tiny import REACHED_ITS_END, live_run

FROM_OUTSIDE = {
    "process.memory.usage",
    "process.unix.file_descriptor.count",
    "process.thread.count",
    "process.cpu.utilization",
}
FIX = "import threading\nLOADED_IN = threading.get_ident()\n" + HEALTHY


@pytest.fixture(scope="module")
def temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run below puts its temporary files."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def run(temp: Path) -> Run:
    """A service that runs the repair, of 3 cores, calls its peer, of 4, which does not; both look around."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "HTTPS_PROXY", "all_proxy"):
            patch.setenv(name, "http://192.0.2.1:1")
        patch.setenv("TMPDIR", str(temp))
        patch.setattr(tempfile, "tempdir", None)
        return live_run("curious", FIX, calls_peer=True, cores=3)


def seen(run: Run, host: str) -> dict[str, Any]:
    """What a service saw of its surroundings."""
    return json.loads(next(log.fields for log in run.logs(host) if log.event == "surroundings"))


def test_the_run_reached_its_end(run: Run) -> None:
    """Every request is answered, through both services."""
    assert run.status in REACHED_ITS_END
    assert {(row.status, row.error_type) for row in run.requests()} <= {(200, ""), (0, "unfinished")}
    assert 200 in {row.status for row in run.requests()}


def test_services_have_the_labs_cores(run: Run) -> None:
    """Cores, and default pools by them, are those of each Service, whatever this machine has."""
    found = {host: (seen(run, host)["cores"], seen(run, host)["threads"]) for host in ("me", "peer")}
    assert found == {"me": (3, 7), "peer": (4, 8)}


def test_nothing_leaves_the_machine_or_the_folder(run: Run, temp: Path) -> None:
    """No proxy is configured, and temporary files go where the run clears them away; both are gone afterwards."""
    for host in ("me", "peer"):
        assert seen(run, host)["proxies"] == []
        assert Path(seen(run, host)["temp"]).parent == temp
    assert list(temp.glob("breakfix-live-*")) == []


def test_only_a_service_that_runs_the_repair_loads_it(run: Run) -> None:
    """The peer has no code under repair in its process."""
    loaded = {host: (seen(run, host)["has_fix"], seen(run, host)["loaded_fix"]) for host in ("me", "peer")}
    assert loaded == {"me": (True, True), "peer": (False, False)}


def test_prints_become_logs(run: Run) -> None:
    """What a service prints, on either stream, is in the record, with the time of the run."""
    for host in ("me", "peer"):
        printed = [log for log in run.logs(host) if log.event == "print"]
        texts = {(fields["stream"], fields["text"]) for fields in (json.loads(log.fields) for log in printed)}
        assert texts == {("stdout", "said on stdout"), ("stderr", "said on stderr")}
        assert all(log.time >= 0 for log in printed)


def test_services_are_measured_from_outside(run: Run) -> None:
    """Memory, descriptors, threads and CPU of each service are sampled, and of nothing else."""
    for signal in FROM_OUTSIDE:
        samples = run.samples(signal)
        assert {sample.host for sample in samples} == {"me", "peer"}
        assert all(sample.value > 0 for sample in samples) or signal == "process.cpu.utilization"


def test_links_are_seen(run: Run) -> None:
    """What one service asks of another is in the record, request by request, under the load's own ids."""
    assert run.links() == ["load->me", "me->peer"]
    asked = {row.request_id for row in run.requests("me->peer")}
    assert asked <= {row.request_id for row in run.requests()}
    assert len(asked) >= len([row for row in run.requests() if row.status == 200])


def test_error_status() -> None:
    """A share of the requests, drawn by the seed, is answered with the error before the service does any work."""
    fault = ErrorStatus(service="me", rate=0.4)
    run = live_run("curious", seconds=1, faults=(fault,), seed=5)
    rng = Random(f"5 me {as_plain(fault)}")
    statuses = [row.status for row in run.requests() if row.done is not None]
    worked = len([log for log in run.logs("me") if log.event == "surroundings"])
    assert statuses.count(503) == len([1 for _ in statuses if rng.random() < 0.4])
    assert statuses.count(200) == worked
    assert {200, 503} == set(statuses)


def test_a_call_before_the_run_begins_passes() -> None:
    """A service that calls another while it starts is answered; the record begins with the run."""
    run = live_run("early", calls_peer=True)
    assert {log.fields for log in run.logs("me") if log.event == "early"} == {'{"answers": [200]}'}
    assert all(row.sent >= 0 for row in run.requests("me->peer"))


def test_a_crash_in_mid_run_names_its_line() -> None:
    """A repair that ends its process says where it did, and the rows up to then are kept."""
    source = "async def answer(request):\n    if request.query['n'] == '5':\n        raise SystemExit(3)\n"
    run = live_run("fixed", source, seconds=30)
    assert (run.status, run.info.detail) == (Status.CRASHED, "me ended with SystemExit: 3 (fix.py:3).")
    assert len(run.requests()) >= 5
