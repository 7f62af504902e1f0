"""The diagnosis of lab01: what holds the loop, for how long, and what a pool would need."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CALLS = ("urlopen", "time.sleep", "sqlite3", "fold", "stretch")
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
    ),
    points=2,
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
