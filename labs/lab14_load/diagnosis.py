"""The diagnosis of lab14."""

from __future__ import annotations

from labs.kit import Diagnosis, choice, number, whole

CAUSES = (
    "too few users were simulated",
    "the next request waited for the last answer",
    "the test was too short",
    "the network was too fast",
)

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "blind_by", "why the test did not see that the queue has no bound", CAUSES, CAUSES[1],
            why="Six users who wait have at most six requests inside, whatever the rate: no queue of 500 ever fills.",
        ),
        number(
            "inside", "the largest number of requests that the broken test ever has under way at once", 6, 6,
            why="One for each user. An open load has as many as arrive in the time that an answer takes.",
        ),
        whole(
            "line", "the line, as lab.code() numbers them, in which load() waits for the answer to an order", 20,
            why="The await in the user's loop: the next request is not sent until it returns.",
        ),
    ),
    points=2,
    hint="Count who can be inside at once, and look what each of them does before the next request.",
)  # fmt: skip

HINTS = (
    "lab.mutants() names the regressions that survive, and shows what each of them changed. When would a user notice it?",
    "An open load: draw the time of the next arrival, sleep until then, asyncio.create_task(...), go on. Gather at the end.",
    "Phases: a warm-up that is not judged; a calm; a surge of 45 orders a second from many clients; one noisy client; wrong"
    " amounts; the same order twice; a calm afterwards. Each is asserted against what was promised, by its bounds.",
    "A share of slow answers says more than a mean: at most 2.5 % above 0.5 s. A body says more than a 200.",
    "Capacity: steps of seven seconds, each 1.7 times the last; count what is confirmed after two of them, by when it"
    " was confirmed; stop when that rises by less than 5 %.",
)
