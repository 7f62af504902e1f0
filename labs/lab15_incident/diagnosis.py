"""The diagnosis of lab15, and its hints."""

from __future__ import annotations

from labs.kit import Diagnosis, choice

ROWS = (
    "the slowest rows",
    "rows that only the outage shows",
    "rows that the cause shows without the other one",
    "the first rows that failed",
)

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "evidence", "which rows tell one cause from the other", ROWS, ROWS[2],
            why="What only the outage shows is there because of both: it says of neither cause what it is.",
        ),
    ),
    points=1,
    hint="Look at the table of what is cited: which of these rows would be there without the other fault?",
)  # fmt: skip

HINTS = ("Users first: in which record does the share that is answered stay low?",)
