"""The database of a live run: what it counts, how it restarts, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from labs.kit.model.faults import DatabaseRestart, ErrorStatus
from labs.kit.model.names import CONNECTIONS, IN_TRANSACTION, MOST_CONNECTIONS, REFUSED_CONNECTIONS
from labs.kit.model.verdict import Status
from labs.kit.worlds.live.postgres.borrowed import Borrowed
from labs.kit.worlds.live.postgres.server import APP, URL_VARIABLE, Server, prepare
from labs.kit.worlds.live.world import ROOT
from tests.kit.live.processes import GIVE_UP_S, Watched, alive, role, wait_until
from tests.kit.live.tiny import REACHED_ITS_END
from tests.kit.live.with_database import database_run


@pytest.fixture
def folder(monkeypatch):
    """Where the runs of a test put their files. An ordinary user can reach it, for root's servers run as one."""
    with tempfile.TemporaryDirectory(prefix="breakfix-test-") as name:
        Path(name).chmod(0o711)
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def most(run, signal_name):
    """The highest reading of a signal of the database."""
    return max(s.value for s in run.samples(signal_name, "database"))


def test_sessions_are_counted_exactly_and_the_limit_is_told():
    """Three sessions of a service are three; the one that watches does not count, and has a place of its own."""
    run = database_run()
    assert run.status in REACHED_ITS_END, run.info.detail
    counted = [s.value for s in run.samples(CONNECTIONS, "database")]
    assert counted[:3] == [1, 2, 3]
    assert counted[-1] == 0
    assert most(run, MOST_CONNECTIONS) == 4
    assert most(run, IN_TRANSACTION) == 1
    assert most(run, REFUSED_CONNECTIONS) == 0


def test_a_session_too_many_is_refused_and_counted():
    """Six sessions where there is room for four: two are refused, with PostgreSQL's own words in the record."""
    run = database_run(open=6)
    assert (most(run, CONNECTIONS), most(run, REFUSED_CONNECTIONS)) == (4, 2)
    refused = [log for log in run.logs("database") if log.error_type == "53300"]
    assert [log.event for log in refused] == ["sorry, too many clients already"] * 2


def test_services_may_hold_every_place_before_the_run_begins():
    """A pool that opens all its connections at once takes no place from the one that watches, and spoils no run."""
    run = database_run(early=4, open=0)
    assert run.status in REACHED_ITS_END
    assert most(run, CONNECTIONS) == 4


def test_the_report_tells_what_is_in_the_tables():
    """Setup and report run as the superuser, in whose tables a service cannot write; `run.seconds()` is the run's clock."""
    run = database_run()
    rows = [json.loads(log.fields) for log in run.logs("database") if log.event == "row"]
    assert rows == [{"secret": "kept", "later": True}]


def test_a_restart_ends_all_sessions_and_lets_new_ones_in():
    """After it the count is 0, then the service's new sessions; nothing that was committed is lost."""
    fault = DatabaseRestart(at_s=0.4, seconds=0.1)
    run = database_run(seconds=4.5, faults=(fault,), close_at=0.2, again_at=4.0)
    ready = [log.time for log in run.logs("database") if log.event == "ready"]
    assert len(ready) == 1
    assert ready[0] > 0.5
    assert [s.value for s in run.samples(CONNECTIONS, "database") if s.time > ready[0]][:3] == [1, 2, 3]
    assert len([log for log in run.logs("database") if log.event == "row"]) == 2


def test_a_run_without_a_server_says_what_to_do(monkeypatch):
    """One sentence with the value, what was expected and the remedy; the run says nothing of the repair."""
    monkeypatch.setenv(URL_VARIABLE, "postgresql://me:secret@127.0.0.1:1/none")
    run = database_run()
    assert run.status is Status.INFRA_ERROR
    assert "BREAKFIX_POSTGRES_URL is 'postgresql://me:***@127.0.0.1:1/none'" in run.info.detail
    assert "unset the variable" in run.info.detail
    assert "Traceback" not in run.info.detail


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"max_connections": 0}, "max_connections is 0 in the scenario's settings; expected a whole number"),
        ({"faults": (ErrorStatus(service="database", rate=1),)}, "cannot act on the database of a live run"),
        ({"database_setup": "create tabel x ()"}, "syntax error"),
    ],
)
def test_what_the_database_cannot_do_is_one_line(changes, told):
    """A wrong limit, a fault that is none of its own, SQL that is none: named, as an error of ours."""
    run = database_run(**changes)
    assert run.status is Status.INFRA_ERROR
    assert told in run.info.detail


@pytest.fixture
def borrowed(folder, monkeypatch):
    """A server that a user might have, and the address of an ordinary role there that may create databases."""
    there = Server(folder, {"max_connections": 20})
    there.create()
    there.launch()
    try:
        there.wait_ready()
        asyncio.run(prepare(there))

        async def allow():
            admin = await asyncpg.connect(there.admin_address)
            await admin.execute(f"alter role {APP} createdb")
            await admin.close()

        asyncio.run(allow())
        monkeypatch.setenv(URL_VARIABLE, there.address)
        yield there
    finally:
        there.stop()


