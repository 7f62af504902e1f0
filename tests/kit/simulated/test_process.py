"""A repair that asks for its own process, hears signals, has workers, or tries what is not there: carried, or named."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.host.process_facts import PLAIN_BYTES, STEP_BYTES
from tests.kit.simulated.judge import digest
from tests.kit.simulated.misbehaving import HEALTHY
from tests.kit.simulated.test_memory import measured
from tests.kit.simulated.tiny import tiny_run


def ran(code: str, rate: float = 5.0) -> Run:
    """A short run of a repair that is `code`, and answers."""
    return tiny_run("fixed", dedent(code) + HEALTHY, seconds=3, rate=rate)


def printed(run: Run) -> list[str]:
    """The lines that the repair has printed."""
    return [json.loads(log.fields)["text"] for log in run.logs("me")]


# What psutil is asked ------------------------------------------------------------------------------------------------

WATCHES = """
import psutil
kept = []
me = psutil.Process()

async def answer(request):
    kept.append(bytes(300_000))
    with me.oneshot():
        print(me.memory_info().rss, me.cpu_percent(), me.cpu_times(), me.num_threads(), me.num_fds(), me.create_time())
    print(me, round(me.memory_percent(), 2), me.is_running(), me.children(), psutil.virtual_memory())
    return 'ok'
"""


def test_what_psutil_tells_is_the_same_in_each_run() -> None:
    """Numbers of the machine would differ from run to run; those of the virtual process do not, memory included."""
    first, again = (measured(WATCHES) for _ in range(2))
    assert first.status is Status.PASS
    assert [r.status for r in first.requests()] == [200] * len(first.requests())
    assert printed(first) == printed(again)
    records = [digest(tiny_run("fixed", WATCHES, seconds=3, rate=20)) for _ in range(2)]
    assert records[0] == records[1]


def test_memory_follows_what_the_code_keeps() -> None:
    """In a lab that measures memory, a repair can bound itself by what psutil tells of it."""
    seen = [int(line.split()[0]) for line in printed(measured(WATCHES))[::2]]
    assert seen == sorted(seen)
    assert seen[-1] - seen[0] >= len(seen) * 300_000 - 2 * STEP_BYTES
    assert all((rss - PLAIN_BYTES) % STEP_BYTES == 0 for rss in seen)


def test_there_is_no_other_process() -> None:
    """A process id that is not one's own is none, as psutil says it."""
    code = """
    import psutil
    try:
        psutil.Process(1234)
    except psutil.NoSuchProcess:
        print("none")
    """
    assert printed(ran(code)) == ["none"]


# Signals -------------------------------------------------------------------------------------------------------------

STOPS = """
import asyncio, signal, sys
from labs.kit.service.stopping import send_sigterm

async def start(env):
    loop = asyncio.get_running_loop()
    {}
    await send_sigterm()
    print("stop()")
"""


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("pass", ["stop()"]),
        ("signal.signal(signal.SIGTERM, lambda number, frame: print(number))", ["15", "stop()"]),
        ("signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))", ["stop()"]),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", ["stop()"]),
        ("loop.add_signal_handler(signal.SIGTERM, print, 'loop')", ["loop", "stop()"]),
        ("loop.add_signal_handler(signal.SIGTERM, print); loop.remove_signal_handler(signal.SIGTERM)", ["stop()"]),
    ],
)
def test_a_handler_hears_of_the_stop_first(handler: str, said: list[str]) -> None:
    """Told to stop, a repair's own SIGTERM handler is called, and then stop(); without one, only stop()."""
    run = ran(STOPS.format(handler))
    assert (run.status, printed(run)) == (Status.PASS, said)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("signal.signal(signal.SIGTERM, 'stop')", "TypeError"),
        ("signal.signal(999, print)", "ValueError"),
        ("signal.raise_signal(signal.SIGINT)", "KeyboardInterrupt"),
    ],
)
def test_a_misused_signal_raises_what_it_raises_live(code: str, error: str) -> None:
    """The calls that are carried have the errors of the real ones."""
    run = ran(f"import signal\n{code}\n")
    assert run.status is Status.CRASHED
    assert f"me ended with {error}" in run.info.detail


# Workers -------------------------------------------------------------------------------------------------------------


def test_a_pool_breaks_with_its_initializer() -> None:
    """An initializer that raises breaks the pool, as live: its jobs do not wait for ever."""
    code = """
    import asyncio
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    def begin(number):
        raise ValueError(number)

    async def start(env):
        pool = ProcessPoolExecutor(1, initializer=begin, initargs=(1,))
        for _ in range(2):
            try:
                await asyncio.get_running_loop().run_in_executor(pool, abs, 1)
            except BrokenProcessPool:
                print("broken")
        pool.shutdown()
    """
    run = ran(code)
    assert run.status is Status.PASS
    assert [line for line in printed(run) if line in ("broken", "ValueError: 1")] == ["ValueError: 1", "broken", "broken"]


# What is not there ---------------------------------------------------------------------------------------------------

COPES = {
    "an absent loop": """
        try:
            import uvloop
            uvloop.install()
        except ImportError:
            pass
        """,
    "locks of a library, tried when it is first used": """
        import multiprocessing
        async def start(env):
            try:
                multiprocessing.RLock()
            except (ImportError, OSError):
                print("without")
        """,
    "an error stream that must be a file": """
        import sys
        async def start(env):
            try:
                sys.stderr.fileno()
            except (AttributeError, OSError):
                print("without")
        """,
}


@pytest.mark.parametrize("case", COPES)
def test_who_does_without_loses_nothing(case: str) -> None:
    """Code that copes with what is not there goes on, and the run is not lost."""
    run = ran(COPES[case])
    assert (run.status, {r.status for r in run.requests()}) == (Status.PASS, {200})


REFUSED = {
    "uvloop": "import uvloop\nuvloop.install()\n",
    "aiodns": "async def start(env):\n    import aiodns\n",
    "psutil.Process.environ": "import psutil\npsutil.Process().environ()\n",
    "psutil.net_connections": "import psutil\npsutil.net_connections()\n",
    "multiprocessing.Event": "import multiprocessing\nmultiprocessing.Event()\n",
    "multiprocessing.Process with a run() of its own": """
        import multiprocessing
        class Worker(multiprocessing.Process):
            def run(self):
                pass
        Worker().start()
        """,
    "multiprocessing.Process with a target or arguments that cannot be pickled": """
        import multiprocessing
        multiprocessing.Process(target=lambda: 1).start()
        """,
    "signal.raise_signal(SIGTERM) without a handler": "import signal\nsignal.raise_signal(signal.SIGTERM)\n",
    "signal.set_wakeup_fd of what is no socket": "import signal\nsignal.set_wakeup_fd(1)\n",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_not_carried_is_named(call: str) -> None:
    """A repair that depends on it is unsupported, never crashed, and one sentence says on what."""
    run = ran(REFUSED[call])
    assert run.status is Status.UNSUPPORTED
    assert run.info.detail.startswith(f"The repair calls {call}, which the simulated world cannot carry")
