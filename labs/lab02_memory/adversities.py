"""How production differs from a demonstration, row by row: what lab02 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("stampede", "answered"),
    "late": Cannot("asking the store again changes nothing there"),
    "half": NotAsked("the store's answers are whole"),
    "drip": NotAsked("a store that drips is a slow one to whoever has no timeout, and none is demanded"),
    "refused": Asked("busy", "answered"),
    "slow": Asked("stampede", "hits"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": Asked("popular", "history"),
    "at_once": Asked("stampede", "hits"),
    "one_key": Asked("stampede", "hits"),
    "stopped": Asked("popular", "left_over"),
    "killed": Cannot("the service keeps nothing that must outlive it"),
    "many_clients": Asked("busy", "history"),
    "one_client": Cannot("what is kept is kept for a report, whoever asks for it"),
    "burst": NotAsked(
        "visits come without a pause; what a moment with several misses does is asked by `hits` in `stampede`"
    ),
    "small": Asked("busy", "history"),
    "large": Asked("annual", "limit"),
    "soak": NotAsked(
        "a day costs more computing than a check may; in seconds, bytes kept for each byte made are asked by `history`, but"
        " not a name that outlives its report in the cache"
    ),
    "between_writes": Cannot("nothing is written"),
    "background": Asked("stampede", "left_over"),
}
