"""A memory limit that the kernel itself keeps, where an ordinary user may set one: a cgroup of its own for one service.

systemd's user manager hands them out: `systemd-run --user --scope` makes the cgroup, then becomes the command in it. Most
containers have none, nor has macOS; there the supervisor alone keeps the limit (see `labs.kit.worlds.live.memory_limit`).
"""

from __future__ import annotations

import shutil
import subprocess

ASKED_BYTES = 16 << 20
"""Asked for to see whether limits are kept: a whole number of pages, for the kernel rounds to them."""
ANSWERS_WITHIN_S = 5.0
_TELL = 'cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"'


def within(limit_bytes: int) -> list[str]:
    """What to put before a command so that the kernel ends it (SIGKILL) where it would hold more than that."""
    limit = f"MemoryMax={limit_bytes}"
    return ["systemd-run", "--user", "--scope", "--quiet", "--collect", "-p", limit, "-p", "MemorySwapMax=0", "--"]


def offered() -> bool:
    """Does this machine let this user set such a limit, and keep it? Asks by starting a command that tells its own limit."""
    if shutil.which("systemd-run") is None:
        return False
    command = [*within(ASKED_BYTES), "sh", "-c", _TELL]
    try:
        told = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.stdout.strip() == str(ASKED_BYTES)
