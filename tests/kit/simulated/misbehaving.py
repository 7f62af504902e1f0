"""Repairs that crash, hang, cheat or merely make noise, as source text. `answer` is called for each request."""

from __future__ import annotations

from textwrap import dedent

HEALTHY = "async def answer(request):\n    return 'ok'\n"


def code(text: str) -> str:
    """Source whose first line is that after the quotes."""
    return dedent(text).lstrip("\n")


ENDS_BY_ITSELF = {
    "does not parse": ("async def answer(request)\n    return 1\n", "SyntaxError: expected ':' (fix.py:1)"),
    "has a null byte": ("x = 1\0\n", "source code string cannot contain null bytes"),
    "raises at import": ("\n\nraise ValueError('no luck')\n", "me ended with ValueError: no luck (fix.py:3)."),
    "raises in its constructor": (
        code("""
            class Client:
                def __init__(self):
                    self.x = 1 / 0

            async def start(env):
                Client()
        """),
        "me ended with ZeroDivisionError: division by zero (fix.py:3).",
    ),
    "raises what no terminal should show": (
        "raise ValueError('\\ud800 \\x1b[31m red \\n' + 'x' * 5000)\n",
        "me ended with",
    ),
    "calls sys.exit": (
        code("""
            import sys
            async def start(env):
                sys.exit(3)
        """),
        "me ended with SystemExit: 3 (fix.py:3).",
    ),
    "calls os._exit": (
        code("""
            import os
            async def answer(request):
                os._exit(0)
        """),
        "me ended with a call of os._exit(0) (fix.py:3).",
    ),
    "calls os._exit in a thread": (
        code("""
            import asyncio, os
            def leave():
                os._exit(4)
            async def answer(request):
                await asyncio.to_thread(leave)
        """),
        "me ended with a call of os._exit(4) (fix.py:3).",
    ),
    "kills its process": (
        code("""
            import ctypes
            async def answer(request):
                ctypes.string_at(0)
        """),
        "The process of me ended by itself during the run.",
    ),
    "opens too many sockets": (
        code("""
            import socket
            async def start(env):
                kept = []
                for _ in range(30_000):
                    sock = socket.socket()
                    sock.setblocking(False)
                    sock.connect_ex(("192.0.2.1", 80))
                    kept.append(sock)
        """),
        "me ended with OSError: [Errno 24] Too many open files (fix.py:5).",
    ),
}
"""What it does -> (the repair, what the run's detail says)."""

HANGS = {
    "computes for ever at import": ("n = 0\nwhile True:\n    n += 1\n", "see fix.py:3."),
    "sleeps for ever at import": ("import time\n\ntime.sleep(1e9)\n", "it is not ready 1 s after its start; see fix.py:3."),
    "awaits for ever at the start": (
        code("""
            import asyncio
            async def start(env):
                await asyncio.Event().wait()
        """),
        "it is not ready 1 s after its start; see fix.py:3.",
    ),
    "computes for ever": (
        code("""
            async def answer(request):
                while True:
                    pass
        """),
        "it computed for 0.5 s without letting the event loop turn; see fix.py:3.",
    ),
    "computes for ever in a helper": (
        code("""
            def spin(n):
                for i in iter(int, 1):
                    n += i
            async def answer(request):
                spin(1)
        """),
        "it computed for 0.5 s without letting the event loop turn; see fix.py:3.",
    ),
    "matches for ever": (
        code("""
            import re
            async def answer(request):
                re.match(r'(a|a)*b', 'a' * 60)
        """),
        "s without giving way; see fix.py:3.",
    ),
    "sums for ever": (
        code("""
            import itertools
            async def answer(request):
                sum(itertools.count())
        """),
        "s of CPU without giving way: an endless loop, or a wait outside this world?",
    ),
    "locks itself out": (
        code("""
            import threading
            lock = threading.Lock()
            async def answer(request):
                with lock:
                    with lock:
                        return 1
        """),
        "every thread waits for another, and nothing will wake them. See fix.py:5.",
    ),
    "two threads wait for each other": (
        code("""
            import threading, time
            def hold(mine, other):
                with mine:
                    time.sleep(0.1)
                    with other:
                        pass
            async def answer(request):
                a, b = threading.Lock(), threading.Lock()
                both = [threading.Thread(target=hold, args=pair) for pair in ((a, b), (b, a))]
                [t.start() for t in both]
                [t.join() for t in both]
        """),
        "every thread waits for another, and nothing will wake them. See fix.py:11.",
    ),
}
"""What it does -> (the repair, what the run's detail says)."""

POLLS = HEALTHY + code("""
    import asyncio
    async def start(env):
        turns = 0
        async def turn():
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1
        start.task = asyncio.ensure_future(turn())
        asyncio.get_running_loop().call_later(5, lambda: print(turns))
""")

CHEATS = {
    "jumps ahead in time": code("""
        from labs.kit.worlds.simulated.host import kernel
        async def answer(request):
            kernel.active.now += 10**12
            return "x"
    """),
    "speaks another protocol": code("""
        from labs.kit.worlds.simulated.host import kernel
        async def answer(request):
            kernel.active.send(b"Z")
    """),
    "writes to the judge's pipe": code("""
        import os
        from labs.kit.worlds.simulated.host import kernel
        async def answer(request):
            os.write(kernel.active.write_fd, b"all is well" * 10)
            return "x"
    """),
    "answers what nobody asked": code("""
        import asyncio
        async def answer(request):
            line = request.transport
            say = line.write, b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"
            asyncio.get_running_loop().call_later(0.01, *say)
            return "x"
    """),
}

GOES_ON = {
    "is healthy": HEALTHY,
    "has none of the names": "",
    "answers with errors": "async def answer(request):\n    raise RuntimeError('not today')\n",
    "prints without end": HEALTHY + "for n in range(3_000):\n    print('line', n)\n",
    "prints one endless line": HEALTHY + "import sys\nfor n in range(100):\n    sys.stderr.write('x' * 100_000)\n",
    "logs megabytes": HEALTHY + "async def start(env):\n    env.signals.log.info('big', blob='x' * 5_000_000)\n",
    "leaves threads that raise": HEALTHY
    + code("""
        import _thread, threading
        threading.Thread(target=lambda: 1 / 0).start()
        _thread.start_new_thread(lambda: 1 / 0, ())
    """),
    "sleeps through the run": "import time\nasync def answer(request):\n    time.sleep(9e9)\n",
    "drops sockets while the collector runs all the time": HEALTHY
    + code("""
        import asyncio, gc, socket
        gc.set_threshold(1)

        class Cycle:
            def __init__(self):
                self.me = self
                self.sock = socket.socket()
                self.sock.setblocking(False)
                self.sock.connect_ex(("192.0.2.1", 80))

            def __del__(self):
                self.sock.close()

        async def start(env):
            async def work():
                for _ in range(500):
                    Cycle()
                    await asyncio.sleep(0.001)
            start.task = asyncio.ensure_future(work())
    """),
}

PROBES_WHEN_IMPORTED = code("""
    import socket, subprocess

    class Mine(subprocess.Popen):
        pass

    try:
        socket.socket(type=socket.SOCK_DGRAM)
    except OSError:
        HAS_UDP = False
    try:
        subprocess.run(["true"])
    except OSError:
        HAS_PROGRAMS = False
    try:
        from _multiprocessing import SemLock
    except ImportError:
        SemLock = None
""")
"""A library that looks what the machine can do, and does without what it cannot."""

NEEDS_WHEN_IMPORTED = "import subprocess\nsubprocess.check_output(['true'])\n"
"""A library that cannot be imported without another program."""
