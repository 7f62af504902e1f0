"""The diagnosis of lab02: what grows in which scenario, and what would not help."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, evidence, is_number, number, whole
from labs.lab02_memory.readings import SIGNALS, cached_and_kept, fires_at, given_back
from labs.lab02_memory.scenarios import WATCHED

HOLDERS = ("cache", "HISTORY", "watchers", "session")
FREED = ("nothing of it", "about a half", "all of it")
IN_TIME_S = 7.0
"""A page comes before the room is full in `mixed`: that is after 7.8 to 9.3 s (four seeds)."""
LINES = (40, 41)  # the cell's: the page that HISTORY keeps is made, and kept

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "seconds", "seconds until the scenario 'mixed' holds more than the room of 48 MB (the table of signals)", 7, 11,
            why="About 5 MB a second: 16 pages of 0.2 MB, and half as many reports that are rendered and kept beside them.",
        ),
        whole(
            "line", "the line of the code above that took most of the memory that is still held (the flame graph)", *LINES,
            why="Each visit has a page of its own, a copy of the report, and HISTORY keeps every one.",
        ),
        choice(
            "after_revision",
            "what still holds a report that was revised, once the cache has dropped it and HISTORY is gone",
            HOLDERS, "watchers",
            why="The function drop_if_revised uses `body`, so it holds it, and the list of watchers holds the function.",
        ),
        choice(
            "gc_frees", "how much of the growth gc.collect() would give back", FREED, "nothing of it",
            why="The collector frees what nobody can reach. All of this can be reached, from the module or the cache.",
        ),
        evidence(
            "cached_and_kept",
            "in your own record, a visit that got a report while nobody asked the store for anything, and after which more"
            " memory was held all the same", "slowly", cached_and_kept, form="a visit's id, a text",
            why="The report was in the cache, so nothing was made but the visitor's page. HISTORY keeps it.",
        ),
        evidence(
            "given_back",
            "in your own record, a visit for which the store sent more than 10 MB, and after which less than 1 MB more was"
            " held", "slowly", given_back, form="a visit's id, a text",
            why="For a part of the ledger all of it is read, and dropped with the answer: a peak, and no leak.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: it pages within"
            f" {IN_TIME_S:g} s in mixed and in smaller, so before the room is full, and never in parts and rush",
            {
                "signal": lambda name: name in SIGNALS,
                "bound": is_number,
                "for_s": lambda s: is_number(s) and s >= 1,
            },
            WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"signal": its name, "bound": a number, "for_s": seconds, at least 1}',
            why="A kill is late, and a level says nothing of the time that is left. Growth does, over a few seconds.",
        ),
    ),
    points=3.5,
    hint="The flame graph names the line. For the holder: in 'revisions' the cache has six reports at most, and memory grows"
    " by more than its pages. Which object is made anew with each rendering, and where is it kept?",
)  # fmt: skip

HINTS = (
    "Something is held for ever. Go through the lines and ask of each object that is made: who holds it, and until when?"
    " There is more than one answer.",
    "Four things are kept that need not be: each report in the cache, each page in HISTORY, each rendering in a watcher, and"
    " the whole ledger while a part of it is asked for.",
    "A bound on the number of reports is no bound on memory. Count bytes: add len(body) when one comes in, take it off"
    " wherever one leaves, and throw out until the sum is small enough. An OrderedDict with move_to_end() knows which was"
    " asked for longest ago.",
    "recent() needs names, so keep names: collections.deque(maxlen=20). revised(name) needs the keys of the cache, so it can"
    " look there: then no function has to be kept for it.",
    "The store takes a header: {'Range': f'bytes={start}-{start + size - 1}'} asks for that part alone.",
)
