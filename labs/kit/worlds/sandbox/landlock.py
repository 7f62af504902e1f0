"""Landlock: which files a process may read and write from now on, whoever owns them. Linux 5.13; later versions do more.

The numbers are those of linux/landlock.h. The three system calls have the same numbers on all machines.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable

CREATE, ADD, RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, DEVICE_IOCTL = 1 << 14, 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_IOCTL
READING = EXECUTE | READ_FILE | READ_DIR
RIGHTS_SINCE = {1: 13, 2: 14, 3: 15, 5: 16}
"""The number of rights over files that a version of the interface knows."""
TCP_SINCE, SCOPES_SINCE = 4, 6
TCP, SCOPES = 0b11, 0b11
"""Bind and connect; signals to processes outside, and abstract sockets of them."""

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version of the kernel's interface; 0 if there is none, or if the kernel was started without Landlock."""
    return max(0, int(_libc.syscall(CREATE, None, 0, 1))) if sys.platform == "linux" else 0


def restrict(read: Iterable[str], write: Iterable[str], *, sockets: bool) -> None:
    """Deny this process all files but these, and what lies below them, for good. Paths that do not exist are left out.

    It needs no_new_privs, and acts on the calling thread and those that it starts.

    Raises:
        OSError: the kernel has no Landlock, or refuses a rule.
    """
    known = version()
    if not known:
        raise OSError("the kernel has no Landlock (Linux 5.13 or newer, and `landlock` in its parameter lsm=)")
    rights = (1 << RIGHTS_SINCE[max(v for v in RIGHTS_SINCE if v <= known)]) - 1
    fields = [rights]
    if known >= TCP_SINCE:
        fields.append(0 if sockets else TCP)
    if known >= SCOPES_SINCE:
        fields.append(SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = _checked(_libc.syscall(CREATE, attributes, len(attributes), 0))
    try:
        for path in read:
            _allow(rules, path, READING & rights)
        for path in write:
            _allow(rules, path, rights & ~DEVICE_IOCTL)
        _checked(_libc.syscall(RESTRICT, rules, 0))
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= FILE_RIGHTS
        _checked(_libc.syscall(ADD, rules, 1, struct.pack("=Qi", rights, place), 0))
    finally:
        os.close(place)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
