"""How production differs from a demonstration, row by row: what lab12 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("incident", "limit"),
    "late": Asked("incident", "timeout"),
    "half": Asked("bad", "last_good"),
    "drip": NotAsked("the bank's answers come in one piece; a file that comes in two halves is asked"),
    "refused": NotAsked("the bank can be reached all the time; that it answers 429 or drops a connection is asked"),
    "slow": Asked("incident", "limit"),
    "leaves": NotAsked("customers wait for longer than any timeout that a file may name"),
    "again": NotAsked("each order comes once; lab06 asks for orders that come twice"),
    "at_once": NotAsked("each order comes once"),
    "one_key": Asked("bad", "last_good"),
    "stopped": NotAsked("`left_over` asks that stop() returns and raises nothing, after the load and not during it"),
    "killed": Asked("bad", "restart"),
    "many_clients": Asked("flags", "buckets"),
    "one_client": NotAsked("the shop does not know who orders"),
    "burst": NotAsked("orders come at a steady rate; many files after a quiet time are asked in `reloads`"),
    "small": Asked("bad", "last_good"),
    "large": Asked("bad", "last_good"),
    "soak": NotAsked("the longest run lasts a minute; `gone` and `left_over` ask that nothing grows with each file"),
    "between_writes": Asked("bad", "last_good"),
    "background": Asked("flags", "kill_switch"),
}
