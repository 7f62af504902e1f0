"""A memory limit that the kernel enforces, if an ordinary user may set one: a cgroup for one service.

systemd's user manager provides it: `systemd-run --user --scope` makes the cgroup, then becomes the command in it. Most
containers and macOS have no such manager; there only the supervisor enforces the limit (see memory_limit.py).
"""

from __future__ import annotations

import shutil
import subprocess

ASKED_BYTES = 16 << 20
"""The limit of the trial: a whole number of pages, because the kernel rounds to pages."""
ANSWERS_WITHIN_S = 5.0
_TELL = 'cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"'


def within(limit_bytes: int) -> list[str]:
    """The prefix of a command that the kernel is to kill (SIGKILL) if its memory would exceed the limit."""
    limit = f"MemoryMax={limit_bytes}"
    return ["systemd-run", "--user", "--scope", "--quiet", "--collect", "-p", limit, "-p", "MemorySwapMax=0", "--"]


def offered() -> bool:
    """Does this machine let this user set such a limit? Tries it with a command that prints its own limit."""
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
