"""How production differs from a demonstration, row by row: what lab03 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("quiet", "imported"),
    "late": Asked("quiet", "right_answers"),
    "half": Cannot("the client to the database is the lab's own; half an answer is an exception like none at all"),
    "drip": Cannot("the client to the database is the lab's own, and its timeout counts the whole answer"),
    "refused": Cannot("the client to the database is the lab's own; the repair sees an exception, as with an error"),
    "slow": Asked("sale", "sale"),
    "leaves": Cannot("aiohttp lets a handler go on when its caller has left, and the repair never learns of it"),
    "again": NotAsked("a file comes once"),
    "at_once": NotAsked("a file comes once"),
    "one_key": Asked("quiet", "right_answers"),
    "stopped": Cannot("the shop keeps nothing: what is stored is in the database, which goes on"),
    "killed": Cannot("the shop keeps nothing: what is stored is in the database, and a file is stored in one transaction"),
    "many_clients": Asked("sale", "sale"),
    "one_client": Asked("quiet", "work"),
    "burst": Asked("sale", "sale"),
    "small": NotAsked("each customer has 20 orders at least, and each order has items"),
    "large": Asked("quiet", "imports"),
    "soak": NotAsked("a run lasts 20 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"),
    "between_writes": Asked("quiet", "imports"),
    "background": Asked("quiet", "imported"),
}
