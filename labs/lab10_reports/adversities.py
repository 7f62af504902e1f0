"""How production differs from a demonstration, row by row: what lab10 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("kills", "sealed"),
    "late": NotAsked("the vault answers after 60 ms; an anchor that comes twice says the same"),
    "half": NotAsked("the vault's answers have no body"),
    "drip": NotAsked("the vault's answers come in one piece"),
    "refused": NotAsked("the vault can be reached all the time; that it answers with errors is asked by `sealed`"),
    "slow": Asked("month_end", "during_correction"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": Asked("kills", "audited"),
    "at_once": Asked("month_end", "corrected"),
    "one_key": Asked("month_end", "audited"),
    "stopped": NotAsked("the file is read after a kill, so no stop is asked for; whatever a stop could write, a kill loses"),
    "killed": Asked("kills", "audited"),
    "many_clients": NotAsked("two tenants with a till each; the matrix has a user for each probe"),
    "one_client": Asked("month_end", "during_report"),
    "burst": Asked("kills", "booked"),
    "small": NotAsked("each entry has two lines; a correction of an empty suspense account is not asked for"),
    "large": Asked("month_end", "corrected"),
    "soak": NotAsked("the longest run lasts 10 s; `left_over` asks that calls, tasks, threads and files do not grow"),
    "between_writes": Asked("kills", "audited"),
    "background": Asked("kills", "sealed"),
}
