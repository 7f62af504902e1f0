"""The diagnosis of lab12: what was it, in numbers and one line."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab12_config.readings import SIGNALS, fires_at, just_allowed, one_too_many
from labs.lab12_config.scenarios import WATCHED

CAUSES = ("the bank", "the operator's file", "values that the process has read once, when it began", "too many customers")
LIMIT_LINES = (7, 24, 25)  # broken.py: LIMIT = 16, and the connector that is made with it, as the cell numbers them
IN_TIME_S = 3.5
"""A page comes so many seconds after the file was written, at most. Rules for an age of 0.9 to 1.7 s for one or two seconds,
or of up to 2.7 s for one, page after 2 or 3 s; slower ones after 4 s or more."""

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
        evidence(
            "one_too_many", "in your own record, an order with whose call a block by the bank began, after the file had been"
            " written", "incident", one_too_many, form="an order's id, a text",
            why="Four calls were under way when it came, and nothing in the shop held it back.",
        ),
        evidence(
            "just_allowed", "in your own record, an order that was confirmed after the file had been written, and whose call"
            " came while three others were under way", "incident", just_allowed, form="an order's id, a text",
            why="Four calls at once are allowed: with the limit in force, each order would be like this one, or wait.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s of the file in unread and in incident, and never in taken_back or bank",
            {
                "signal": lambda s: s in SIGNALS, "above": lambda a: is_number(a) and a >= 0,
                "for_s": lambda s: is_number(s) and s >= 1,
            },
            WATCHED, fires_at, within_s=IN_TIME_S,
            form=f'{{"signal": one of {", ".join(map(repr, SIGNALS))}, "above": a number, "for_s": seconds}}',
            why="Orders fail for many reasons, and a file that nobody reads may fail none; only its age says so.",
        ),
    ),
    points=3.5,
    hint="Compare what the file says with what the bank sees, and ask who has read the file.",
)  # fmt: skip

HINTS = (
    "A task that looks at the file ten times a second is enough: read the bytes; if they are the last ones, do nothing.",
    "Make one frozen value of a file, and check all of it before you use any of it. An order takes that value once.",
    "New orders use a new session, and the old one is closed when its last order is over, or after the timeout of its own"
    " version. Or keep one session for good, and count the calls yourself.",
    "A user's place: int(hashlib.sha256(f'{flag}:{user}'.encode()).hexdigest(), 16) % 100. It is in if place < percent.",
)
