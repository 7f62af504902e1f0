"""How production differs from a demonstration, row by row: what lab15 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

_DATA = Cannot("what is handed in is data, and runs nowhere")

ADVERSITIES: Adversities = {
    "error": Asked("healthy", "unharmed"),
    "late": Asked("replayed", "replayed"),
    "half": _DATA,
    "drip": _DATA,
    "refused": NotAsked("a service that is down is not among the pairs"),
    "slow": Asked("replayed", "replayed"),
    "leaves": Asked("played", "mitigated"),
    "again": Asked("played_again", "mitigated"),
    "at_once": _DATA,
    "one_key": NotAsked("the pairs harm all customers of a route alike"),
    "stopped": _DATA,
    "killed": NotAsked("a runbook may restart a service; nothing else ends one"),
    "many_clients": Asked("played", "mitigated"),
    "one_client": NotAsked("the pairs harm all customers of a route alike"),
    "burst": NotAsked("the town is asked for the same all evening"),
    "small": _DATA,
    "large": _DATA,
    "soak": NotAsked("an evening lasts for 45 seconds"),
    "between_writes": _DATA,
    "background": NotAsked("no service of the town has work of its own"),
}
