"""Threads, pools, ticks and the machine's numbers, beside what the table of supported calls tries."""

from __future__ import annotations

import inspect

import pytest

from labs.kit.worlds.simulated.host import cpu_ticks
from labs.kit.worlds.simulated.host.kernel import Kernel
from tests.kit.simulated.bare import bare


def test_misused_locks_raise() -> None:
    """Locks refuse what they refuse live."""
    code = """
def error_of(work):
    try:
        return work()
    except (RuntimeError, ValueError, OverflowError) as error:
        return type(error).__name__
lock, again = threading.Lock(), threading.RLock()
said.append(error_of(lock.release))
said.append(error_of(again.release))
lock.acquire()
said.append(error_of(lambda: lock.acquire(timeout=-2)))
said.append(error_of(lambda: lock.acquire(False, 1)))
said.append(error_of(lambda: lock.acquire(False)))
said.append(error_of(lambda: lock.acquire(timeout=0.5)))
said.append(error_of(lambda: time.sleep(-1)))
said.append(error_of(lambda: time.sleep(1e10)))
said.append(error_of(threading.current_thread().join))
said.append(error_of(threading.Thread().join))
said.append(round(time.monotonic() - 1000, 9))
"""
    expected = ["RuntimeError", "RuntimeError", "ValueError", "ValueError", False, False, "ValueError", "OverflowError"]
    assert bare(code) == [*expected, "RuntimeError", "RuntimeError", 0.5]


def test_waiters_are_served_in_order() -> None:
    """Whoever waits longest for a lock gets it next; one whose timeout ended first has lost its place."""
    code = """
lock = threading.Lock()
lock.acquire()
def wait(n, timeout):
    time.sleep(n / 100)
    if lock.acquire(timeout=timeout):
        said.append(n)
        lock.release()
    else:
        said.append(-n)
threads = [threading.Thread(target=wait, args=(n, 0.5 if n == 2 else 5)) for n in range(1, 5)]
[t.start() for t in threads]
time.sleep(1)
lock.release()
[t.join() for t in threads]
said.append(lock.locked())
"""
    assert bare(code) == [-2, 1, 3, 4, False]


def test_polling_gives_way() -> None:
    """A thread that polls for another, by the clock or by sleep(0), does not keep that from running."""
    code = """
def work():
    time.sleep(0.01)
thread = threading.Thread(target=work)
thread.start()
while thread.is_alive():
    time.time()
thread = threading.Thread(target=work)
thread.start()
while thread.is_alive():
    time.sleep(0)
said.append(0.02 <= time.monotonic() - 1000 < 0.5)
"""
    assert bare(code) == [True]


def test_processes_compute_beside_each_other() -> None:
    """A pool of processes uses all cores; a pool of threads one; neither more than the lab gives."""
    code = """
import concurrent.futures
from labs.kit.service.work import cpu
kernel.cores = 3
def both(make):
    pool = make(6)
    list(pool.map(cpu, [0.1] * 6))  # all are started
    return took(lambda: list(pool.map(cpu, [0.1] * 6, chunksize=2)))
said.append(round(both(concurrent.futures.ProcessPoolExecutor), 3))
said.append(round(both(concurrent.futures.ThreadPoolExecutor), 3))
def error_of(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__
pool = concurrent.futures.ProcessPoolExecutor(1)
first, second = pool.submit(cpu, 0.1), pool.submit(cpu, 0.1)
pool.shutdown(cancel_futures=True)
said.append([first.done(), second.cancelled(), error_of(lambda: pool.submit(cpu, 1))])
said.append(error_of(lambda: concurrent.futures.ProcessPoolExecutor(0)))
"""
    assert bare(code) == [0.2, 0.6, [True, True, "RuntimeError"], "ValueError"]


