"""A live run on the user's own server, which BREAKFIX_POSTGRES_URL names.

The run creates a database of its own there, with a limit of its own, and drops it at the end. It needs an ordinary role that
may create databases. The server's log is not available: sessions are counted by queries, and refusals are not counted at
all. A restart is imitated: all sessions are ended, and no session is accepted until it is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from labs.kit.model.names import CONNECTIONS, MOST_CONNECTIONS
from labs.kit.worlds.live.child import Parent
from labs.kit.worlds.live.postgres.keeper import END_ALL, ENDS_WITHIN_MS, HOST, Keeper
from labs.kit.worlds.live.postgres.server import URL_VARIABLE, NoServer, try_out

ROLE = "select rolsuper, rolcreatedb, current_user as name from pg_roles where rolname = current_user"
CLOCK = """
    create schema run;
    create table run.clock (start timestamptz);
    create function run.seconds() returns double precision
        language sql volatile security definer set search_path = pg_catalog, pg_temp
        as $$ select extract(epoch from clock_timestamp() - (select start from run.clock)) $$;
    grant usage on schema run to app;
"""


class Borrowed(Keeper):
    """A database of the run's own on a server that the user named."""

    def __init__(self, parent: Parent) -> None:
        super().__init__(parent)
        self.url = os.environ[URL_VARIABLE]
        self.database = f"breakfix_{secrets.token_hex(6)}"
        self.clock: Any = None

    def make(self) -> None:
        """Does nothing: there is no server to make, and no log to read."""
        self.log = None

    def has_ended(self) -> bool:
        """Always False: the server's owner is responsible for it."""
        return False

    @property
    def address(self) -> str:
        """The address for the services: the user's address, with the database of the run."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{self.database}"))

    async def open(self) -> None:
        """Create the database of the run. Raises NoServer, asyncpg.PostgresError."""
        await try_out(self.url)
        self.watcher = await asyncpg.connect(self.url)
        role = await self.watcher.fetchrow(ROLE)
        if role["rolsuper"] or not role["rolcreatedb"]:
            raise NoServer(
                f"{URL_VARIABLE} names the role {role['name']!r}, which is a superuser or may not create databases; expected"
                " an ordinary role that may (create role breakfix login createdb), for no limit holds for a superuser"
            )
        await self.watcher.execute(f"create database {self.database} connection limit {self.most + 1}")
        inside = self.clock = await self.inside()
        owner = '"' + role["name"].replace('"', '""') + '"'
        setup = CLOCK + self.settings.get("database_setup", "")
        await inside.execute(setup.replace("to app;", f"to {owner};"))

    async def set_clock(self, epoch: float) -> None:
        """Let `run.seconds()` count from this second of the epoch, then remove the extra connection that this needed."""
        assert self.watcher is not None
        await self.clock.execute("insert into run.clock values (to_timestamp($1))", epoch)
        await self.watcher.execute(f"alter database {self.database} connection limit {self.most}")
        await self.clock.close()

    async def inside(self) -> Any:
        """A session in the database of the run."""
        return await asyncpg.connect(self.address)

    def limits(self) -> list[tuple[float, str, str, float]]:
        """The number of connections for the services. Refusals are not counted here, so they have no reading."""
        return [(0.0, MOST_CONNECTIONS, HOST, float(self.most))]

    async def states(self) -> list[tuple[float, str, str, float]]:
        """The states of the sessions, and their number, which no log reports here."""
        rows = await super().states()
        return [*rows, (rows[0][0], CONNECTIONS, HOST, sum(row[3] for row in rows))] if rows else []

    async def restart_when_due(self) -> None:
        """End all sessions, and accept no session until the fault is over."""
        assert self.watcher is not None
        for fault in sorted(self.restarts, key=lambda f: f.at_s):
            await asyncio.sleep(max(0.0, fault.at_s - self.at()))
            async with self.watching:
                await self.watcher.execute(f"alter database {self.database} allow_connections false")
                await self.watcher.fetch(END_ALL, self.database, ENDS_WITHIN_MS)
            await asyncio.sleep(max(0.0, fault.at_s + fault.seconds - self.at()))
            async with self.watching:
                await self.watcher.execute(f"alter database {self.database} allow_connections true")
            self.tell_ready()

    async def close(self) -> None:
        """Report the rest, and drop the database."""
        await self.tell_rest()
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            admin = await asyncpg.connect(self.url)  # the watching session may be in the middle of a query
            await admin.execute(f"drop database if exists {self.database} with (force)")
            await admin.close()
