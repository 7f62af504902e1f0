"""The judge's end of the pipe to one host. A host may send anything, so every frame is checked.

Checked are sizes and counts (before anything is allocated), times (never backwards, and inside the granted time),
connection numbers and credit. A host that breaks a rule was tampered with; the run ends with that verdict.
"""

from __future__ import annotations

import heapq
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.coordinator.failures import HostFailed, tampered
from labs.kit.worlds.simulated.wire import CREDIT, GOODBYE, HEADER, MESSAGE, NEVER, frame

MAX_FRAME = 64 << 20
MAX_MESSAGES = 200_000
MAX_PAYLOAD = 1 << 20
MAX_BYTES = 1 << 30
READ_BYTES = 1 << 16
"""The size of a pipe's buffer. The system would map and unmap a larger buffer for every single read."""
PIECE = 1 << 16

READS_A_LOOK = 64
FRAMES_A_LOOK = 4096


@dataclass(frozen=True)
class Limits:
    """The limits of the watchdogs, and of what one host may send to its judge.

    CPU seconds are the host's own, so a busy machine does not trip these limits; `silence_s` is the last resort. The
    watchdogs inside a host report at half of the limits, and can name the line of the repair.
    """

    cpu_at_one_instant_s: float = 20.0
    cpu_in_all_s: float = 240.0
    computing_s: float = 3.0  # virtual seconds of plain Python without a turn of the event loop; only the host checks it
    silence_s: float = 120.0
    look_ms: int = 200
    connections: int = 20_000  # more than a host's own descriptor limit
    signals: int = 100_000  # an honest host drops further signals itself
    signal_bytes: int = 32 << 20


LIMITS = Limits()


