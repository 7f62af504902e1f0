"""The tiers of the sandbox: which layers are round the code under repair in a run."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """What is round the repair, from the strongest to none."""

    BWRAP = "bwrap"  # namespaces by bubblewrap, and a cage in each process that loads the repair
    CAGE = "cage"  # the cage alone, for containers and where user namespaces are forbidden
    OPEN = "unsafe-local"  # nothing: the learner's own code on the learner's own machine


class NoSandbox(RuntimeError):
    """The sandbox that was asked for cannot be made here, and nothing may run. The message says why."""
