"""Repairs that a live run must end for certain, as source text. `answer` is called for each request."""

from __future__ import annotations

from textwrap import dedent

HEALTHY = "async def answer(request):\n    return 'ok'\n"


def code(text: str) -> str:
    """Source whose first line is that after the quotes, and a healthy `answer` after it."""
    return dedent(text).lstrip("\n") + "\n\n" + HEALTHY


REPAIRS = {
    "healthy": HEALTHY,
    "raises at import": code("""
        import os

        raise ValueError("no luck")
    """),
    "raises a TimeoutError at import": code("""
        raise TimeoutError("no patience")
    """),
    "hangs at import": code("""
        import time
        while True:
            time.sleep(1)
    """),
    "exits": code("""
        import asyncio, os
        async def start(env):
            asyncio.get_running_loop().call_later(1, os._exit, 3)
    """),
    "exits with a pool of processes": code("""
        import asyncio, os, time
        from concurrent.futures import ProcessPoolExecutor
        async def start(env):
            pool = ProcessPoolExecutor(2)
            for _ in range(2):
                pool.submit(time.sleep, 1e6)
            asyncio.get_running_loop().call_later(1, os._exit, 3)
    """),
    "holds the interpreter lock in C": code("""
        import asyncio, ctypes
        async def start(env):
            asyncio.get_running_loop().call_later(1, ctypes.PyDLL(None).sleep, 100_000)
    """),
    "ignores the stop": code("""
        import asyncio, threading, time
        threading.Thread(target=time.sleep, args=(1e6,)).start()
        async def stop():
            while True:
                try:
                    await asyncio.sleep(1000)
                except asyncio.CancelledError:
                    pass
    """),
    "starts a pool of processes": code("""
        import asyncio, time
        from concurrent.futures import ProcessPoolExecutor
        async def start(env):
            pool = ProcessPoolExecutor(2)
            for _ in range(2):
                pool.submit(time.sleep, 1e6)
    """),
    "leaves a daemon": code("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            while True:
                time.sleep(1)
        os.wait()
    """),
}
