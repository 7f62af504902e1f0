"""The agent that brings configuration files to the shop's machine: it writes the shop's file in every way that there is."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

PREPARED, BESIDE, DELIVERED, ARRIVING, TORN = "prepared.json", "beside.json", "delivered", "arriving.json", "torn"


class Agent:
    """Writes one file.

    Whoever looks at the times of the file sees a new one after each write: the agent waits for the clock of the files, which
    stands still for some milliseconds. A file that was prepared and is put in place later is older than the one before it.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.emptied = ""
        """The file that the shop emptied last to write it."""
        self._newest = 0

    def first(self, data: bytes) -> None:
        """What is there before the shop starts.

        A shop that is started again finds what it left, also if that is no file; and what happened while it was down: half
        of the file that it was writing, a new file.
        """
        self._newest = max((entry.stat(follow_symlinks=False).st_mtime_ns for entry in os.scandir()), default=0)
        if not os.path.exists(DELIVERED):
            self._write(self.path, data)
            self._write(Path(DELIVERED), b"")
        if os.path.exists(TORN):
            written = Path(Path(TORN).read_text())
            os.remove(TORN)
            if written.is_file():
                os.truncate(written, written.stat().st_size // 2)
        if os.path.exists(ARRIVING):
            self._clear()
            os.replace(ARRIVING, self.path)

    async def put(self, how: str, data: bytes, torn_s: float = 0.0) -> None:
        """Bring `data` to the path, and send SIGHUP.

        Args:
            how: "replace" by a whole file, "rewrite" in place in two halves, "prepare" and later "put back" a whole file;
                "directory", "missing", "circle", "link", "locked"; "down": once the process has ended. And "tear": the
                process will end while it writes the file that it has last emptied and written, if it still has that name.
            torn_s: seconds between the two halves.
        """
        if how in ("prepare", "down", "tear"):
            held = {"prepare": PREPARED, "down": ARRIVING, "tear": TORN}[how]
            self._write(Path(held), self.emptied.encode() if how == "tear" else data)
            return
        if how == "put back":
            self._clear()
            os.replace(PREPARED, self.path)
        elif how == "rewrite":
            self._clear()
            self._write(self.path, data[: len(data) // 2])
            await asyncio.sleep(torn_s)
            self._write(self.path, data)
        elif how in ("replace", "locked"):
            self._clear()
            self._write(Path(BESIDE), data)
            os.replace(BESIDE, self.path)
            self.path.chmod(0o000 if how == "locked" else 0o644)
        else:
            self._clear(all_of_it=True)
            self._special(how, data)
        hang_up()

    def _special(self, how: str, data: bytes) -> None:
        if how == "directory":
            self.path.mkdir()
        elif how == "circle":
            self.path.symlink_to(self.path.name)
        elif how == "link":
            self._write(Path("linked.json"), data)
            self.path.symlink_to("linked.json")

    def _clear(self, all_of_it: bool = False) -> None:
        """Move what is no plain file that can be written out of the way; with `all_of_it` a plain file, too."""
        plain = self.path.is_file() and not self.path.is_symlink() and os.access(self.path, os.W_OK)
        if os.path.lexists(self.path) and (all_of_it or not plain):
            aside = next(name for name in map("gone-{}".format, itertools.count()) if not os.path.lexists(name))
            os.replace(self.path, aside)

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file in place, until its time is a new one."""
        while True:
            path.write_bytes(data)
            changed = path.stat().st_mtime_ns
            if changed > self._newest:
                self._newest = changed
                return


def hang_up() -> None:
    """Send SIGHUP to this process, if the code under repair has a handler for it; without one, it would end here."""
    handler: Callable[..., object] | int | None = signal.getsignal(signal.SIGHUP)
    if handler not in (signal.SIG_DFL, signal.SIG_IGN, None):
        signal.raise_signal(signal.SIGHUP)
