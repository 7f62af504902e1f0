"""The diagnosis of lab07: what was it, in numbers and one line."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = ("a slow renderer", "a queue without a bound", "too few consumers", "one noisy client")
PUT_LINES = (14, 18)  # broken.py, as the cell numbers it: where the queue is made, and where all that comes is put into it

DIAGNOSIS = Diagnosis(
    questions=(
        number(
            "capacity", "labels that the renderer can make in a second", 45, 53,
            why="Two workers, 40 ms a label with the network: 50 a second. It makes so many, busy all the time.",
        ),
        number(
            "longest_useful_queue",
            "jobs in the queue above which a new one cannot be begun within its caller's patience",
            45, 55,
            why="Patience times capacity: 1 s x 50 a second = 50 jobs. What stands behind them is done for nobody.",
        ),
        choice(
            "cause", "why almost no answer comes in time", CAUSES, CAUSES[1],
            why="The renderer is as fast as ever. Each of its labels is for a caller who stood in line too long.",
        ),
        whole(
            "line",
            "a line that lets every job into the queue: the one that makes the queue, or the one that puts a job into it,"
            " as lab.code() numbers them",
            *PUT_LINES,
            why="Line 14 makes a queue without a bound, and the put in line 18 never waits and never fails: together they"
            " say yes to everybody. Either is right.",
        ),
    ),
    points=2,
    hint="For the numbers and the cause, compare two times: how long a job stands in the queue, and how long its caller"
    " waits. The line is the one that makes the queue, or the one that puts a job into it, as lab.code() numbers them.",
)  # fmt: skip

HINTS = (
    "Look at the queue wait in the chart, and at the line of the patience. From which second on is every label in vain?",
    "A queue absorbs a short burst. If more work comes than the capacity, it only makes everybody wait: refuse some.",
    "Patience x capacity = 50 jobs is the most that can be done in time. Stay below half of it, and refuse the rest at once:"
    " put_nowait(), and job.refuse(retry_after=1) on asyncio.QueueFull.",
    "Count the jobs in the queue by job.client, and refuse a client that holds a third of the places.",
)
