"""The diagnosis of lab12: what was it, in numbers and one line."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = ("the bank", "the operator's file", "values that the process has read once, when it began", "too many customers")
LIMIT_LINES = (7, 24, 25)  # broken.py: LIMIT = 16, and the connector that is made with it, as the cell numbers them

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "calls_at_once", "the most calls at once that the shop makes to the bank after second 6", 5, 6,
            why="The bank allows 4; a fifth call is enough for a block, and then the bank answers at once.",
        ),
        number(
            "reads", "how often the broken code reads shop.json during the run", 0, 0,
            why="No line of fix.py opens the file: what stands in it can be anything.",
        ),
        choice(
            "cause", "why orders still fail after second 6", CAUSES, CAUSES[2],
            why="The file was right and was there; the process runs on what stood in its image.",
        ),
        whole(
            "line", "the line of `lab.code()`, counted as in the repair cell, whose number says how many calls may be"
            " made at once", *LIMIT_LINES,
            why="The limit is a constant, and the pool of connections is made with it once.",
        ),
    ),
    points=2,
    hint="Compare what the file says with what the bank sees, and ask who has read the file.",
)  # fmt: skip

HINTS = (
    "A task that looks at the file ten times a second is enough: read the bytes; if they are the last ones, do nothing.",
    "Make one frozen value of a file, and check all of it before you use any of it. An order takes that value once.",
    "New orders use a new session, and the old one is closed when its last order is over, or after the timeout of its own"
    " version. Or keep one session for good, and count the calls yourself.",
    "A user's place: int(hashlib.sha256(f'{flag}:{user}'.encode()).hexdigest(), 16) % 100. It is in if place < percent.",
)