def test_processes_and_threads_have_their_price() -> None:
    """Who starts a process stands still for 10 ms, and who joins one for 4, but only once; a thread starts in 0.07 ms."""
    code = """
import concurrent.futures, multiprocessing, threading
from labs.kit.service.work import cpu
kernel.cores = 4
def price(make, n, *job):
    pool = make(n)
    jobs = []
    started = took(lambda: jobs.extend(pool.submit(*job) for _ in range(n)))
    concurrent.futures.wait(jobs)
    return [round(1000 * started, 3), round(1000 * took(pool.shutdown), 3)]
for n in (1, 3):
    said.append(price(concurrent.futures.ProcessPoolExecutor, n, cpu, 0.1))
said.append(price(concurrent.futures.ThreadPoolExecutor, 1, int))
one = multiprocessing.Process(target=int)
said.append([round(1000 * took(step), 3) for step in (one.start, one.join, one.join)])
thread = threading.Thread(target=int)
said.append([round(1000 * took(step), 3) for step in (thread.start, thread.join)])
"""
    in_ms = [[10.07, 4.0], [30.21, 12.0], [0.07, 0.0], [10.07, 4.0, 0.0], [0.07, 0.0]]
    assert bare(code) == in_ms, "each worker is a thread as well"


def test_clocks_stay_functions_in_a_class() -> None:
    """`clock = time.monotonic` in a class body works, as it does with the real one."""
    code = """
import datetime, logging
class Timer:
    clock, wall, pause = time.monotonic, time.time, time.sleep
Timer().pause(0.25)
said.append([Timer().clock(), Timer().wall() - 1_700_000_000])
class Stamp(datetime.datetime):
    pass
said.append([isinstance(datetime.datetime.now(), Stamp), isinstance(Stamp.now(), datetime.datetime), str(Stamp.now())])
"""
    assert bare(code) == [[1000.25, 0.25], [False, True, "2023-11-14 22:13:20.250000"]]


def test_an_endless_loop_is_noticed() -> None:
    """Computing without a turn of the event loop is counted; with turns it may go on for ever."""
    kernel = Kernel()
    kernel.horizon = 1 << 60
    seen: list[int] = []
    tick = cpu_ticks.counter(kernel, 1_000_000, lambda: seen.append(kernel.now))
    for _ in range(100):
        kernel.turns += 1
        for _ in range(10):
            tick(1_000)
    assert seen == []
    assert kernel.now == 100 * 10 * 1_000 * cpu_ticks.TICK_NS
    for _ in range(20):
        tick(1_000)
    assert len(seen) > 0


SOURCE = '''
def f(x: int | None) -> "str":
    """Doc."""
    total = [y for y in range(x) if y]
    for y in total:
        while y > 3:
            y -= 1
    return total, f.__doc__, f.__annotations__


async def g():
    return [x async for x in h()]


async def h():
    yield 1
'''


def test_ticks_change_nothing_else() -> None:
    """The repair with ticks does what it does without: results, docstrings, annotations and line numbers are the same."""
    counted: list[int] = []
    ticking: dict[str, object] = {cpu_ticks.TICK: lambda weight: counted.append(weight) or True}
    plain: dict[str, object] = {}
    exec(cpu_ticks.compile_with_ticks(SOURCE, "fix.py"), ticking)
    exec(compile(SOURCE, "fix.py", "exec", dont_inherit=True), plain)
    results = []
    for module in (plain, ticking):
        f, g = module["f"], module["g"]
        assert inspect.isfunction(f)
        assert inspect.isfunction(g)
        with pytest.raises(StopIteration) as stop:
            g().send(None)
        results.append((f(6), stop.value.value, f.__code__.co_firstlineno))
    assert results[0] == results[1]
    assert len(counted) > 15


@pytest.mark.parametrize("source", ["def f(:\n", "x = '\0'", "def f():\n\treturn 1\n        return 2\n"])
def test_what_does_not_parse_raises_as_live(source: str) -> None:
    """A syntax error is that of Python itself."""
    with pytest.raises((SyntaxError, ValueError)) as ours:
        cpu_ticks.compile_with_ticks(source, "fix.py")
    with pytest.raises((SyntaxError, ValueError)) as theirs:
        compile(source, "fix.py", "exec")
    assert str(ours.value) == str(theirs.value)
