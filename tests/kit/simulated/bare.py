"""Run a piece of code in a process with a simulated kernel and no judge: time moves as soon as nobody can run."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from labs.kit.worlds.simulated.coordinator.zygote import ROOT

_PRELUDE = """
from labs.kit.worlds.simulated.host.patches import install_early, install_late, seed_randomness
kernel, net = install_early()
import asyncio, json, socket, sqlite3, sys, tempfile, threading, time
from labs.kit.worlds.simulated.host import sqlite as database, process_pool as pools
install_late(kernel)
database.install(kernel, None if {hidden} else database.find_library())
pools.install(kernel)
kernel.horizon = kernel.lookahead = 1 << 60
kernel.live = True
said = []

def took(work):
    begun = time.monotonic_ns()
    work()
    return (time.monotonic_ns() - begun) / 1e9

"""


def bare(code: str, *, hidden: bool = False) -> Any:
    """What `code` has appended to the list `said`. `hidden`: as if this Python hid its SQLite library."""
    source = _PRELUDE.format(hidden=hidden) + code + "\nkernel.live = False\nprint(json.dumps(said))\n"
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
