"""The sandbox of a live run: one round the runner and all that it starts, and one round each service with the repair."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labs.kit.model.lab import Lab
from labs.kit.worlds.sandbox import bubblewrap, places, probe
from labs.kit.worlds.sandbox.places import Place
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier

RUN_FOLDER = f"{bubblewrap.TMP}/run"
"""The run's folder in a sandbox, in whose memory all its files are."""


def sandboxed(spec: dict[str, Any], lab: Lab, tier: Tier) -> Place | None:
    """Add to the plan how the services that run the repair are kept. Returns the sandbox round the whole run, if any.

    Raises:
        NoSandbox: the tier cannot keep a live run on this machine.
    """
    if tier is Tier.OPEN:
        return None
    if tier is Tier.CAGE and (reason := probe.why_no_live_cage()):
        raise NoSandbox(reason)
    prepared = places.prepared_by(lab)
    read = places.of_run(lab, prepared)
    spec["tier"] = tier
    for service in spec["services"]:
        if service["fix"] is not None:
            service["cage"] = asdict(places.rules_of_service(lab, prepared, tier is Tier.BWRAP))
    if tier is Tier.CAGE:
        return None
    # In a sandbox that root has mounted, another one gets no /proc: the kernel refuses it.
    spec["nested"] = asdict(Place(read, nested=True, proc=not bubblewrap.mounted_by_root(read)))
    return Place(read, nests=True, tmp_bytes=places.RUN_BYTES)
