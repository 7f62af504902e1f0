"""How production differs from a demonstration, row by row: what lab08 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("kills", "kept"),
    "late": NotAsked("the partner answers after 0.2 s each time"),
    "half": NotAsked("the partner's answers are whole"),
    "drip": NotAsked("the partner's answers come in one piece"),
    "refused": NotAsked("the partner can be reached all the time; that it answers with an error is asked by `kept`"),
    "slow": Asked("rush", "knee"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": Asked("kills", "once"),
    "at_once": Asked("kills", "once"),
    "one_key": Asked("kills", "once"),
    "stopped": Asked("deploy", "stops"),
    "killed": Asked("kills", "kept"),
    "many_clients": Cannot("the shop does not know who orders"),
    "one_client": Cannot("the shop does not know who orders"),
    "burst": Asked("kills", "kept"),
    "small": NotAsked("each order has 20 lines"),
    "large": NotAsked("each order has 20 lines"),
    "soak": NotAsked(
        "the longest run lasts 20 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"
    ),
    "between_writes": Asked("kills", "once"),
    "background": NotAsked("what an error does to the worker that meets it is ended by the kill that follows in `kills`"),
}
