"""How production differs from a demonstration, row by row: what lab20 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": NotAsked("pricing answers each call that it has time for"),
    "late": Cannot("asking pricing again changes nothing there"),
    "half": NotAsked("pricing's answers are whole"),
    "drip": NotAsked("pricing's answers come in one piece"),
    "refused": NotAsked("pricing can be reached all the time"),
    "slow": Asked("sale", "shown"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": Asked("calm", "fresh"),
    "at_once": Asked("sale", "one_call"),
    "one_key": Asked("sale", "one_call"),
    "stopped": Cannot("the cache is worth nothing to the next process"),
    "killed": Cannot("the cache is worth nothing to the next process"),
    "many_clients": Asked("sale", "shown"),
    "one_client": Cannot("the shop does not know who asks"),
    "burst": Asked("sale", "shown"),
    "small": Cannot("there is one price list, of one size"),
    "large": Cannot("there is one price list, of one size"),
    "soak": NotAsked("a run lasts 36 s; there is one entry to keep"),
    "between_writes": Cannot("nothing is written"),
    "background": NotAsked("pricing answers each call, so a refresh in the background does not raise"),
}
