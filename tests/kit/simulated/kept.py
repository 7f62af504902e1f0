"""A service that counts its lives in a file and in its memory, for tests of the fault `Kill`."""

from __future__ import annotations

import random
import sqlite3
import time
import uuid
from pathlib import Path

from aiohttp import web

from labs.kit.service.env import Env

FILE, DATABASE = Path("lives"), "table.sqlite"


def counting(env: Env) -> web.Application:
    """Each life adds a letter to a file, and begins a transaction that it never ends. GET / tells both, and the requests."""
    env.signals.event("born", f"{env.signals.now():.3f}", f"{uuid.uuid4()} {random.random()} {time.monotonic()}")
    with FILE.open("a", encoding="ascii") as file:
        file.write("x")
    lives = len(FILE.read_text(encoding="ascii"))
    db = sqlite3.connect(DATABASE, isolation_level=None)
    db.execute("create table if not exists kept (n integer)")
    committed = db.execute("select count(*) from kept").fetchone()[0]
    db.execute("insert into kept values (1)")
    db.execute("begin immediate")
    db.execute("insert into kept values (2)")
    served = 0

    async def tell(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        env.signals.event("served", str(served), f"{lives} {committed}")
        return web.Response()

    app = web.Application()
    app.router.add_get("/", tell)
    return app
