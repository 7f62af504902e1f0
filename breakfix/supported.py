"""The table of the calls that the simulated world supports and refuses; docs/simulated-world.md is made from it.

    python -m breakfix.supported --write

Each row is tested: tests/kit/simulated/probes.py has one probe per row, and a test compares the two lists.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "simulated-world.md"


@dataclass(frozen=True)
class Row:
    """One call, or a family of calls. `does` describes it in virtual time, or says why it is refused."""

    call: str
    does: str


ASYNCIO = (
    Row("asyncio.sleep", "Takes exactly its time. Polling with sleep(0) costs some microseconds a turn, after a while."),
    Row("asyncio.TaskGroup", "As live; siblings are cancelled in the order in which they were made."),
    Row("asyncio.timeout, wait_for", "End at exactly their time."),
    Row("asyncio.gather, wait, as_completed", "As live; sets of tasks and futures iterate by age, the same in each run."),
    Row("asyncio.Queue, Lock, Event, Condition, Semaphore", "As live."),
    Row("asyncio.to_thread", "Waits for a thread of the default pool: min(32, cores + 4) of the lab's cores."),
    Row("loop.run_in_executor", "Takes any executor below; a sized pool queues as live."),
    Row("loop.call_soon_threadsafe, run_coroutine_threadsafe", "Wake the loop at once."),
    Row("asyncio.run in a thread", "A second loop beside the first, on the same clock."),
    Row("asyncio debug mode", "slow_callback_duration sees virtual time: blocking calls, not a busy machine."),
    Row("asyncio.start_server, open_connection", "TCP to the hosts of the lab, and within the host, which takes no time."),
)
BLOCKING = (
    Row("time.sleep on the event loop", "Blocks the whole host, as live: nothing else is answered meanwhile."),
    Row("plain Python in the repair", "Charged by ticks in its syntax tree, 60 ns a statement; libraries are free."),
    Row("labs.kit.service.work.cpu", "Computes: holds the interpreter lock in slices of 5 ms, on one of the lab's cores."),
    Row("busy waiting on the clock", "Ends: after 20,000 looks at the clock each costs 4 us, after 100,000 more 50 us."),
    Row(
        "threading.Thread, Timer, local",
        "Real threads, of which one runs at a time, in virtual time. A start takes 0.07 ms.",
    ),
    Row("threading.Lock, RLock, Condition, Event, Semaphore, Barrier", "Wait in virtual time; waiters are served in order."),
    Row("queue.Queue, LifoQueue, PriorityQueue, SimpleQueue", "Wait in virtual time."),
    Row("ThreadPoolExecutor", "The stock one; its threads share one interpreter lock."),
    Row("ProcessPoolExecutor", "Workers with an interpreter lock each; they share module globals. See their price below."),
    Row("multiprocessing.Process", "Likewise: start, join, is_alive, exitcode, of a function that can be pickled."),
)
HTTP = (
    Row("aiohttp client: connection pool", "limit and limit_per_host queue as live; kept-alive connections are used again."),
    Row("aiohttp client: timeouts", "total, connect, sock_connect, sock_read; above 5 s on a whole second, as live."),
    Row("aiohttp client: black hole", "Only a timeout ends the wait. Live, the system gives up after minutes."),
    Row("aiohttp client: connection refused", "An error after one round trip."),
    Row("aiohttp client: unknown name", "An error at once; a lookup takes a thread of the default pool, as live."),
    Row("aiohttp client: reset", "A connection that is cut raises what it raises live."),
    Row("aiohttp: large bodies", "Up and down, through windows of 256 KiB."),
    Row("aiohttp: streamed answers", "Chunks arrive as they are sent."),
    Row("aiohttp: websockets", "As live."),
    Row("aiohttp: files", "FileResponse reads the real file, in no time."),
    Row("requests", "Blocks its thread; keep-alive, timeouts and retries as live. Not https."),
    Row("urllib.request, http.client", "Block their thread. Not https."),
    Row("httpx", "Its async and its blocking client, over http."),
    Row("socket", "TCP: blocking, with timeouts, non-blocking; select.select, select.poll and selectors over them."),
)
DATA = (
    Row("sqlite3: cost of a query", "Runs for real; charged by its steps and pages, outside the interpreter lock."),
    Row("sqlite3: locks", "Waited for in virtual time, and held for as long as a statement and its durable write last."),
    Row("sqlite3: threads", "Queries in threads run side by side and leave the loop free."),
    Row("sqlite3: PRAGMA", "Executed for real, in a database of the repair's own. What a write costs stays the same."),
    Row("files", "Real, below the rights of the user; reading and writing take no virtual time."),
)
WATCHING = (
    Row("logging", "Times are virtual; what goes to stderr becomes log rows of the record."),
    Row("print, sys.stdout, sys.stderr", "Become log rows of the record; they cost nothing. No fileno(), as of a StringIO."),
    Row("faulthandler", "Every call is taken and does nothing, in both worlds: its streams have no descriptor."),
    Row("structlog", "As live; timestamps are virtual."),
    Row("OpenTelemetry: BatchSpanProcessor", "Its thread exports on the virtual clock."),
    Row("tenacity", "Sleeps in virtual time, async and blocking."),
)
MACHINE = (
    Row("time, datetime", "Virtual, and the same in each run. After a restart time.monotonic() shows less."),
    Row(
        "random, secrets, os.urandom, uuid",
        "Seeded by the run's seed and the host's name; hash() of a text by its start as well.",
    ),
    Row("os.cpu_count, os.sched_getaffinity", "The cores that the lab gives the host, never the machine's."),
    Row("os.getpid, threading.get_ident", "Small numbers, the same in each run."),
    Row("psutil.Process", "This process: time, threads, sockets; memory in whole MB if the lab measures it, else 64 MB."),
    Row("psutil.cpu_count, virtual_memory", "os.cpu_count(), and a machine of 2 GiB with nothing else on it."),
    Row("signal.signal, getsignal, set_wakeup_fd", "TERM, INT, HUP, QUIT, USR1, USR2, PIPE: handlers are kept; see below."),
    Row("loop.add_signal_handler", "Likewise, and remove_signal_handler."),
    Row("uvloop, aiodns", "Not there, an ImportError: who can does without. A repair that ends by it is unsupported."),
    Row("gc", "Collects at the same points in each run."),
)
CARRIED: dict[str, tuple[Row, ...]] = {
    "asyncio": ASYNCIO,
    "Blocking calls, threads, CPU": BLOCKING,
    "HTTP and sockets": HTTP,
    "Data": DATA,
    "Signals": WATCHING,
    "The machine": MACHINE,
}

REFUSED = (
    Row("subprocess.Popen", "Another program has no virtual clock. So have subprocess.run, check_output and the like."),
    Row("asyncio.create_subprocess_exec", "Likewise, and asyncio.create_subprocess_shell."),
    Row("os.fork", "Likewise, and os.system, os.popen, os.exec*, os.posix_spawn."),
    Row("multiprocessing.Queue", "Likewise, and Pool, Pipe, Event, Value, Manager; Process itself is carried."),
    Row("multiprocessing.Process.terminate", "A worker is a thread here, and would keep its locks and files. So kill."),
    Row("signal.signal(SIGALRM)", "Those of clocks, children and errors are the machine's. So are alarm and setitimer."),
    Row("os.kill", "It would reach real processes; signal.raise_signal reaches one's own handler."),
    Row("psutil.disk_usage", "The real machine; and what else psutil tells of it, of files and of other processes."),
    Row("socket.socket(SOCK_DGRAM)", "The network of this world is TCP. So for loop.create_datagram_endpoint."),
    Row("socket.socket(AF_UNIX)", "Likewise, and loop.create_unix_server."),
    Row("socket.socket(fileno=...)", "A descriptor of the machine is no socket of this world."),
    Row("_socket.socket", "The C module under `socket`; likewise _posixsubprocess and _multiprocessing."),
    Row("TLS on a blocking socket", "It is done in C on a real descriptor: https with requests, urllib or http.client."),
    Row("loop.connect_read_pipe", "Pipes are the machine's."),
    Row("a selector over a descriptor that is not a socket", "Likewise."),
)

NOT_COVERED = (
    "Sets and dicts of your own objects that have no `__hash__`, of functions, of classes and of None iterate by address, "
    "which changes from run to run. Sets of text, numbers, tasks and futures are safe.",
    "`id()`, `resource.getrusage` and /proc tell of the real machine.",
    "Libraries with a network in C (database drivers, gRPC, uvloop, aiodns) do not see this world: uvloop and aiodns "
    "cannot be imported, so that what uses them does without; others fail to connect.",
    "A socket that is dropped without being closed stays open until the run ends.",
    "Real file access takes no virtual time; a file on a slow disk takes real time.",
    "Address space is limited to 2 GiB a host on Linux (more is a MemoryError), sockets to 16,384 (more is EMFILE), "
    "signals to 100,000 lines (more are dropped).",
)

PRICE_OF_A_PROCESS = (
    "To start a process takes 10 ms, in which its starter holds the interpreter lock: a fork, and the queues of a pool. To",
    "join one takes 4 ms, in which only the joining thread stands still; on the loop's thread, that is everything. To start",
    "a thread takes 0.07 ms. So a pool that is made once costs nothing that a check sees, and one for each request does.",
    "The figures were measured with CPython 3.11 (labs/kit/worlds/simulated/host/process_pool.py).",
)
TOLD_TO_STOP = (
    "Signals are not sent by the system here. A service that its lab tells to stop (lab08's shop, `stop_at_s`) awaits",
    "`send_sigterm()` of the kit first, in both worlds: a repair that has a handler for SIGTERM has it called, by",
    "`signal.signal` in the main thread, by `loop.add_signal_handler` in the loop; `stop()` of the repair comes after it. A",
    "repair without a handler is only told by `stop()`. `faults.Kill` is SIGKILL, and no handler sees it.",
)


def rows() -> list[Row]:
    """All rows, including the refused calls."""
    return [row for group in CARRIED.values() for row in group] + list(REFUSED)


def markdown() -> str:
    """The document."""
    lines = [
        "# What the simulated world carries",
        "",
        "<!-- Made by `python -m breakfix.supported --write`. Edit breakfix/supported.py instead. -->",
        "",
        "A lab's services run unmodified: the calls below them that block, sleep, connect, or read time or randomness are",
        "replaced. Each row is a test in `tests/kit/simulated/test_supported.py`.",
        "",
    ]
    for title, group in CARRIED.items():
        lines += [f"## {title}", "", *_table("what it does in virtual time", group), ""]
    lines += [
        "## Refused",
        "",
        "A repair that calls one of these gets the status `unsupported`, never `fail`, with the call named. A library that",
        "only probes the machine during its import gets the error, but the run goes on: an OSError, or an ImportError for a",
        "C module.",
        "",
        *_table("why", REFUSED),
        "",
        "## What a process costs",
        "",
        *PRICE_OF_A_PROCESS,
        "",
        "## Told to stop",
        "",
        *TOLD_TO_STOP,
        "",
        "## Not covered",
        "",
        *(f"- {text}" for text in NOT_COVERED),
        "",
    ]
    return "\n".join(lines)


def _table(heading: str, group: tuple[Row, ...]) -> list[str]:
    return [f"| call | {heading} |", "|---|---|", *(f"| {row.call} | {row.does} |" for row in group)]


def main(arguments: list[str]) -> int:
    """Write the document, or only say whether it is up to date. Returns the exit code."""
    if arguments == ["--write"]:
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(markdown(), encoding="utf-8")
        return 0
    if arguments == ["--check"]:
        current = DOCUMENT.is_file() and DOCUMENT.read_text(encoding="utf-8") == markdown()
        if not current:
            print(f"{DOCUMENT.name} is out of date: run python -m breakfix.supported --write", file=sys.stderr)
        return 0 if current else 1
    print("usage: python -m breakfix.supported --write | --check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
