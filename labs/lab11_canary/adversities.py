"""How production differs from a demonstration, row by row: what lab11 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("bad", "rolled_back"),
    "late": NotAsked("a metrics endpoint that answers late is counted as silent, as one that is cut off"),
    "half": NotAsked("the metrics of a second come whole, or not at all"),
    "drip": NotAsked("the metrics of a second come in one piece"),
    "refused": Asked("silent", "silence"),
    "slow": Asked("fleet", "caught"),
    "leaves": Cannot("no user waits for a decision, and in_canary() returns at once"),
    "again": Asked("good", "sticky"),
    "at_once": Cannot("a release is asked about once a second, one question after the other"),
    "one_key": Asked("good", "sticky"),
    "stopped": NotAsked("the controller lives as long as the release"),
    "killed": Asked("good", "sticky"),
    "many_clients": Asked("fleet", "lets_through"),
    "one_client": NotAsked("all users ask equally often"),
    "burst": NotAsked("the load of a release is steady; small regions have seconds without a request"),
    "small": Asked("fleet", "caught"),
    "large": NotAsked("the largest region has 60 requests a second"),
    "soak": NotAsked("a release is decided within two minutes"),
    "between_writes": Cannot("a decision is one answer"),
    "background": Cannot("decide() and in_canary() return their answers, and no work is left for later"),
}
