"""How production differs from a demonstration, row by row: what lab07 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("errors", "after_errors"),
    "late": Cannot("rendering a label again changes nothing"),
    "half": NotAsked("the renderer's answers are whole"),
    "drip": NotAsked("the renderer's answers come in one piece"),
    "refused": Asked("errors", "storm"),
    "slow": Asked("errors", "after_errors"),
    "leaves": Asked("overload", "goodput"),
    "again": Cannot("a job is a request, and a second request for a label is another job"),
    "at_once": Cannot("a job is a request, and a second request for a label is another job"),
    "one_key": Cannot("jobs have no key in common but their client, which `fair` asks"),
    "stopped": NotAsked("what becomes of the queue when the API is told to stop is not asked"),
    "killed": Cannot("a job has a caller who waits for it: nothing is promised beyond that"),
    "many_clients": Asked("many_shops", "goodput"),
    "one_client": Asked("noisy", "fair"),
    "burst": Asked("spike", "recovers"),
    "small": Cannot("labels are all of one size"),
    "large": Cannot("labels are all of one size"),
    "soak": NotAsked(
        "the longest run lasts 16 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"
    ),
    "between_writes": Cannot("nothing is written"),
    "background": Asked("errors", "left_over"),
}
