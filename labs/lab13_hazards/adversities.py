"""How production differs from a demonstration, row by row: what lab13 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("large", "copes"),
    "late": Cannot("a rule calls nothing that could be late"),
    "half": NotAsked("a file that is half written is no Python, and the parser refuses it before a rule sees it"),
    "drip": Cannot("a file comes as a whole"),
    "refused": Cannot("a rule calls nothing over a network"),
    "slow": Asked("large", "fast"),
    "leaves": NotAsked("an editor that moves on leaves its answer unread; the computing is short"),
    "again": NotAsked("a rule has nothing to remember; the same file gives the same findings"),
    "at_once": Cannot("a file is examined within one turn of the loop"),
    "one_key": Cannot("a rule writes nothing"),
    "stopped": NotAsked("a rule is over within milliseconds"),
    "killed": NotAsked("a rule has nothing to keep"),
    "many_clients": Asked("large", "served"),
    "one_client": Asked("large", "served"),
    "burst": Asked("review", "finds"),
    "small": Asked("large", "copes"),
    "large": Asked("large", "fast"),
    "soak": NotAsked("the audit looks at what is left over; a longer run shows no more"),
    "between_writes": Cannot("a rule writes nothing"),
    "background": Cannot("a rule has no background task"),
}
