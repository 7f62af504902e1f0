"""The cage: what a process gives up for good just before it loads code that nobody has read.

Linux keeps the rules for an ordinary user, for root and in most containers, and needs no package: limits, no new privileges,
Landlock for files, seccomp for system calls.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from labs.kit.worlds.sandbox import landlock, seccomp

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_CAPABILITY_VERSION = 0x20080522
DEVICES_READ = ("/dev/urandom", "/dev/random")
DEVICES_WRITTEN = ("/dev/null", "/dev/zero", "/dev/full")


class NoCage(RuntimeError):
    """The kernel does not keep the rules, so the repair must not be loaded. The message says why."""


@dataclass(frozen=True)
class Rules:
    """What one process may do from now on.

    `read` and `write` are paths, with all below them. `tasks` limits threads and processes; it counts all of the user's, so
    it is set only where the user is the sandbox's own. 0 means no limit. `sockets` are the families of sockets that it may
    make; `processes` lets it start programs and signal those that it sees.
    """

    read: Sequence[str]
    write: Sequence[str] = ()
    sockets: Sequence[int] = ()
    processes: bool = False
    tasks: int = 0
    file_bytes: int = 64 << 20
    open_files: int = 16_384
    cpu_s: int = 600


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("words", ctypes.c_char_p)]


def enter(rules: Rules) -> None:
    """Keep the rules from now on, without a way back. Call it with one thread only.

    Raises:
        NoCage: nothing may be run.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _limit(rules)
        # libc's getpid: os.getpid tells a simulated host the id of its virtual process
        words = seccomp.program(platform.machine(), libc.getpid(), sockets=rules.sockets, processes=rules.processes)
        # root stays root where no user can be changed: it must be one without privileges
        libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24))
        _done(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
        landlock.restrict([*rules.read, *DEVICES_READ], [*rules.write, *DEVICES_WRITTEN], sockets=bool(rules.sockets))
        code = b"".join(struct.pack("=HBBI", *word) for word in words)
        program = _Program(len(words), code)
        _done(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "seccomp")
    except (OSError, ValueError, AttributeError) as error:  # AttributeError: a system without these calls
        raise NoCage(f"The cage for the repair cannot be entered: {error}.") from error


def _done(result: int, what: str) -> None:
    if result:
        raise OSError(f"{what} was refused: {os.strerror(ctypes.get_errno())}")


def _limit(rules: Rules) -> None:
    """Hard limits, which a process without privileges cannot raise again."""
    for name, most in (
        ("FSIZE", rules.file_bytes), ("NOFILE", rules.open_files), ("NPROC", rules.tasks), ("CPU", rules.cpu_s),
        ("CORE", 0), ("MEMLOCK", 0), ("MSGQUEUE", 0),
    ):  # fmt: skip
        if name == "NPROC" and not most:
            continue
        what = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(what)
        value = most if hard < 0 else min(most, hard)
        resource.setrlimit(what, (value, value))
