"""The diagnosis of lab06: what was it, in numbers and one line."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab06_retries.readings import at_once, fires_at, half_way
from labs.lab06_retries.scenarios import WATCHED

CAUSES = ("the stall of the bank", "retries of the shop", "the size of the timeout", "too many customers")
LOOP_LINES = range(25, 29)  # broken.py: the body of charge(), as the cell numbers it
IN_TIME_S = 8.0
"""A page comes so many seconds after the beginning of a stall, at most. Rules from 1.3 to 3.5 attempts an order for 2 to 5 s
page after 2 to 9 s."""

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
        evidence(
            "half_way",
            "in your own record, an order that failed and for which the bank moved the money once, twice or three times, not"
            " four times and not never: this is where its queue stood when the record ended", "outage", half_way,
            form="a request's id, a text",
            why="All that failed before it were charged four times, in vain. All that came after it are still in the queue.",
        ),
        evidence(
            "at_once", "in your own record, an order that was confirmed with its only attempt", "outage", at_once,
            form="a request's id, a text", why="Before the stall nearly every order is such a one.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s of a stall, the brief one too, and never in calm or hiccups",
            {"above": is_number, "for_s": lambda s: is_number(s) and s >= 1}, WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"above": attempts an order, "for_s": seconds}, both numbers',
            why="Attempts an order are 1 on a good day, 1.1 with single errors, and 4 in the storm.",
        ),
    ),
    points=3.5,
    hint="Compare two rates after the stall: charges that payments finishes in a second, and attempts that it is sent.",
)  # fmt: skip

HINTS = (
    "Look at the attempts a second after second 8, when the bank is well again, and at the capacity line in the same chart.",
    "An order that fails costs four attempts; an order that succeeds costs one. Which of the two states feeds itself?",
    "A delay between attempts moves retries and removes none.",
    "Limit retries for the whole shop: each success earns a tenth of a retry, each retry costs a whole one."
    " Or let payments refuse what it cannot finish in time: a queue well below timeout x capacity.",
)
