"""Which sandbox submissions are graded in: the strongest tier that this machine provides, or none if that is asked for.

Without a tier nothing is graded: a submission may do all that the grader may, such as read the gradebook.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil

from labs.kit.model.lab import Lab
from labs.kit.worlds import parallel
from labs.kit.worlds.sandbox import landlock, probe
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier
from labs.kit.worlds.simulated.host.watchdogs import MEMORY, SPARE_MEMORY

UNSAFE = "--unsafe-local"
REMEDIES = (
    ("not installed", "`apt install bubblewrap`, `dnf install bubblewrap`, or `pip install breakfix[sandbox]`"),
    ("uid map", "AppArmor lets only programs that it names make user namespaces: install the system's bubblewrap, and load"
     " its profile bwrap-userns-restrict (Ubuntu: in the package apparmor-profiles)"),
    ("loopback", "AppArmor takes the privileges of user namespaces away: load its profile bwrap-userns-restrict"),
    ("mount proc", "start this container with --security-opt systempaths=unconfined (podman: --security-opt unmask=ALL)"),
    ("namespace", "allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone); a container:"
     " start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined"),
    ("Landlock", "use Linux 5.13 or newer with `landlock` in the kernel's parameter lsm="),
    ("darwin", "grade on Linux, for example in a virtual machine"),
)  # fmt: skip
"""(part of what the system says, what to do)."""

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""The memory that a container may use, in bytes, or "max" (the kernel's Documentation/admin-guide/cgroup-v2.rst)."""


@dataclass(frozen=True)
class Provided:
    """The strongest tier of this machine, None if there is none; and what is missing for a stronger one, with the remedy."""

    tier: Tier | None
    missing: str = ""
    remedy: str = ""

    def told(self) -> str:
        """One line for people."""
        if self.tier is Tier.BWRAP:
            return f"bubblewrap, seccomp and Landlock {landlock.version()}"
        if self.tier is Tier.CAGE:
            return f"seccomp and Landlock {landlock.version()} alone, because of bubblewrap: {self.missing}"
        return f"none, so nothing can be graded: {self.missing}"


@lru_cache(maxsize=1)
def provided() -> Provided:
    """Try the tiers, strongest first. Takes about a second, once a process."""
    missing = probe.why_not(Tier.BWRAP)
    if not missing:
        return Provided(Tier.BWRAP)
    tier: Tier | None = Tier.CAGE
    if reason := probe.why_not(Tier.CAGE):
        tier, missing = None, f"{missing}; {reason}" if reason != missing else reason
    return Provided(tier, missing, next((remedy for part, remedy in REMEDIES if part in missing), ""))


def choose(lab: Lab, unsafe_local: bool = False) -> Tier:
    """The tier for submissions of a lab.

    Raises:
        NoSandbox: none can be had; the message says why, and what to do.
    """
    if unsafe_local:
        return Tier.OPEN
    found = provided()
    reason, remedy = found.missing, found.remedy
    if found.tier is Tier.CAGE and lab.judged_live and (unkept := probe.why_no_live_cage()):
        reason = f"{lab.name} is graded in live runs, and {unkept} ({reason})"
    elif found.tier is not None:
        return found.tier
    raise NoSandbox(
        f"no sandbox for the submission: {reason}. {remedy + ', or ' if remedy else ''}grade with {UNSAFE}, which lets a"
        " submission do all that you may"
    )


def runs_at_once(lab: Lab) -> int:
    """How many simulated runs the free memory has room for if each host of the repair takes all it may; at least one."""
    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # another system, no container, or a container without a limit
        free = min(free, int(CGROUP_LIMIT.read_text()))
    hosts = max(1, sum(service.runs_fix for service in lab.services))
    return max(1, min(parallel.MOST_AT_ONCE, parallel.usable_cores(), free // (hosts * (MEMORY + SPARE_MEMORY))))
