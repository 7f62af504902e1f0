"""The child processes of benchmarks: starts one, exchanges messages with it, and ends it with certainty."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from labs.kit.worlds.live.world import environment
from labs.kit.worlds.simulated.coordinator import cpu_pinning

SAYS_WITHIN_S = 60.0
ENDS_WITHIN_S = 10.0


class Child:
    """A process that exchanges JSON lines like those of a live run (see `labs.kit.worlds.live.child`)."""

    def __init__(self, module: str, spec: dict[str, Any], folder: str, on: set[int] | None) -> None:
        self.module = module
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(folder), cwd=folder,
            start_new_session=True,  # it leads a group of its own, which it kills when its pipe from here closes
        )  # fmt: skip
        if on is not None:
            place(self.process.pid, on)
        self._said: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        # Read at once: a child with a full pipe would stall, and the stall would be measured.
        self._reading = threading.Thread(target=self._listen, daemon=True)
        self._reading.start()
        self.order(**spec)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))
        self._said.put(None)

    def order(self, **message: Any) -> None:
        """Send one line to the process. If it is gone, the next `hear` raises."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def hear(self, key: str) -> Any:
        """The value of the next message with `key`; earlier messages are dropped.

        Raises:
            RuntimeError: the process ended, or was silent for a minute.
        """
        while True:
            try:
                message = self._said.get(timeout=SAYS_WITHIN_S)
            except queue.Empty:
                raise RuntimeError(f"{self.module} said nothing for {SAYS_WITHIN_S:g} s, expected {key!r}") from None
            if message is None:
                assert self.process.stderr is not None
                last = self.process.stderr.read().decode(errors="replace").strip().rpartition("\n")[2]
                raise RuntimeError(f"{self.module} ended, expected {key!r}; its last words: {last or 'none'}")
            if key in message:
                return message[key]

    def close(self) -> None:
        """End the process and all that it started."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reading.join()
        self.process.stdout.close()
        self.process.stderr.close()


@contextmanager
def child(module: str, spec: dict[str, Any], on: set[int] | None = None) -> Iterator[Child]:
    """A process that runs `module`, on the cores `on` if given, until the end of the context."""
    with tempfile.TemporaryDirectory(prefix="breakfix-bench-") as folder:
        started = Child(module, spec, folder, on)
        try:
            yield started
        finally:
            started.close()


def place(pid: int, on: set[int]) -> None:
    """Pin a process (0: the calling thread, and what it starts) to these cores, if the system can."""
    if cpu_pinning.CAN_PIN:
        with suppress(OSError):  # a container may forbid it: then the run is not pinned
            os.sched_setaffinity(pid, on)


@contextmanager
def apart() -> Iterator[set[int]]:
    """One core for the process under measurement; meanwhile the caller and its processes are kept off this core.

    With only one core, all share it; if processes cannot be pinned, the set is empty.
    """
    if not cpu_pinning.CAN_PIN:
        yield set()
        return
    allowed = os.sched_getaffinity(0)
    core = max(allowed)
    place(0, allowed - {core} or allowed)
    try:
        yield {core}
    finally:
        place(0, allowed)