class HostLink:
    """One host process as the coordinator sees it.

    `next` is the time of the host's next event, in ns: it has run all earlier events. `pending` are the messages on their
    way to the host.
    """

    def __init__(
        self,
        name: str,
        pid: int,
        read_fd: int,
        write_fd: int,
        lookahead_ns: int,
        on_message: Callable[[HostLink, int, bytes, int, bytes], None],
        limits: Limits = LIMITS,
    ) -> None:
        self.name = name
        self.pid = pid
        self.read_fd, self.write_fd = read_fd, write_fd
        self.lookahead = lookahead_ns
        self.on_message = on_message
        self.limits = limits
        self.next = 0
        self.pending: list[tuple[int, int, bytes, int, bytes]] = []
        self._postponed: list[tuple[bytes, int, int, bytes]] = []
        self._own_next = 0
        self._floor = 0
        self._horizon = 0
        self._sequence = 0
        self._bytes = 0
        self._frames = 0
        self._waits_since: tuple[float, float] | None = None  # (clock, CPU of the host) when this frame was first late
        self._process = psutil.Process(pid)
        self._poll = select.poll()
        self._poll.register(read_fd, select.POLLIN | select.POLLHUP)
        os.set_blocking(write_fd, False)
        self._read_frame()

    @property
    def begins(self) -> bool:
        """Is this its first frame? It has not loaded the repair then."""
        return self._frames == 1

    def deliver(self, at: int, kind: bytes, cid: int, payload: bytes) -> None:
        """Queue a message that reaches the host at `at`."""
        self._sequence += 1
        heapq.heappush(self.pending, (at, self._sequence, kind, cid, payload))
        if at < self.next:
            self.next = at

    def grant(self, horizon: int) -> None:
        """Let the host run all its events before `horizon`, and take its messages."""
        self._take_pending(horizon)
        messages, self._postponed = self._postponed, []
        self._floor = self.next
        self._write(frame(horizon, messages))
        self._horizon = horizon
        self._read_frame()
        self.next = min(self._own_next, self.pending[0][0]) if self.pending else self._own_next

    def only_credit(self, horizon: int) -> list[tuple[int, int]]:
        """(connection, bytes) of all credit unknown to the host, if it has nothing but CREDIT before `horizon`; else [].

        This includes credit of postponed grants, and credit still on its way: while the host knows none of it, the host may
        wait for room to send, even if each single credit alone would change nothing.
        """
        if self._own_next < horizon or self.pending[0][2] != CREDIT:
            return []
        if any(kind != CREDIT for at, _, kind, _, _ in self.pending if at < horizon):
            return []
        unheard = [(cid, payload) for kind, _, cid, payload in self._postponed if kind == CREDIT]
        unheard += [(cid, payload) for _, _, kind, cid, payload in self.pending if kind == CREDIT]
        return [(cid, int.from_bytes(payload, "little")) for cid, payload in unheard]

    def postpone(self, horizon: int) -> None:
        """Skip a grant that would change nothing: its messages are sent with the next grant."""
        self._take_pending(horizon)
        self.next = min(self._own_next, self.pending[0][0]) if self.pending else self._own_next

    def _take_pending(self, horizon: int) -> None:
        while self.pending and self.pending[0][0] < horizon:
            at, _, kind, cid, payload = heapq.heappop(self.pending)
            self._postponed.append((kind, at, cid, payload))

    def close(self) -> None:
        """Tell the host to end, and close the pipe."""
        with suppress(OSError):  # the host is gone, or does not read; its parent ends it
            os.write(self.write_fd, GOODBYE)
        os.close(self.write_fd)
        os.close(self.read_fd)

    # -- frames

    def _gone(self) -> HostFailed:
        if self.begins:
            return HostFailed(Status.INFRA_ERROR, f"The process of {self.name} ended before the repair was loaded.")
        return HostFailed(Status.CRASHED, f"The process of {self.name} ended by itself during the run.")

    def _read_frame(self) -> None:
        self._waits_since = None
        self._frames += 1
        if self._frames % FRAMES_A_LOOK == 0:
            self._look_at_cpu(self._cpu_seconds())
        data = self._read(HEADER.size, b"")
        upcoming, count, size = HEADER.unpack_from(data)
        if size > MAX_FRAME or count > MAX_MESSAGES:
            raise tampered(self.name, f"a frame of {size} bytes and {count} messages")
        self._bytes += size
        if self._bytes > MAX_BYTES:
            raise tampered(self.name, f"more than {MAX_BYTES >> 20} MiB sent in one run")
        end = HEADER.size + size
        if len(data) < end:
            data = self._read(end, data)
        if len(data) != end:
            raise tampered(self.name, f"{len(data) - end} bytes after a frame")
        at, must_reach = HEADER.size, self._horizon
        lowest = self._floor
        for index in range(count):
            if at + MESSAGE.size > end:
                raise tampered(self.name, "a frame cut short")
            kind, when, cid, length = MESSAGE.unpack_from(data, at)
            at += MESSAGE.size
            if not lowest <= when < max(self._horizon, 1):
                raise tampered(self.name, f"a message from {when} ns, outside of [{lowest}, {self._horizon})")
            if length > MAX_PAYLOAD or at + length > end:
                raise tampered(self.name, f"a message of {length} bytes")
            if index == 0:
                must_reach = min(must_reach, when + self.lookahead)
            lowest = when
            self.on_message(self, when, kind, cid, data[at : at + length])
            at += length
        if at != end:
            raise tampered(self.name, "bytes between messages")
        if not must_reach <= upcoming <= NEVER:
            raise tampered(self.name, f"its next event at {upcoming} ns, before the {must_reach} ns it was to run to")
        self._own_next = upcoming

    def _read(self, size: int, data: bytes) -> bytes:
        """Read until there are at least `size` bytes, with the watchdogs active."""
        parts, have = [data], len(data)
        while have < size:
            if not self._poll.poll(self.limits.look_ms) or len(parts) % READS_A_LOOK == 0:
                self._wait_for_answer()
            try:
                piece = os.read(self.read_fd, READ_BYTES)
            except OSError as error:
                raise self._gone() from error
            if not piece:
                raise self._gone()
            parts.append(piece)
            have += len(piece)
        return b"".join(parts) if len(parts) > 1 else data

    def _cpu_seconds(self) -> float:
        try:
            times = self._process.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def _stopped(self) -> bool:
        """Has a signal such as SIGSTOP taken the process from the cores? Nothing else would say so for `silence_s`."""
        try:
            return bool(self._process.status() == psutil.STATUS_STOPPED)
        except psutil.Error:
            return False

    def _wait_for_answer(self) -> None:
        """Wait on for a frame that is late or comes in small pieces, up to the limits."""
        limits = self.limits
        if self._waits_since is None:
            self._waits_since = time.monotonic(), self._cpu_seconds()
        begun, cpu_begun = self._waits_since
        while True:
            used = self._cpu_seconds()
            if used - cpu_begun > limits.cpu_at_one_instant_s:
                raise self._hung(f"burned {used - cpu_begun:.0f} s of CPU without giving way")
            self._look_at_cpu(used)
            if self._stopped():
                raise HostFailed(Status.HUNG, f"The process of {self.name} was stopped by a signal, and answers nobody.")
            if time.monotonic() - begun > limits.silence_s:
                raise self._hung(f"did not answer for {limits.silence_s:.0f} s")
            if self._poll.poll(limits.look_ms):
                return

    def _look_at_cpu(self, used: float) -> None:
        if used > self.limits.cpu_in_all_s:
            raise self._hung(f"burned {used:.0f} s of CPU in one run")

    def _hung(self, what: str) -> HostFailed:
        return HostFailed(Status.HUNG, f"The process of {self.name} {what}: an endless loop, or a wait outside this world?")

    def _write(self, data: bytes) -> None:
        sent = 0
        begun = time.monotonic()
        while sent < len(data):
            try:
                sent += os.write(self.write_fd, data[sent : sent + PIECE] if sent else data)
            except BlockingIOError:
                writable = select.poll()
                writable.register(self.write_fd, select.POLLOUT)
                if not writable.poll(self.limits.look_ms) and time.monotonic() - begun > self.limits.silence_s:
                    raise self._hung(f"did not read for {self.limits.silence_s:.0f} s") from None
            except BrokenPipeError as error:
                raise self._gone() from error
