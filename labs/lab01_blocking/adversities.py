"""How production differs from a demonstration, row by row: what lab01 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("flaky", "hiccups"),
    "late": Asked("launch", "contract"),
    "half": NotAsked("an answer that breaks off is an error of another type; only answers 503 are made to fail"),
    "drip": NotAsked("a supplier that drips is a slow one to whoever has no timeout, and none is demanded"),
    "refused": Asked("launch", "launch"),
    "slow": Asked("launch", "contract"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": Asked("steady", "counted"),
    "at_once": Asked("steady", "counted"),
    "one_key": Asked("launch", "counted"),
    "stopped": Asked("signatures", "left_over"),
    "killed": Asked("launch", "kept"),
    "many_clients": Cannot("the page does not know who asks"),
    "one_client": Cannot("the page does not know who asks"),
    "burst": NotAsked("the launch begins with the run; nothing comes before it"),
    "small": Cannot("products and prices are all of one size"),
    "large": Cannot("products and prices are all of one size"),
    "soak": NotAsked(
        "the longest run lasts 10 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"
    ),
    "between_writes": Cannot("a price writes one number"),
    "background": NotAsked(
        "a view that is written behind meets no error: the importer that locks the database runs in `import` alone"
    ),
}
