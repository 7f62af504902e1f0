"""How production differs from a demonstration, row by row: what lab06 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("hiccups", "hiccups"),
    "late": Asked("late", "charged_once"),
    "half": Asked("hiccups", "hiccups"),
    "drip": NotAsked("answers of payments come in one piece"),
    "refused": Asked("breaks", "hiccups"),
    "slow": Asked("long_outage", "recovers_long"),
    "leaves": Asked("outage", "answered"),
    "again": Asked("twice", "charged_once"),
    "at_once": Asked("twice", "charged_once"),
    "one_key": Asked("twice", "charged_once"),
    "stopped": Cannot("a charge that waits has a caller who waits with it: nothing is promised beyond that"),
    "killed": NotAsked("shop and payments live as long as the run"),
    "many_clients": NotAsked("`fleet` shows 200 shops on the page; no check asks it"),
    "one_client": Asked("outage", "amplification"),
    "burst": Asked("lull", "hiccups"),
    "small": Cannot("orders are all of one size"),
    "large": Cannot("orders are all of one size"),
    "soak": NotAsked(
        "the longest run lasts 46 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"
    ),
    "between_writes": Cannot("a charge is one movement of money"),
    "background": Cannot("charge() is awaited by its caller, and no work is left for later"),
}
