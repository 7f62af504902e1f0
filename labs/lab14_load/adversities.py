"""How production differs from a demonstration, row by row: what lab14 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("refuses", "floods"),
    "late": Asked("recs", "slow"),
    "half": NotAsked("an answer of the shop comes whole, or not at all"),
    "drip": NotAsked("an answer of the shop comes in one piece"),
    "refused": Asked("refuses", "floods"),
    "slow": Asked("hangs", "open"),
    "leaves": NotAsked("the test leaves after a second, as users do; that the work goes on is no regression here"),
    "again": Asked("twice", "said"),
    "at_once": NotAsked("an order is sent again when its answer has come"),
    "one_key": Asked("mixed", "said"),
    "stopped": NotAsked("a test is as long as it is, and is not stopped"),
    "killed": NotAsked("what a version does when it is killed belongs to other labs"),
    "many_clients": Asked("bound", "above"),
    "one_client": Asked("one_client", "above"),
    "burst": Asked("bound", "above"),
    "small": Asked("leak", "slow"),
    "large": NotAsked("orders and pages have one size"),
    "soak": NotAsked("a test is to be short: what shows after hours is not asked"),
    "between_writes": NotAsked("the shop keeps its receipts in memory"),
    "background": Asked("flush", "slow"),
}
