"""How production differs from a demonstration, row by row: what lab05 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("errors", "recovers"),
    "late": Asked("slow", "paid"),
    "half": Asked("errors", "paid"),
    "drip": Asked("drip", "drip"),
    "refused": Asked("errors", "page"),
    "slow": Asked("hole", "healthy"),
    "leaves": Asked("slow", "stops"),
    "again": NotAsked("who orders twice is lab06's subject; here each order comes once"),
    "at_once": NotAsked("who orders twice is lab06's subject; here each order comes once"),
    "one_key": Cannot("customers have no key in common"),
    "stopped": Asked("errors", "left_over"),
    "killed": Cannot("the storefront keeps nothing that must outlive it"),
    "many_clients": Cannot("the storefront does not know one customer from the next"),
    "one_client": Cannot("the storefront does not know one customer from the next"),
    "burst": Asked("slow", "stops"),
    "small": Cannot("answers are all of one size"),
    "large": Cannot("answers are all of one size"),
    "soak": NotAsked(
        "the longest run lasts 17 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"
    ),
    "between_writes": Cannot("a checkout makes one call that changes something"),
    "background": Asked("slow", "paid"),
}
