"""The diagnosis of lab01: what holds the loop, for how long, and what a pool would need."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab01_blocking.readings import SIGNALS, fires_at, met_a_free_loop, waited_for_two
from labs.lab01_blocking.scenarios import WATCHED

CALLS = ("urlopen", "time.sleep", "sqlite3", "fold", "stretch")
IN_TIME_S = 5.0
"""A page comes so many seconds after the first call, at most. A rule that waits for 6 s is late."""
LINES = (47, 48)  # the cell's: urlopen, and the reading of its answer

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "held_ms",
            "for how many milliseconds one price holds the loop in the scenario 'steady', if nothing goes wrong"
            " (the table of slow steps, from asyncio's debug mode)", 103, 120,
            why="100 ms at the supplier, 2 ms of network, 1 ms to write to the database, 4 ms to sign: about 107 ms.",
        ),
        whole(
            "line", "the innermost line of the repair cell that takes most of the held time (the live profile)", *LINES,
            why="urlopen waits for the supplier, and while it waits the thread does nothing else.",
        ),
        number(
            "threads",
            "threads that 18 prices a second keep busy on average, if each holds one for half a second (the launch)",
            8.5, 10, why="Little's law: 18 a second x 0.5 s = 9. The default pool has 6 here.",
        ),
        choice(
            "not_for_threads", "which call slows the loop down even from a thread", CALLS, "fold",
            why="fold is plain Python and needs the interpreter lock; the four others let it go while they wait or compute.",
        ),
        evidence(
            "held_twice",
            "in your own record, a health check that took more than 50 ms, and that waited for two prices: two calls to the"
            " supplier were under way meanwhile, one after the other", "crowded", waited_for_two,
            form="a request's id, a text",
            why="It needs nothing from the supplier. It waited because one thread made both calls, each to its end.",
        ),
        evidence(
            "free_loop",
            "in your own record, a health check that was answered within 5 ms, with no call to the supplier under way",
            "crowded", met_a_free_loop, form="a request's id, a text",
            why="The route itself takes about a millisecond.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s in steady and signatures, and never in calm, hiccup and refused",
            {
                "signal": lambda name: name in SIGNALS,
                "above_ms": is_number,
                "for_s": lambda s: is_number(s) and s >= 1,
            },
            WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"signal": its name, "above_ms": milliseconds, "for_s": seconds, at least 1}',
            why="A loop that is held slows down what needs nothing. Prices are slow and fail for many other reasons.",
        ),
    ),
    points=3.5,
    hint="The table of slow steps gives the milliseconds. In the live profile's first row, the line is the last one before"
    " the name of a function. For the launch, multiply prices a second by the seconds each one holds a thread.",
)  # fmt: skip

HINTS = (
    "Five calls in the repair cell do not come back at once: urlopen, time.sleep, sqlite3's, fold and stretch."
    " Each of them must leave the thread of the event loop.",
    "A call that waits can wait in an async client or in a thread. For a pool of threads, ask how many prices are under way"
    " in the launch, and what becomes of the next one. The supplier's contract sets an upper limit.",
    "A connection of sqlite3 belongs to the thread that opened it. One thread for the database (a ThreadPoolExecutor of size"
    " 1) opens it, uses it, and keeps two views from being counted as one.",
    "fold() holds the interpreter lock wherever it runs. A ProcessPoolExecutor(2) has two more interpreters:"
    " await loop.run_in_executor(processes, fold, text, self.key).",
)
