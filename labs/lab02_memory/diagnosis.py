"""The diagnosis of lab02: what grows in which scenario, and what would not help."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

HOLDERS = ("cache", "HISTORY", "watchers", "session")
FREED = ("nothing of it", "about a half", "all of it")
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
    ),
    points=2,
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
