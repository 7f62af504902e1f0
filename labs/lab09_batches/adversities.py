"""How production differs from a demonstration, row by row: what lab09 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("reset", "errors"),
    "late": Cannot("the model answers in the same process, and its caller waits for it"),
    "half": Cannot("the model answers in the same process: all scores of a call, or an exception"),
    "drip": Cannot("the model answers in the same process"),
    "refused": Asked("kills", "set_aside"),
    "slow": Asked("rush", "rush"),
    "leaves": Asked("rush", "rush"),
    "again": NotAsked("a score changes nothing, so that a record which comes twice may be scored twice"),
    "at_once": Asked("rush", "errors"),
    "one_key": Cannot("nobody else writes to the scores"),
    "stopped": NotAsked("each run ends with stop(), which `left_over` judges; nobody is asked to finish what is under way"),
    "killed": Asked("kills", "once"),
    "many_clients": Cannot("the scorer does not know who asks"),
    "one_client": Cannot("the scorer does not know who asks"),
    "burst": Asked("night", "lone"),
    "small": NotAsked("all records have one size, but for those that the model refuses"),
    "large": Asked("night", "memory"),
    "soak": NotAsked("the longest run lasts 30 s; `left_over` asks that tasks, threads and requests do not grow in number"),
    "between_writes": Asked("kills", "once"),
    "background": Asked("reset", "errors"),
}
