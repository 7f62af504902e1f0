"""Which tiers this machine provides: each is tried, by a process that attempts in it what it must refuse.

    python -P -m labs.kit.worlds.sandbox.probe TIER

prints "kept", or what was not refused.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import labs
from labs.kit.worlds.sandbox import cage, landlock, places
from labs.kit.worlds.sandbox.bubblewrap import in_lasting_thread, plain, wrap
from labs.kit.worlds.sandbox.cage import Rules
from labs.kit.worlds.sandbox.places import Place
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier

MODULE = "labs.kit.worlds.sandbox.probe"
ANSWERS_WITHIN_S = 30.0
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(labs.ROOT)}
HIDDEN = (labs.ROOT / "grader", labs.ROOT / "notebooks", labs.ROOT / "pyproject.toml", Path("/etc/shadow"), Path("/home"))
SCOPES_SIGNALS = 6
"""The version of Landlock from which a process that may signal is kept from signalling those outside."""


def why_not(tier: Tier) -> str:
    """Why this machine does not provide a tier, as the system says it; "" if it does. Takes about 0.3 s."""
    if sys.platform != "linux":
        return f"{sys.platform} has neither bubblewrap nor Landlock"
    try:
        wrapped = wrap(Place(read=places.kit()), MODULE, tier) if tier is Tier.BWRAP else None
        command, options = (wrapped.command, wrapped.options) if wrapped else (plain(MODULE, tier), {})
        done = in_lasting_thread(
            lambda: subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False,
                env=ENVIRONMENT, cwd="/", **options,
            )
        )  # fmt: skip
    except (NoSandbox, OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = str(done.stdout).strip()
    lines = (
        said.splitlines() or str(done.stderr).strip().splitlines() or [f"the trial ended with exit code {done.returncode}"]
    )
    return "" if said == "kept" else lines[-1][:300]


def only_loopback() -> bool:
    """Is no network interface of this machine up but loopback?"""
    up = (name for _, name in socket.if_nameindex() if _is_up(name))
    return set(up) <= {"lo"}


def _is_up(name: str) -> bool:
    try:
        return bool(int(Path(f"/sys/class/net/{name}/flags").read_text(), 16) & 1)
    except (OSError, ValueError):
        return True


def why_no_live_cage() -> str:
    """Why the cage alone cannot keep a live service, which needs sockets, from this machine; "" if it can."""
    if not only_loopback():
        return "this machine has a network, and without bubblewrap a live service would reach it"
    if landlock.version() < SCOPES_SIGNALS:
        return "this kernel's Landlock does not keep a live service from signalling its judge (Linux 6.12 does)"
    return ""


def main() -> None:
    """Attempt from inside of a tier what it must refuse."""
    trouble = _outer() if sys.argv[1] == Tier.BWRAP else []
    try:
        cage.enter(Rules(read=[*places.SYSTEM, *places.kit()]))
        trouble += [name for name, attempt in INNER.items() if _works(attempt)]
    except cage.NoCage as error:
        trouble.append(str(error))
    print("kept" if not trouble else f"not refused: {', '.join(trouble)}" if trouble[0] in INNER else trouble[0])


def _outer() -> list[str]:
    """What of the machine can be seen that bubblewrap must hide."""
    seen = [f"{path} can be seen" for path in HIDDEN if path.exists()]
    seen += [f"the network interface {name} can be seen" for _, name in socket.if_nameindex() if name != "lo"]
    if sum(name.isdigit() for name in os.listdir("/proc")) > 3:  # bubblewrap's own, and this one
        seen.append("the processes of the machine can be seen")
    return seen


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


INNER: dict[str, Callable[[], object]] = {
    "a socket": socket.socket,
    "a process": _fork,
    "a signal to the parent": lambda: os.kill(os.getppid(), 0),
    "reading /etc": lambda: os.listdir("/etc"),
    "writing into /tmp": lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),  # noqa: S108 - a file without a name
    "another user": lambda: os.setuid(0) if os.getuid() else os.setgroups([0]),
}
"""What the cage must refuse."""

if __name__ == "__main__":
    main()
