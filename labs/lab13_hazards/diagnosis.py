"""The diagnosis of lab13: of the broken linter, and of a plan."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab13_hazards.plan import HAZARDS, place
from labs.lab13_hazards.readings import fires_at, seen, unseen
from labs.lab13_hazards.scenarios import WATCHED

IN_TIME_S = 4.5
"""A page comes so many seconds after the slow rule, at most: rules that wait for 2 to 4 s do."""

CAUSES = (
    "it compares what is written, not what it means",
    "its lists of names are too short",
    "it walks the tree in the wrong order",
    "ast drops too much of the source",
)

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "cause", "why the same rule misses `pause(1)` and reports `settings.get(key)`", CAUSES, CAUSES[0],
            why="`from time import sleep as pause` is time.sleep, and a dict has a get() too. A longer list makes it worse.",
        ),
        whole(
            "muted", "the line, as lab.code() numbers them, by which one comment silences all findings in a file", 59, 60,
            why="The search is for the word anywhere in the file, and `continue` leaves the whole file out.",
        ),
        number(
            "false", "of 100 findings of the broken linter in the course's own code: how many are no hazards?", 75, 87,
            why="lab.own_code(broken) counts them.",
        ),
        *(
            whole(hazard.name, f"the sentence of the plan with this hazard, 0 if there is none: {hazard.asked}",
                  place(hazard.name), why=f"{hazard.why}.")
            for hazard in HAZARDS
        ),
        evidence(
            "unseen", "in your own record, a snippet that is a hazard for the rule under which it is listed, and in which"
            " this rule finds nothing", "renamed", unseen, form="a snippet's name, a text",
            why="What it calls blocks, grows or is not given back, and is written in a way that the rule does not look for.",
        ),
        evidence(
            "seen", "in your own record, a snippet that is a hazard for the rule under which it is listed, and in which"
            " this rule finds something", "renamed", seen, form="a snippet's name, a text",
            why="A finding is no proof: about as many are in snippets that were mended.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s of a slow rule, for the shorter file too, and never in review or hiccup",
            {"slower_ms": is_number, "for_s": lambda s: is_number(s) and s >= 1}, WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"slower_ms": milliseconds, "for_s": seconds}, both numbers',
            why="One late answer is the network. A slow rule is late in every second, and for a shorter file by less.",
        ),
    ),
    points=6,
    hint="Read the plan with one question at a time. A bound and a time limit are two things; so are ready and alive.",
)  # fmt: skip

HINTS = (
    "What would your eye do with `pause(1)`? It would look up, to the import. So build a table first: each name that an"
    " import makes, and what it stands for. `lock = threading.Lock()` makes a name as well.",
    "A call blocks the loop if a coroutine reaches it: begin with the coroutines, follow the functions that they call by"
    " name or on self, and mind circles. What is handed to to_thread is not called there.",
    "A session without a limit is harmless if each request through it has one: an argument, or `asyncio.timeout` round"
    " it, or round each call of its function.",
    "For a container, collect all that functions do with its name. If something adds and nothing removes, replaces or"
    " measures, it grows. A queue needs a bound also if somebody takes from it.",
    "The gate: count the findings before the change by path, rule and text of the line; subtract. Then look for"
    " `# noqa: CODE - reason` in the line itself.",
)
