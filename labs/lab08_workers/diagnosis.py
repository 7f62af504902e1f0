"""The diagnosis of lab08: what is computed too often, and how many workers of which kind are enough."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

KINDS = ("threads", "processes", "tasks")
HOT_LINE = 15  # broken.py, as the cell numbers it

DIAGNOSIS = Diagnosis(
    questions=(
        whole(
            "line", "the line of the repair cell that does most of the computing (the live profile)", HOT_LINE,
            why="For each line it measures all lines above once more: 190 calls of height() where 20 are enough.",
        ),
        number(
            "compute_ms",
            "milliseconds that an invoice of 20 lines computes, if each is measured once (2 ms) and printed once (3 ms)",
            95, 105,
            why="20 x (2 + 3) ms = 100 ms. So one core makes 10 a second, and two make 20.",
        ),
        choice(
            "compute_in", "what makes rendering faster with the second core", KINDS, "processes",
            why="Threads and tasks of one process share one interpreter lock; it is held while plain Python computes.",
        ),
        number(
            "waiting", "calls to the partner that are under way on average at 20 invoices a second, 0.2 s each", 3.8, 4.4,
            why="Little's law: 20 a second x 0.2 s = 4. Whoever waits needs no core, so it needs no process either.",
        ),
    ),
    points=2,
    hint="The live profile ends at a line of render(). For the rest, multiply: lines by milliseconds, rate by seconds.",
)  # fmt: skip

HINTS = (
    "Look at render() before you look at workers. How often is height() called for an order of 20 lines?",
    "order() only has to write the job to where it survives a kill: a table in self.database. Then it returns.",
    "Two processes compute: ProcessPoolExecutor(2), for the container has two cores. About eight tasks take a job each, have"
    " it rendered, and wait for the partner.",
    "A claim is one statement: update jobs set until = now + lease where name = (select ... where until < now limit 1)"
    " returning name, lines. A job whose worker died is free when its lease ends; the lease must be longer than a job.",
    "stop() claims nothing more, awaits the jobs under way, and closes the session. What is in the table stays there.",
)
