"""Repairs that crash, hang, exit, leak or cheat: each run ends with the right status and says why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from labs.kit.simulated.hostlink import LIMITS
from labs.kit.verdict import Status
from tests.kit.simulated.tiny import hosts_alive, tiny_run

QUICK = replace(LIMITS, cpu_at_one_instant_s=1.0, cpu_in_all_s=6.0, computing_s=0.5, silence_s=20.0)
HEALTHY = "async def answer(request):\n    return 'ok'\n"

ENDS_BY_ITSELF = {
    "does not parse": ("async def answer(request)\n    return 1\n", "SyntaxError: expected ':' (fix.py:1)"),
    "has a null byte": ("x = 1\0\n", "source code string cannot contain null bytes"),
    "raises at import": ("\n\nraise ValueError('no luck')\n", "me ended with ValueError: no luck (fix.py:3)."),
    "raises in its constructor": (
        "class Client:\n    def __init__(self):\n        self.x = 1 / 0\n\n\nasync def start(env):\n    Client()\n",
        "me ended with ZeroDivisionError: division by zero (fix.py:3).",
    ),
    "calls sys.exit": ("import sys\n\n\nasync def answer(request):\n    sys.exit(3)\n", "me ended with SystemExit: 3 (fix.py:5)."),
    "calls os._exit": (
        "import os\n\n\nasync def answer(request):\n    os._exit(0)\n",
        "me ended with a call of os._exit(0) (fix.py:5).",
    ),
    "calls os._exit in a thread": (
        "import asyncio, os\n\n\nasync def answer(request):\n    await asyncio.to_thread(os._exit, 4)\n",
        "me ended with a call of os._exit(4)",
    ),
    "kills its process": (
        "import ctypes\n\n\nasync def answer(request):\n    ctypes.string_at(0)\n",
        "The process of me ended by itself in mid-run.",
    ),
    "opens too many sockets": (
        "import socket\n\n\nasync def start(env):\n    kept = []\n    for _ in range(30_000):\n        sock = socket.socket()\n"
        "        sock.setblocking(False)\n        sock.connect_ex(('192.0.2.1', 80))\n        kept.append(sock)\n",
        "me ended with OSError: [Errno 24] Too many open files (fix.py:7).",
    ),
}
HANGS = {
    "computes for ever at import": ("n = 0\nwhile True:\n    n += 1\n", "see fix.py:3."),
    "sleeps for ever at import": ("import time\n\ntime.sleep(1e9)\n", "it is not ready 1 s after its start; see fix.py:3."),
    "awaits for ever at the start": (
        "import asyncio\n\n\nasync def start(env):\n    await asyncio.Event().wait()\n",
        "it is not ready 1 s after its start; see fix.py:5.",
    ),
    "computes for ever": (
        "async def answer(request):\n    while True:\n        pass\n",
        "it computed for 0.5 s without letting the event loop turn; see fix.py:3.",
    ),
    "computes for ever in a helper": (
        "def spin(n):\n    for i in iter(int, 1):\n        n += i\n\n\nasync def answer(request):\n    spin(1)\n",
        "it computed for 0.5 s without letting the event loop turn; see fix.py:3.",
    ),
    "matches for ever": (
        "import re\n\n\nasync def answer(request):\n    re.match(r'(a|a)*b', 'a' * 60)\n",
        "s without giving way; see fix.py:5.",
    ),
    "sums for ever": (
        "import itertools\n\n\nasync def answer(request):\n    sum(itertools.count())\n",
        "s of CPU without giving way: an endless loop, or a wait outside this world?",
    ),
    "locks itself out": (
        "import threading\nlock = threading.Lock()\n\n\nasync def answer(request):\n    with lock:\n        with lock:\n            return 1\n",
        "Deadlock in me at t = ",
    ),
    "two threads wait for each other": (
        "import asyncio, threading, time\n\n\ndef hold(mine, other):\n    with mine:\n        time.sleep(0.1)\n        with other:\n"
        "            pass\n\n\nasync def answer(request):\n    a, b = threading.Lock(), threading.Lock()\n"
        "    both = [threading.Thread(target=hold, args=pair) for pair in ((a, b), (b, a))]\n"
        "    [t.start() for t in both]\n    [t.join() for t in both]\n",
        "every thread waits for another, and nothing will wake them. See fix.py:15.",
    ),
    "burns CPU to the end": (
        "import asyncio\n\n\nasync def start(env):\n    async def turn():\n        while True:\n            await asyncio.sleep(0)\n"
        "    start.task = asyncio.ensure_future(turn())\n",
        "",
    ),
}
CHEATS = {
    "jumps ahead in time": "from labs.kit.simulated import kernel\n\n\nasync def answer(request):\n    kernel.active.now += 10**12\n    return 'x'\n",
    "speaks another protocol": "from labs.kit.simulated import kernel\n\n\nasync def answer(request):\n    kernel.active.send(b'Z')\n",
    "writes to the judge's pipe": "import os\nfrom labs.kit.simulated import kernel\n\n\nasync def answer(request):\n"
    "    os.write(kernel.active.write_fd, b'all is well' * 10)\n    return 'x'\n",
}  # fmt: skip
GOES_ON = {
    "is healthy": HEALTHY,
    "has none of the names": "",
    "answers with errors": "async def answer(request):\n    raise RuntimeError('not today')\n",
    "prints without end": HEALTHY + "for n in range(3_000):\n    print('line', n)\n",
    "prints one endless line": HEALTHY + "import sys\nfor n in range(100):\n    sys.stderr.write('x' * 100_000)\n",
    "logs a megabyte": HEALTHY + "async def start(env):\n    env.signals.log.info('big', blob='x' * 5_000_000)\n",
    "leaves a thread that raises": HEALTHY + "import _thread, threading\nthreading.Thread(target=lambda: 1 / 0).start()\n"
    "_thread.start_new_thread(lambda: 1 / 0, ())\n",
    "sleeps through the run": "import time\n\n\nasync def answer(request):\n    time.sleep(9e9)\n",
    "imports what probes the machine": HEALTHY + "import platform\nplatform.uname()\n",
    "drops sockets while the collector runs all the time": HEALTHY
    + "import asyncio, gc, socket\ngc.set_threshold(1)\n\n\nclass Cycle:\n    def __init__(self):\n        self.me = self\n"
    "        self.sock = socket.socket()\n        self.sock.setblocking(False)\n        self.sock.connect_ex(('192.0.2.1', 80))\n\n"
    "    def __del__(self):\n        self.sock.close()\n\n\nasync def start(env):\n    async def work():\n        for _ in range(500):\n"
    "            Cycle()\n            await asyncio.sleep(0.001)\n    start.task = asyncio.ensure_future(work())\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """Whatever the repair did, its process is gone, and the next run works."""
    yield
    assert hosts_alive() == []
    after = tiny_run("fixed", HEALTHY, seconds=2, rate=5)
    assert (after.status, {r.status for r in after.requests()}) == (Status.PASS, {200})


@pytest.mark.parametrize("case", ENDS_BY_ITSELF)
def test_crashed(case: str) -> None:
    """A repair that ends its process is a crash, with what it did and the line where it did it."""
    source, said = ENDS_BY_ITSELF[case]
    run = tiny_run("fixed", source, seconds=3, rate=5)
    assert run.status is Status.CRASHED
    assert said in run.info.detail


@pytest.mark.parametrize("case", [case for case in HANGS if HANGS[case][1]])
def test_hung(case: str) -> None:
    """A repair that makes no progress is a hang, with the line where it stands wherever that can be known."""
    source, said = HANGS[case]
    run = tiny_run("fixed", source, seconds=3, rate=5, limits=QUICK)
    assert run.status is Status.HUNG
    assert said in run.info.detail


@pytest.mark.parametrize("case", CHEATS)
def test_tampered(case: str) -> None:
    """A repair that reaches for the machinery in its own process is found out by the judge."""
    run = tiny_run("fixed", CHEATS[case], seconds=3, rate=5)
    assert run.status is Status.TAMPERED
    assert run.info.detail.startswith("The process of me broke the protocol with its judge: ")


@pytest.mark.parametrize("case", GOES_ON)
def test_goes_on(case: str) -> None:
    """A repair that is merely loud, wrong or slow runs to the end: the checks then judge what it did."""
    run = tiny_run("fixed", GOES_ON[case], seconds=3, rate=5, limits=replace(LIMITS, signals=2_000))
    assert (run.status, run.info.detail) == (Status.PASS, "")
    assert len(run.requests()) > 5


def test_polling_without_end_is_carried() -> None:
    """A task that polls with sleep(0) keeps a core busy, as it would live, and the service answers all the same."""
    source = HEALTHY + HANGS["burns CPU to the end"][0]
    run = tiny_run("fixed", source, seconds=2, rate=20)
    assert run.status is Status.PASS
    assert {r.status for r in run.requests()} == {200}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit of address space")
@pytest.mark.parametrize("what", ["bytearray(3 << 30)", "[bytes(1 << 20) for _ in range(4096)]"])
def test_memory_is_bounded(what: str) -> None:
    """A repair that wants more memory than a host has gets a MemoryError, and the machine goes on."""
    run = tiny_run("fixed", f"async def start(env):\n    kept = {what}\n", seconds=3)
    assert run.status is Status.CRASHED
    assert run.info.detail == "me ended with MemoryError (fix.py:2)."


def test_what_only_a_library_asks_for_is_not_reported(tmp_path: object) -> None:
    """A module that probes for a UDP socket while it is imported is told no, and the run goes on."""
    from pathlib import Path

    Path(str(tmp_path), "prober.py").write_text(
        "import socket, subprocess\n\nclass Mine(subprocess.Popen):\n    pass\n\ntry:\n    socket.socket(type=socket.SOCK_DGRAM)\n"
        "except OSError:\n    HAS_UDP = False\n"
    )
    source = HEALTHY + f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport prober\nassert prober.HAS_UDP is False\n"
    assert tiny_run("fixed", source, seconds=2, rate=5).status is Status.PASS


def test_a_library_that_cannot_do_without_is_unsupported(tmp_path: object) -> None:
    """A module whose import fails for a refused call makes the run unsupported, not crashed."""
    from pathlib import Path

    Path(str(tmp_path), "needy.py").write_text("import subprocess\nsubprocess.check_output(['true'])\n")
    source = HEALTHY + f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport needy\n"
    run = tiny_run("fixed", source, seconds=2)
    assert run.status is Status.UNSUPPORTED
    assert "calls subprocess.Popen," in run.info.detail
