"""How production differs from a demonstration, row by row: what lab06 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("hiccups", "hiccups"),
    "late": Asked("late", "charged_once"),
    "half": NotAsked("answers of payments are whole"),
    "drip": NotAsked("answers of payments come in one piece"),
    "refused": NotAsked("payments can be reached all the time"),
    "slow": Asked("long_outage", "recovers_long"),
    "leaves": Asked("outage", "recovers"),
    "again": NotAsked("each order comes once"),
    "at_once": NotAsked("each order comes once"),
    "one_key": NotAsked("each order comes once, and its key is its own"),
    "stopped": Cannot("a charge that waits has a caller who waits with it: nothing is promised beyond that"),
    "killed": NotAsked("shop and payments live as long as the run"),
    "many_clients": NotAsked("`fleet` shows 200 shops on the page; no check asks it"),
    "one_client": Asked("outage", "amplification"),
    "burst": NotAsked("orders come at a steady rate"),
    "small": Cannot("orders are all of one size"),
    "large": Cannot("orders are all of one size"),
    "soak": NotAsked("the longest run lasts 46 s"),
    "between_writes": Cannot("a charge is one movement of money"),
    "background": Cannot("charge() is awaited by its caller, and no work is left for later"),
}
