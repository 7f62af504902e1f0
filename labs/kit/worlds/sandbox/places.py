"""What a sandboxed process sees of this machine's files: this Python, the kit, one lab, and nothing that is the judge's."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import labs
from labs.kit.model.lab import Lab
from labs.kit.worlds.sandbox.cage import Rules

LABS = Path(labs.__file__).resolve().parent
KIT = Path(__file__).resolve().parents[2]
NOT_IN_SANDBOX = ("fixes", "notebook.py", "runbook.md")
"""Of a lab's folder: no process of a run needs them."""
NOT_FOR_REPAIRS = (*NOT_IN_SANDBOX, "checks.py", "diagnosis.py", "__pycache__")
"""The lab's package imports these, so its hosts' parent needs them; a host may not read them again."""
SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types",
    "/etc/ssl/openssl.cnf", "/proc/self",
)  # fmt: skip
HOSTS_BYTES = 64 << 20
"""The size of each of the memory file systems of a sandbox: what its processes can write in all."""
RUN_BYTES = 768 << 20
"""The same of a live run: PostgreSQL's files begin with 60 MB, and grow with the load."""
TASKS = 1024
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
"""A live service gets no netlink, no packets, and no vsock to the host of a virtual machine."""


@dataclass(frozen=True)
class Place:
    """The environment of a sandboxed process.

    Args:
        read: files and folders that it sees, beside the system's own programs and libraries.
        nests: does it put others into sandboxes of their own inside this one?
        nested: is it one of those? Then its network is that of the sandbox round it.
        proc: does it get a /proc of its own?
        own: a folder that is its /tmp; otherwise that is a memory file system.
        tmp_bytes: the size of each of its memory file systems.
    """

    read: Sequence[str]
    nests: bool = False
    nested: bool = False
    proc: bool = True
    own: str = ""
    tmp_bytes: int = HOSTS_BYTES


def python() -> list[str]:
    """The folders of this Python and of its packages, without what is below /usr."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sys.executable).resolve().parent}
    wanted |= {Path(entry) for entry in sys.path if entry.endswith("-packages") and Path(entry).is_dir()}
    outside = sorted(path for path in wanted if not path.is_relative_to("/usr"))
    return [str(path) for path in outside if not any(path != other and path.is_relative_to(other) for other in outside)]


def kit() -> list[str]:
    """The Python, and the files of this repository that belong to no lab."""
    return [*python(), *(str(path) for path in (LABS / "__init__.py", KIT, LABS / "town") if path.exists())]


def of_run(lab: Lab, prepared: Sequence[Path] = ()) -> list[str]:
    """What the processes of a run see: one lab, without its repairs and its page."""
    return [*kit(), *_of_lab(lab, NOT_IN_SANDBOX), *map(str, prepared)]


def of_repair(lab: Lab, prepared: Sequence[Path] = ()) -> list[str]:
    """What a process may read once it runs the repair."""
    return [*SYSTEM, *kit(), *_of_lab(lab, NOT_FOR_REPAIRS), *map(str, prepared)]


def rules_of_host(lab: Lab, prepared: Sequence[Path], own_user: bool) -> Rules:
    """The cage of a simulated host: no network and no processes, and files only in its own working directory."""
    return Rules(read=of_repair(lab, prepared), write=["."], tasks=TASKS if own_user else 0)


def rules_of_service(lab: Lab, prepared: Sequence[Path], own_user: bool) -> Rules:
    """The cage of a live service, which has real sockets, and may start programs."""
    read = of_repair(lab, prepared)
    # Landlock does not keep a process from the machine's sockets in folders; in a sandbox there are none.
    families = FAMILIES if own_user else tuple(family for family in FAMILIES if family is not socket.AF_UNIX)
    return Rules(read, write=["."], sockets=families, processes=True, tasks=TASKS // 4 if own_user else 0)


def prepared_by(lab: Lab) -> list[Path]:
    """The lab's prepared files, made if necessary; readable for all, because root's hosts are another user."""
    make: Callable[[], Sequence[Path]] = lab.prepares
    paths = [Path(path) for path in make()]
    for path in paths:
        path.chmod(path.stat().st_mode | 0o444)
        if not os.access(path, os.R_OK):
            raise OSError(f"{path}, which {lab.name} prepares, cannot be read")
    return paths


def _of_lab(lab: Lab, without: Sequence[str]) -> list[str]:
    """The files of a lab's folder, and the packages round it."""
    root = Path(lab.import_from) if lab.import_from else LABS
    above = [folder / "__init__.py" for folder in lab.folder.parents if folder != root and folder.is_relative_to(root)]
    return [str(path) for path in (*above, *sorted(lab.folder.iterdir())) if path.exists() and path.name not in without]
