"""The diagnosis of lab09: what takes the memory, what one call costs, and why the night begins again."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = (
    "the disk is full",
    "the model is too slow",
    "one record, refused each time",
    "the checkpoint is lost",
)
FETCH_LINE = 23  # broken.py, as the cell numbers it

DIAGNOSIS = Diagnosis(
    questions=(
        whole(
            "line", "the line, as lab.code() numbers it, that takes the whole file into memory", FETCH_LINE,
            why="fetchall() returns every event of the night as one list.",
        ),
        number(
            "unbatched", "scores a second that the model can make on one core with one record in each call", 48, 51,
            why="A call of one record takes 20 ms + 0.2 ms: 49.5 a second.",
        ),
        number(
            "smallest_batch", "the fewest records in a call with which 32,000 events take at most 16 s of the model", 64, 70,
            why="16 s / 32,000 = 0.5 ms an event = 0.2 ms + 20 ms / n, so n = 67.",
        ),
        choice(
            "begins_again_for", "why the simulated night begins again and again", CAUSES, CAUSES[2],
            why="The model refuses the batch, run_night raises, and the next run meets the same record.",
        ),
    ),
    points=3,
    hint="The first is in the profile of memory. The others are arithmetic with 20 ms and 0.2 ms, and the log of the run.",
)  # fmt: skip

HINTS = (
    "Read a chunk at a time: select id, payload from events where id > ? order by id limit ?. An index on id is there.",
    "Write scores, refused events and the checkpoint of a chunk in one transaction: `with scores:` commits at its end.",
    "A batch that the model refuses: halve it, until the refused record is alone. That takes some 18 calls, where one by one"
    " takes 512.",
    "Online, let one worker take all that waits, and call the model in a thread (asyncio.to_thread). While it computes, the"
    " next batch gathers. Nobody waits for company.",
    "Each caller awaits a future of its own. Who has left has cancelled it: look at future.done() before you set a result.",
)
