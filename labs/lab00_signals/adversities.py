"""How production differs from a demonstration, row by row: what lab00 asks, and why not. See docs/authoring.md."""

from __future__ import annotations

from labs.kit import Adversities, Asked, Cannot, NotAsked

ADVERSITIES: Adversities = {
    "error": Asked("leaving", "honest"),
    "late": Cannot("nobody has a timeout here: gateway and call() wait for the answer"),
    "half": NotAsked("what a call is that breaks off, or is answered without JSON, has no name that all could agree on yet"),
    "drip": Cannot("call() has no timeout, so an answer that drips is a slow one"),
    "refused": NotAsked("errors begin inside a service here; one that cannot be reached writes no log to compare with"),
    "slow": Cannot("nothing is scarce: connections have no limit, and no request waits for another"),
    "leaves": Asked("leaving", "leaves"),
    "again": Cannot("an id belongs to one request; who sends an order again sends another request"),
    "at_once": Cannot("an id belongs to one request; that requests of one moment do not mix is asked by `same_id`"),
    "one_key": Cannot("requests have no key in common"),
    "stopped": Cannot("Telemetry holds nothing from one request to the next, so it has nothing to end"),
    "killed": Cannot("Telemetry holds nothing from one request to the next, so nothing can be lost"),
    "many_clients": Cannot("Telemetry does not know who asks"),
    "one_client": Cannot("Telemetry does not know who asks"),
    "burst": Asked("leaving", "told"),
    "small": Cannot("orders are all of one size"),
    "large": Cannot("orders are all of one size"),
    "soak": NotAsked("a run lasts 17 s; `left_over` asks that calls, tasks, threads and requests do not grow in number"),
    "between_writes": Cannot("the repair writes nothing but logs and spans"),
    "background": Asked("leaving", "left_over"),
}
