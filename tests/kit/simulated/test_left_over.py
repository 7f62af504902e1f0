"""What a simulated host leaves over: it is seen after a calm tail, from outside, or told by the host itself."""

from __future__ import annotations

from textwrap import dedent

import pytest

from labs.kit.model import names
from labs.kit.model.faults import BlackHole
from labs.kit.model.record import JUDGE
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.left_over import said
from tests.kit.simulated.tiny import tiny_run

ASKED_LATER = 20
"""Requests that surely come in the second half of the load: some 30 do."""
ASKS = """\
    import asyncio
    import aiohttp

    async def start(env):
        global session, peer
        peer = env.urls["peer"]
        session = aiohttp.ClientSession()
"""


def left(source: str, **how: object) -> dict[str, tuple[str, int]]:
    """What the host "me" leaves over with this repair: by kind, the commonest and how many. It has 60 requests or so."""
    run = tiny_run("fixed", dedent(source), rate=20, seconds=4, calls_peer=True, **how)  # type: ignore[arg-type]
    assert run.status is Status.PASS, run.info.detail
    rows = run.left("me")
    seen = (names.CALLS_LEFT, names.CONNECTIONS_LEFT, names.DESCRIPTORS_LEFT, names.STOP_HANGS)
    assert all(row.by == (JUDGE if row.kind in seen else "me") for row in rows)
    return {row.kind: (row.what, row.count) for row in reversed(rows)}


def test_a_repair_that_ends_all_it_begins_leaves_only_what_is_kept_ready() -> None:
    """Idle connections and the descriptors of the process: no calls, tasks, threads or exceptions."""
    found = left(
        ASKS
        + """
    async def answer(request):
        async with session.get(peer + "/?s=0.05") as response:
            await asyncio.get_running_loop().run_in_executor(None, sum, (1, 2))
            return await response.text()
    """
    )
    assert set(found) == {names.CONNECTIONS_LEFT, names.DESCRIPTORS_LEFT}
    assert 1 <= found[names.CONNECTIONS_LEFT][1] <= 10


STOPS = {
    "session = None": {},
    "await asyncio.sleep(9)": {},
    "missing.close()": {names.STOP_FAILED: ("NameError: name 'missing' is not defined (fix.py:8)", 1)},
    "raise SystemExit(3)": {names.STOP_FAILED: ("SystemExit: 3 (fix.py:8)", 1)},
    "await asyncio.Event().wait()": {names.STOP_HANGS: ("10 s", 1)},
    "await asyncio.sleep(11)": {names.STOP_HANGS: ("10 s", 1)},
}
"""What stop() does, and what is told of it."""


@pytest.mark.parametrize("does", STOPS)
def test_a_service_that_is_told_to_stop_stops(does: str) -> None:
    """stop() is called once, at the very end: it has returned in time, and an exception of the repair's own is told."""
    found = left(
        f"""
    import asyncio

    async def answer(request):
        return "x"

    async def stop():
        {does}
    """
    )
    assert {kind: row for kind, row in found.items() if kind in (names.STOP_FAILED, names.STOP_HANGS)} == STOPS[does]


def test_a_calm_tail_comes_before_the_look() -> None:
    """What ends by itself within the tail is not left over, and nothing of the tail is in the record."""
    source = """
    import asyncio
    tasks = set()

    async def later():
        await asyncio.sleep(2.5)
        print("later")

    async def answer(request):
        tasks.add(task := asyncio.create_task(later()))
        task.add_done_callback(tasks.discard)
    """
    assert names.TASKS_LEFT not in left(source)
    run = tiny_run("fixed", dedent(source), rate=20, seconds=4)
    assert max(log.time for log in run.logs("me")) < run.info.seconds


def test_calls_that_nobody_waits_for_are_counted_on_the_wire() -> None:
    """A call that is given up and not cancelled goes on; the judge sees it, whatever the host says."""
    found = left(
        ASKS
        + """
    async def call():
        async with session.get(peer + "/?s=0.01") as response:
            return await response.text()

    async def answer(request):
        await asyncio.wait([asyncio.create_task(call())], timeout=0.2)
    """,
        faults=(BlackHole(link="me->peer", at_s=0.5),),
    )
    assert found[names.TASKS_LEFT][0] == "call (fix.py:10)"
    assert found[names.TASKS_LEFT][1] > ASKED_LATER


def test_calls_under_way_are_counted_by_where_they_go() -> None:
    """A call that its service never answers is under way to the end."""
    found = left(
        ASKS
        + """
    async def call():
        async with session.get(peer + "/?s=100") as response:
            return await response.text()

    async def answer(request):
        await asyncio.wait([asyncio.create_task(call())], timeout=0.2)
    """
    )
    what, count = found[names.CALLS_LEFT]
    assert what == "me->peer: GET /"
    assert count > 2 * ASKED_LATER


def test_sessions_that_nobody_closes_are_seen_as_connections() -> None:
    """A session a request that is kept and never closed holds a connection each."""
    found = left(
        ASKS
        + """
    kept = []

    async def answer(request):
        kept.append(aiohttp.ClientSession())
        async with kept[-1].get(peer + "/?s=0.01") as response:
            return await response.text()
    """
    )
    what, count = found[names.CONNECTIONS_LEFT]
    assert what == "me->peer"
    assert count > 2 * ASKED_LATER


