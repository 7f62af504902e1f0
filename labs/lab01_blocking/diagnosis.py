"""The diagnosis of lab01: what holds the loop, for how long, and what a pool would need."""

from __future__ import annotations

from typing import Any

from labs.kit.model.lab import Diagnosis, Question

CALLS = ("urlopen", "time.sleep", "sqlite3", "fold", "stretch")
LINES = (47, 48)  # the cell's: urlopen, and the reading of its answer


def is_number(answer: Any) -> bool:
    """An int or a float, and not a bool."""
    return isinstance(answer, (int, float)) and not isinstance(answer, bool)


DIAGNOSIS = Diagnosis(
    questions=(
        Question(
            name="held_ms",
            ask="for how many milliseconds one price holds the loop in the scenario 'steady', if nothing goes wrong"
            " (the table of slow steps, from asyncio's debug mode)",
            form="a number",
            well_formed=is_number,
            right=lambda a: 103 <= a <= 120,
            why="100 ms at the supplier, 2 ms of network, 1 ms to write to the database, 4 ms to sign: about 107 ms.",
        ),
        Question(
            name="line",
            ask="the innermost line of the repair cell at which most of the held time stands (the live profile)",
            form="a whole number",
            well_formed=lambda a: isinstance(a, int) and not isinstance(a, bool),
            right=lambda a: a in LINES,
            why="urlopen waits for the supplier, and while it waits the thread does nothing else.",
        ),
        Question(
            name="threads",
            ask="threads that 18 prices a second keep busy on average, if each holds one for half a second (the launch)",
            form="a number",
            well_formed=is_number,
            right=lambda a: 8.5 <= a <= 10,
            why="Little's law: 18 a second x 0.5 s = 9. The default pool has 6 here.",
        ),
        Question(
            name="not_for_threads",
            ask="which call slows the loop down even from a thread: " + ", ".join(repr(call) for call in CALLS),
            form="one of the five texts",
            well_formed=lambda a: a in CALLS,
            right=lambda a: a == "fold",
            why="fold is plain Python and needs the interpreter lock; the four others let it go while they wait or compute.",
        ),
    ),
    points=2,
    hint="The table of slow steps gives the milliseconds. In the live profile's first row, the line is the last one before"
    " the name of a function. For the launch, multiply prices a second by the seconds each one holds a thread.",
)

HINTS = (
    "Five calls in the repair cell do not come back at once: urlopen, time.sleep, sqlite3's, fold and stretch."
    " Each of them must leave the thread of the event loop.",
    "What waits can wait in an async client or in a thread. For a pool of threads, ask how many prices are under way in the"
    " launch, and what becomes of the next one. The supplier's contract sets a limit on the other side.",
    "A connection of sqlite3 belongs to the thread that opened it. One thread for the database (a ThreadPoolExecutor of size"
    " 1) opens it, uses it, and keeps two views from being counted as one.",
    "fold() holds the interpreter lock wherever it runs. A ProcessPoolExecutor(2) has two interpreters more:"
    " await loop.run_in_executor(processes, fold, text, self.key).",
)