def databases(there):
    """The databases of a server."""

    async def look():
        admin = await asyncpg.connect(there.admin_address)
        found = await admin.fetch("select datname from pg_database where not datistemplate")
        await admin.close()
        return {row["datname"] for row in found}

    return asyncio.run(look())


def test_a_server_of_the_users_own_is_borrowed_and_left_as_it_was(borrowed):
    """The run has a database with its own limit there, which is gone afterwards; refusals are not known."""
    before = databases(borrowed)
    fault = DatabaseRestart(at_s=0.9, seconds=0.2)
    run = database_run(seconds=2.5, faults=(fault,), open=6, close_at=0.6, again_at=1.5)
    assert run.status in REACHED_ITS_END, run.info.detail
    assert most(run, CONNECTIONS) == most(run, MOST_CONNECTIONS) == 4
    assert run.samples(REFUSED_CONNECTIONS, "database") == []
    assert [json.loads(log.fields)["secret"] for log in run.logs("database") if log.event == "row"] == ["kept", "kept"]
    assert databases(borrowed) == before


def test_a_superuser_is_not_borrowed(borrowed, monkeypatch):
    """No connection limit holds for a superuser, so no verdict could rest on it: said in one line."""
    monkeypatch.setenv(URL_VARIABLE, borrowed.admin_address)
    run = database_run()
    assert run.status is Status.INFRA_ERROR
    assert "expected an ordinary role" in run.info.detail


def started(folder: Path) -> tuple[subprocess.Popen[str], Watched]:
    """A process that does a run with a database, when the run has begun; and all that the run consists of."""
    caller = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.live.with_database"], cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert caller.stdout is not None
    while not (line := caller.stdout.readline()).startswith("at "):
        assert line, caller.stderr and caller.stderr.read()
    watched = Watched(folder)
    watched.look(caller.pid)
    return caller, watched


def keeper(watched: Watched) -> psutil.Process:
    """The process that keeps the database."""
    (found,) = [p for p in watched.processes if role(p) == "postgres"]
    return found


@pytest.mark.parametrize("what", ["the caller", "the runner", "the keeper", "the server", "interrupt"])
def test_nothing_is_left_whoever_is_killed(folder, what):
    """Neither server nor keeper, port, folder or shared memory outlives a run of which one process was killed."""
    before = shared_memory()
    caller, watched = started(folder)
    try:
        if what == "interrupt":
            caller.send_signal(signal.SIGINT)
        elif what == "the caller":
            caller.kill()
        else:
            (runner,) = [p for p in watched.processes if role(p) == "runner"]
            postmaster = keeper(watched).children()[0]
            {"the runner": runner, "the keeper": keeper(watched), "the server": postmaster}[what].kill()
        assert len(watched.processes) > 7, "runner, proxy, load, service, keeper, and PostgreSQL's own"
        said, _ = caller.communicate(timeout=GIVE_UP_S)
        wait_until(lambda: not watched.left(), watched.left)
        wait_until(lambda: shared_memory() <= before, lambda: shared_memory() - before)
        assert not [process for process in watched.processes if alive(process)]
        if what in ("the keeper", "the server"):
            assert said.splitlines()[-1].startswith("infra_error: database ended with")
    finally:
        caller.kill()
        caller.communicate()


def shared_memory() -> set[str]:
    """The segments of System V memory of this machine, by their numbers; none where the system has no list of them."""
    table = Path("/proc/sysvipc/shm")
    return {line.split()[1] for line in table.read_text().splitlines()[1:]} if table.exists() else set()


class OneAtATime:
    """A session as asyncpg's: it does one thing at a time, and says so."""

    def __init__(self):
        self.busy = False

    async def execute(self, *_):
        """Take a turn of the loop."""
        if self.busy:
            raise asyncpg.InterfaceError("cannot perform operation: another operation is in progress")
        self.busy = True
        await asyncio.sleep(0)
        self.busy = False
        return []

    fetch = execute


def test_a_restart_and_the_watch_share_one_session():
    """Both use it, at any moment of each other: neither finds it in the middle of something."""
    keeper = object.__new__(Borrowed)
    keeper.restarts = [DatabaseRestart(at_s=at / 100, seconds=0.005) for at in range(5)]
    keeper.watcher, keeper.watching = OneAtATime(), asyncio.Lock()
    keeper.database, keeper.start_ns, keeper.tell_ready = APP, time.monotonic_ns(), lambda: None

    async def look():
        while True:
            await keeper.states()
            await asyncio.sleep(0)

    async def both():
        watching = asyncio.create_task(look())
        await keeper.restart_when_due()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    asyncio.run(both())
