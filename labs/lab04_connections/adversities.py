"""How production differs from a demonstration, row by row: what lab04 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("peak", "descriptors"),
    "late": NotAsked("asking the partner again changes nothing there; an order whose commit is not answered is not asked"),
    "half": NotAsked("the partner's answers are whole"),
    "drip": NotAsked("the partner answers at once, or after its trouble"),
    "refused": Asked("outages", "restart"),
    "slow": Asked("outages", "held"),
    "leaves": Asked("outages", "left"),
    "again": Cannot("an order has no key: two of one name are two orders"),
    "at_once": Cannot("an order has no key: two of one name are two orders"),
    "one_key": Cannot("an order has no key: two of one name are two orders"),
    "stopped": NotAsked("stop() is called after the last reading of a run"),
    "killed": NotAsked("a worker lives as long as the run; the database ends the transactions of one that is killed"),
    "many_clients": Cannot("the repair is not told who asks"),
    "one_client": Cannot("the repair is not told who asks"),
    "burst": Asked("peak", "served"),
    "small": Cannot("orders are all of one size"),
    "large": Asked("peak", "descriptors"),
    "soak": NotAsked("each run is live and takes its real time; 8 s are enough for what an order leaves open"),
    "between_writes": Asked("outages", "whole"),
    "background": Cannot("order() is awaited by its caller, and no work is left for later"),
}
