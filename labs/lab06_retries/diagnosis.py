"""The diagnosis of lab06: what was it, in numbers and one line."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = ("the stall of the bank", "retries of the shop", "the size of the timeout", "too many customers")
LOOP_LINES = range(25, 29)  # broken.py: the body of charge(), as the cell numbers it

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "capacity", "charges that payments can finish in a second", 45, 53,
            why="The bank takes one charge at a time, 20 ms each with the network: 50 a second.",
        ),
        number(
            "attempts_a_second", "attempts a second that the shop sends to payments once every attempt fails", 105, 125,
            why="30 orders a second, four attempts each: 120 a second on a service that can do 50.",
        ),
        choice(
            "sustained_by", "what keeps the outage going after second 8", CAUSES, CAUSES[1],
            why="The stall ended at second 8. What stayed is a queue that is refilled faster than it is worked off.",
        ),
        whole(
            "line", "a line of the repair cell in the loop that multiplies attempts", *LOOP_LINES,
            why="Every attempt of the profile came through the loop in charge().",
        ),
    ),
    points=2,
    hint="Compare two rates after the stall: charges that payments finishes in a second, and attempts that it is sent.",
)  # fmt: skip

HINTS = (
    "Look at the attempts a second after second 8, when the bank is well again, and at the capacity line in the same chart.",
    "An order that fails costs four attempts; an order that succeeds costs one. Which of the two states feeds itself?",
    "A delay between attempts moves retries and removes none.",
    "Limit retries for the whole shop: each success earns a tenth of a retry, each retry costs a whole one."
    " Or let payments refuse what it cannot finish in time: a queue well below timeout x capacity.",
)