def test_files_that_nobody_closes_are_seen_as_descriptors() -> None:
    """The descriptors of the process are counted from outside."""
    before = left("async def answer(request):\n    pass\n")[names.DESCRIPTORS_LEFT][1]
    after = left("kept = []\n\nasync def answer(request):\n    kept.append(open('/dev/null'))\n")[names.DESCRIPTORS_LEFT][1]
    assert after > before + 2 * ASKED_LATER


TELL_THEMSELVES = {
    "a session that is dropped": (
        names.NEVER_CLOSED,
        "client session",
        """
        import aiohttp

        async def answer(request):
            session = aiohttp.ClientSession()
        """,
    ),
    "an exception in a task that nobody keeps": (
        names.ERRORS_LEFT,
        "KeyError: 'x' (fix.py:5)",
        """
        import asyncio

        async def note():
            return {}["x"]

        async def answer(request):
            asyncio.create_task(note())
        """,
    ),
    "an exception in a task that somebody keeps": (
        names.ERRORS_LEFT,
        "KeyError: 'x' (fix.py:7)",
        """
        import asyncio

        tasks = []

        async def note():
            return {}["x"]

        async def answer(request):
            tasks.append(asyncio.create_task(note()))
        """,
    ),
    "an exception in a thread": (
        names.ERRORS_LEFT,
        "KeyError: 'x' (fix.py:5)",
        """
        import threading

        def note():
            return {}["x"]

        async def answer(request):
            threading.Thread(target=note).start()
        """,
    ),
    "a coroutine that is never awaited": (
        names.NEVER_AWAITED,
        "note",
        """
        async def note():
            pass

        async def answer(request):
            note()
        """,
    ),
    "a task that the garbage collector takes": (
        names.TASKS_LOST,
        "note",
        """
        import asyncio

        async def note():
            await asyncio.get_running_loop().create_future()

        async def answer(request):
            asyncio.create_task(note())
        """,
    ),
    "tasks that are kept when they have ended": (
        names.KEPT,
        "tasks that have ended",
        """
        import asyncio

        by_task = {}

        async def note():
            pass

        async def answer(request):
            task = asyncio.create_task(note())
            by_task[task] = await task
        """,
    ),
    "a thread for each request that does not end": (
        names.THREADS_LEFT,
        "Thread (wait)",
        """
        import threading

        def wait():
            threading.Event().wait()

        async def answer(request):
            threading.Thread(target=wait, daemon=True).start()
        """,
    ),
    "a pool of threads for each request": (
        names.THREADS_LEFT,
        "renderer",
        """
        from concurrent.futures import ThreadPoolExecutor

        pools = []

        async def answer(request):
            pools.append(ThreadPoolExecutor(1, thread_name_prefix="renderer"))
            pools[-1].submit(print)
        """,
    ),
}


@pytest.mark.parametrize("what", TELL_THEMSELVES)
def test_what_the_judge_cannot_see_the_host_tells(what: str) -> None:
    """A slip does not hide: Python's own reports are counted, and so is what is alive and came after the middle."""
    kind, words, source = TELL_THEMSELVES[what]
    found = left(source)
    assert found[kind][0] == words
    assert found[kind][1] > ASKED_LATER


def test_what_was_there_midway_does_not_count() -> None:
    """Workers that are started once, however many, are not left over: they do not grow with the requests."""
    found = left("""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    async def start(env):
        global tasks, pool
        tasks = [asyncio.create_task(asyncio.sleep(1000)) for _ in range(200)]
        pool = ThreadPoolExecutor(50)

    async def answer(request):
        await asyncio.get_running_loop().run_in_executor(pool, print)
    """)
    assert not {names.TASKS_LEFT, names.THREADS_LEFT} & set(found)


def test_a_handled_exception_is_not_left_over() -> None:
    """A repair that sets a handler of its own has chosen who hears of it."""
    found = left("""
    import asyncio

    async def start(env):
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: print(context["exception"]))

    async def note():
        return {}["x"]

    async def answer(request):
        asyncio.create_task(note())
    """)
    assert names.ERRORS_LEFT not in found


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"x",
        b"{}",
        b"[1]",
        b"[" * 100_000,
        b'[["tasks", "x"]]',
        b'[["calls", "x", 1]]',
        b'[["tasks", 1, 1]]',
        b'[["tasks", "x", 1.5]]',
        b'[["tasks", "x", true]]',
        b'[["tasks", "x", -1]]',
        b'[["tasks", "x", 1e999]]',
    ],
)
def test_what_a_host_says_in_another_form_is_nothing(answer: bytes) -> None:
    """A host may send anything: neither an exception nor a row comes of it, nor a fact that is the judge's to see."""
    assert said("me", answer) == []


def test_what_a_host_says_is_cut_to_size() -> None:
    """Rows, words and control characters are bounded, for they end in a message to a person."""
    rows = said("me", b'[["tasks", "\\u001b[2J' + b"x" * 1000 + b'", 3]' + b', ["tasks", "y", 1]' * 100 + b"]")
    assert len(rows) == 40
    assert "\x1b" not in rows[0].what
    assert len(rows[0].what) == 200
