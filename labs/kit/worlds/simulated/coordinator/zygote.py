"""The judge's side of the zygote: starts simulated hosts, and ensures that no host outlives its run."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from labs.kit.model.lab import Lab
from labs.kit.model.verdict import Status
from labs.kit.worlds.sandbox import bubblewrap, places
from labs.kit.worlds.sandbox.tiers import Tier
from labs.kit.worlds.simulated.coordinator.failures import HostFailed

ROOT = Path(__file__).resolve().parents[5]
STARTS_WITHIN_S = 120.0
HASH_SEED = "0"
FOR_THE_ZYGOTE = ("app", "import_from", "folder")
"""All that the zygote learns of a service. What it has read, each host that it forks later finds in its own memory."""
LARGE = 128 << 10
"""The size in bytes from which glibc gives an object its own mapping, which returns to the system when it is freed."""


class Zygote:
    """One zygote process and the hosts forked from it; in a sandbox, the hosts of one lab.

    `prepared` are the files that a sandboxed host may read beside its lab's own.
    """

    def __init__(self, tier: Tier = Tier.OPEN, lab: Lab | None = None) -> None:
        self.prepared = places.prepared_by(lab) if lab is not None else []
        self._inner: dict[int, int] = {}  # the process id of a host: its id in the sandbox's own namespace
        ours, theirs = socket.socketpair()
        with theirs:
            environment = {
                "PATH": "/usr/bin:/bin",  # not the judge's own: a host's environment is the same on every machine
                "HOME": "/nonexistent",
                "LANG": "C.UTF-8",
                "PYTHONHASHSEED": HASH_SEED,  # sets of strings iterate alike in every run
                "PYTHONPATH": str(ROOT),
                "OPENBLAS_NUM_THREADS": "1",  # a zygote must have one thread, also if a lab imports numpy
                "TZ": "UTC",
                "MALLOC_ARENA_MAX": "1",  # glibc would set 64 MB of address space apart for each thread
                "MALLOC_MMAP_THRESHOLD_": str(LARGE),  # otherwise each free raises it, and large objects leave holes
            }
            module, end = "labs.kit.worlds.simulated.host.main", str(theirs.fileno())
            read = places.of_run(lab, self.prepared) if lab is not None else []
            if tier is Tier.BWRAP:
                wrapped = bubblewrap.wrap(places.Place(read), module, end)
            elif tier is Tier.CAGE:
                wrapped = bubblewrap.Wrapped(bubblewrap.as_own_user(read, module, end))
            else:
                wrapped = bubblewrap.Wrapped(bubblewrap.plain(module, end))
            options = {**wrapped.options, "pass_fds": [theirs.fileno()]}
            self._process = bubblewrap.in_lasting_thread(
                lambda: subprocess.Popen(
                    wrapped.command,
                    **options,
                    env=environment,
                    cwd="/",  # a file in the learner's folder named like a module must not shadow it
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=None if os.environ.get("BREAKFIX_HOST_STDERR") else subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C in a terminal must reach only the judge, which then ends the hosts
                )
            )
        self._link = ours
        self._lock = threading.Lock()
        self._owner = os.getpid()
        ours.settimeout(STARTS_WITHIN_S)
        if self._receive(1) != b"!":
            raise HostFailed(Status.INFRA_ERROR, "The simulated hosts could not be started.")

    @property
    def usable(self) -> bool:
        """Does the zygote belong to this process, and is it alive?"""
        return self._owner == os.getpid() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the zygote; of one in a sandbox, of the sandbox round it."""
        return self._process.pid

    def start(self, spec: dict[str, Any], shared: int | None = None) -> tuple[int, int, int]:
        """Fork a host for `spec`. Returns its process id and the judge's ends of its pipe: (pid, read, write).

        `shared` is the descriptor of the file to which a measured host writes its memory use (see memory_meter.py).
        """
        to_judge_read, to_judge_write = os.pipe()
        to_host_read, to_host_write = os.pipe()
        order = {key: spec[key] for key in FOR_THE_ZYGOTE if key in spec}
        try:
            inner, pid = self._order(order, [to_host_read, to_judge_write, *([shared] if shared is not None else [])])
        except BaseException:
            os.close(to_judge_read)
            os.close(to_host_write)
            raise
        finally:
            os.close(to_host_read)
            os.close(to_judge_write)
        self._inner[pid] = inner
        with suppress(BrokenPipeError), os.fdopen(to_host_write, "wb", closefd=False) as pipe:  # who reads next says so
            body = json.dumps(spec).encode()
            pipe.write(len(body).to_bytes(4, "little") + body)
        return pid, to_judge_read, to_host_write

    def end(self, pid: int) -> int:
        """End a host with certainty. Returns its exit code, negative if a signal ended it."""
        return self._order({"end": self._inner.pop(pid, pid)}, [])[0]

    def forget(self, folder: str) -> None:
        """Remove the working directory of a sandboxed host, which the zygote has made."""
        self._order({"forget": folder}, [])

    def opened(self, path: str) -> int:
        """A descriptor of a file in the folder of a host that has ended, as `kept_files.opened` gives it. Raises OSError."""
        error, descriptor = self._ask({"open": path}, [])
        if descriptor is None:
            raise OSError(error, os.strerror(error))
        return descriptor

    def _order(self, order: dict[str, Any], descriptors: list[int]) -> tuple[int, int]:
        """The zygote's answer to an order; with it the process id that it means, as this process knows it."""
        answer, handle = self._ask(order, descriptors)
        return answer, answer if handle is None else _process_of(handle)

    def _ask(self, order: dict[str, Any], descriptors: list[int]) -> tuple[int, int | None]:
        """The zygote's answer to an order, and the descriptor that came with it."""
        body = json.dumps(order).encode()
        with self._lock:
            try:
                head = len(body).to_bytes(4, "little")
                if descriptors:
                    socket.send_fds(self._link, [head], descriptors)
                else:
                    self._link.sendall(head)
                self._link.sendall(body)
                answer, handles, _, _ = socket.recv_fds(self._link, 1, 1)
                while not answer.endswith(b"\n"):
                    answer += self._receive(1)
            except OSError as error:
                raise HostFailed(Status.INFRA_ERROR, f"The simulated hosts' parent process is gone: {error}.") from error
        return int(answer), handles[0] if handles else None

    def _receive(self, size: int) -> bytes:
        data = self._link.recv(size)
        if not data:
            raise HostFailed(Status.INFRA_ERROR, "The simulated hosts' parent process ended.")
        return data

    def close(self) -> None:
        """End the zygote, which ends its hosts."""
        self._link.close()
        if self._owner == os.getpid():
            self._process.wait(STARTS_WITHIN_S)


def _process_of(handle: int) -> int:
    """The process id, in this process's namespace, of the process that a pidfd names (pidfd_open(2)). Closes the pidfd."""
    try:
        lines = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
    finally:
        os.close(handle)


_zygotes: dict[tuple[Tier, str], Zygote] = {}
_nursery_lock = threading.Lock()


def zygote(tier: Tier = Tier.OPEN, lab: Lab | None = None) -> Zygote:
    """The zygote of this process, started at the first call. A sandboxed one sees one lab, so each lab has its own."""
    lab = None if tier is Tier.OPEN else lab
    name = tier, lab.name if lab is not None else ""
    with _nursery_lock:
        if name not in _zygotes or not _zygotes[name].usable:
            _zygotes[name] = Zygote(tier, lab)
            atexit.register(_zygotes[name].close)
        return _zygotes[name]
