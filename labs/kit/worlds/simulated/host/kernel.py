"""The kernel of one simulated host: virtual time, the threads that run in it, and its pipe to the judge.

Threads are real threads of this process, but only the thread that holds the *baton* runs, and it gives up the baton only in
a simulated blocking call. Runnable threads wait in a queue. When no thread is runnable, time advances: without a request up
to the horizon that the judge has granted, and beyond it after a request to the judge.

An idle host costs no CPU time: it sends the time of its next event and waits for the judge's next grant.
"""

from __future__ import annotations

import _thread
import heapq
import io
import os
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from labs.kit.model.names import FIX_FILE, NS
from labs.kit.worlds.simulated.wire import COMPUTES, DEADLOCK, HEADER, MESSAGE, MONOTONIC_S, NEVER, OWN_LOCK, SLICE_NS, frame

SPIN_FREE = 20_000
SPIN_EARNED_NS = 1_000
SPIN_NS = 4_000
SPIN_LUMP = 8
SPIN_LONG = 100_000
SPIN_LONG_NS = 50_000
"""Busy polling must not stop virtual time. SPIN_FREE turns are free, and one more for each SPIN_EARNED_NS of other virtual
time; every further turn costs SPIN_NS, about the cost of a live turn of the event loop, charged for several turns at once.
After SPIN_LONG of these, each costs SPIN_LONG_NS: constant polling holds its core in any case, and at SPIN_NS a run of a
minute would take fifteen million turns."""
READ_BYTES = 1 << 16
"""The size of a pipe's buffer. The system would map and unmap a larger buffer for every single read."""

allocate_real_lock = _thread.allocate_lock
start_real_thread = _thread.start_new_thread
get_ident = _thread.get_ident
exit_process = os._exit


active: Kernel | None = None
"""The kernel of this process, if the process is a simulated host."""


class Interpreter:
    """One interpreter lock, of a process or of a worker in a process pool. `held` is the thread that holds it."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: SimThread | None = None


class SimThread:
    """One thread of this host. It waits on the real lock `gate` while it does not hold the baton."""

    __slots__ = ("deadline", "gate", "interpreter", "number", "parked", "queued_for", "reachable", "woken")

    def __init__(self, interpreter: Interpreter, number: int) -> None:
        self.number = number  # the thread's ident for the host's code: the real one changes from run to run
        self.gate = allocate_real_lock()
        self.gate.acquire()
        self.interpreter = interpreter
        self.parked = False
        self.woken = False  # by another, not by its deadline
        self.deadline = NEVER
        self.queued_for = NEVER  # the thread's earliest time in Kernel.timers
        self.reachable = False  # it waits for the network, which may still wake it


class Kernel:
    """Virtual time, threads, connections and descriptors of one host."""

    def __init__(self) -> None:
        self.now = self.born = 0  # one that is started again is born later
        self.up_ns = MONOTONIC_S * NS  # what the monotonic clock is ahead of `now`
        self.floor = 0  # the judge was told that nothing more will be sent before this time
        self.horizon = 0
        self.turns = 0  # of event loops: without turns, a computation is endless
        self.waiting = False  # for the judge's next grant
        self.switching = False  # code that the garbage collector runs meanwhile must not park
        self.live = False  # False while the zygote imports: no charges, real threads
        self.main = Interpreter()
        self.threads_started = 1
        self.current = SimThread(self.main, self.threads_started)
        self.main_ident = get_ident()
        self.threads: dict[int, SimThread] = {self.main_ident: self.current}
        self.runnable: deque[SimThread] = deque()
        self.timers: list[tuple[int, int, SimThread]] = []
        self.inbox: list[tuple[int, int, bytes, int, bytes]] = []
        self.outbox: list[tuple[bytes, int, int, bytes]] = []
        self.before_waiting: Callable[[int, int], None] = lambda now, upcoming: None
        self.on_message: Callable[[bytes, int, bytes], None] = lambda kind, cid, payload: None
        self.sequence = 0
        self.judge: Any = None
        self.write_fd = -1
        self.lookahead = 0  # no answer to a message sent now can come sooner than this
        self.cores = 2
        self.cores_busy = 0
        self.waiting_for_core: deque[SimThread] = deque()
        self.cpu_ns = 0
        self._owed_ns = 0
        self._spins = 0
        self._spins_from = 0
        self._spun = 0  # turns that were charged

    def configure(self, read_fd: int, write_fd: int, lookahead_ns: int, cores: int) -> None:
        """Attach to the judge."""
        self.judge = io.BufferedReader(io.FileIO(read_fd), READ_BYTES)
        self.write_fd = write_fd
        self.lookahead = lookahead_ns
        self.cores = cores

    def next_sequence(self) -> int:
        """An ascending number that orders events at the same instant."""
        self.sequence += 1
        return self.sequence

    # -- threads

    def park(self, deadline: int = NEVER, reachable: bool = False) -> bool:
        """Give up the baton until woken (True) or until `deadline` (False)."""
        if self.switching:
            raise RuntimeError("a destructor cannot block while the simulated kernel switches threads")
        self.switching = True
        me = self.current
        me.parked, me.woken, me.deadline, me.reachable = True, False, deadline, reachable
        if deadline < me.queued_for:
            self._queue_timer(me)
        self.switch(me)
        return me.woken

    def wake(self, thread: SimThread) -> None:
        """Make a parked thread runnable, now."""
        if thread.parked:
            thread.parked, thread.woken = False, True
            self.runnable.append(thread)

    def give_way(self) -> None:
        """Let all other runnable threads run first."""
        if self.runnable and not self.switching:
            self.runnable.append(self.current)
            self.switch(self.current)

    def switch(self, me: SimThread | None) -> None:
        """Pass the baton to the next runnable thread and sleep until it returns; with None, the calling thread ends."""
        self.switching = True
        chosen = self._pick() if self.runnable else None
        while chosen is None:
            self._advance()
            chosen = self._pick() if self.runnable else None
        self.switching = False
        if chosen is me:
            return
        self.current = chosen
        chosen.gate.release()
        if me is not None:
            me.gate.acquire()

    def start_thread(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        """Start a simulated thread, which runs when it gets the baton. Returns its ident."""
        self.threads_started += 1
        thread = SimThread(self.current.interpreter, self.threads_started)
        at_gate = allocate_real_lock()
        at_gate.acquire()

        def boot() -> None:
            at_gate.release()
            thread.gate.acquire()
            ident = get_ident()
            self.threads[ident] = thread
            try:
                function(*args, **kwargs)
            except SystemExit:
                pass
            except BaseException:  # noqa: BLE001 - the interpreter would print it without the baton
                sys.excepthook(*sys.exc_info())
            finally:
                del self.threads[ident]
                self.switch(None)

        start_real_thread(boot, ())
        at_gate.acquire()  # otherwise the system decides when the new thread allocates its memory
        self.runnable.append(thread)
        return thread.number

    def _pick(self) -> SimThread | None:
        """The first runnable thread whose interpreter lock no other thread holds."""
        for position, thread in enumerate(self.runnable):
            if thread.interpreter.held in (None, thread):
                del self.runnable[position]
                return thread
        return None

    # -- time

    def sleep(self, ns: int) -> None:
        """Block this thread for `ns` of virtual time."""
        if ns > 0:
            self.park(min(self.now + ns, NEVER - 1))  # NEVER itself would mean a deadlock
        else:
            self.spin()
            self.give_way()

    def spin(self) -> None:
        """Called by everything that can be polled without end at one instant: clock reads, sleep(0), an empty select."""
        self._spins += 1
        if self._spins > SPIN_FREE:
            self._spins = max(0, self._spins - (self.now - self._spins_from) // SPIN_EARNED_NS)
            self._spins_from = self.now
            if self._spins > SPIN_FREE and self.live:
                self._spins -= SPIN_LUMP
                self._spun += SPIN_LUMP
                self.cpu(SPIN_LUMP * (SPIN_NS if self._spun <= SPIN_LONG else SPIN_LONG_NS))
                self._spins_from = self.now

    def cpu(self, ns: int, give_way: bool = True, holds_interpreter: bool = True, declared: bool = False) -> None:
        """Compute for `ns` in slices: hold one core and, by default, the interpreter lock. `declared`: tell the judge."""
        if self.switching:
            self._owed_ns += ns  # by a destructor that the garbage collector runs; charged with the next work
            return
        ns, self._owed_ns = ns + self._owed_ns, 0
        me = self.current
        interpreter = me.interpreter
        while ns > 0:
            while self.cores_busy >= self.cores:
                self.waiting_for_core.append(me)
                self.park()
            self.cores_busy += 1
            step = min(ns, SLICE_NS)
            ns -= step
            self.cpu_ns += step
            if declared:
                own = holds_interpreter and interpreter is self.main
                self.send(COMPUTES, OWN_LOCK if own else me.number, step.to_bytes(4, "little"))
            if holds_interpreter:
                interpreter.held = me
            self.park(self.now + step)
            if holds_interpreter:
                interpreter.held = None
            self.cores_busy -= 1
            if self.waiting_for_core:
                self.wake(self.waiting_for_core.popleft())
            if ns > 0 or give_way:
                self.give_way()

    def _queue_timer(self, thread: SimThread) -> None:
        thread.queued_for = thread.deadline
        self.sequence += 1
        heapq.heappush(self.timers, (thread.deadline, self.sequence, thread))

    def _next_timer(self) -> int:
        """The earliest deadline of a parked thread; drops timers of threads that were woken before it."""
        timers = self.timers
        while timers:
            at, _, thread = timers[0]
            if thread.queued_for == at and thread.parked and thread.deadline == at:
                return at
            heapq.heappop(timers)
            if thread.queued_for == at:
                thread.queued_for = NEVER
                if thread.parked and thread.deadline < NEVER:
                    self._queue_timer(thread)
        return NEVER

    def _advance(self) -> None:
        """Advance time to the next event, or ask the judge for more time."""
        inbox = self.inbox
        timer = upcoming = self._next_timer()
        if inbox and inbox[0][0] < timer:
            upcoming = inbox[0][0]
        if upcoming >= self.horizon:
            self.exchange(upcoming)
            return
        if upcoming > self.now:
            self.now = upcoming
        while inbox and inbox[0][0] <= self.now:
            _, _, kind, cid, payload = heapq.heappop(inbox)
            self.on_message(kind, cid, payload)
        while timer <= self.now and self._next_timer() <= self.now:
            _, _, thread = heapq.heappop(self.timers)
            thread.queued_for = NEVER
            thread.parked = False
            self.runnable.append(thread)

    # -- the judge

    def send(self, kind: bytes, cid: int = 0, payload: bytes = b"") -> None:
        """Queue a message for the judge, stamped now. An answer may come after `lookahead`: do not run past that."""
        at = self.now if self.now > self.floor else self.floor
        self.outbox.append((kind, at, cid, payload))
        if kind in b"DFRKWCL" and at + self.lookahead < self.horizon:
            self.horizon = at + self.lookahead

    def exchange(self, upcoming: int) -> None:
        """Send the queued messages, and wait for the next grant of time."""
        if upcoming == NEVER and self.live and self._deadlocked():
            self.send(DEADLOCK, 0, self.where().encode())
        self.waiting = True
        self.before_waiting(self.now, upcoming)
        messages, self.outbox = self.outbox, []
        self._write(frame(upcoming, messages))
        horizon, count, size = HEADER.unpack(self._read(HEADER.size))
        if horizon < 0:
            exit_process(0)
        body = memoryview(self._read(size))
        at = 0
        for _ in range(count):
            kind, when, cid, length = MESSAGE.unpack_from(body, at)
            at += MESSAGE.size
            self.sequence += 1
            heapq.heappush(self.inbox, (when, self.sequence, kind, cid, bytes(body[at : at + length])))
            at += length
        self.waiting = False
        self.horizon = horizon
        self.floor = min(upcoming, self.inbox[0][0]) if self.inbox else upcoming
        if self.outbox:  # the garbage collector closed a socket during this call
            late, self.outbox = self.outbox, []
            for kind, _, cid, payload in late:
                self.send(kind, cid, payload)

    def _read(self, size: int) -> bytearray:
        """Exactly `size` bytes from the judge, read into one buffer that is allocated at once.

        If each piece were an object of its own, memory would depend on the pieces, and so on the machine; and the judge may
        be measuring this host's memory.
        """
        data = bytearray(size)
        if self.judge.readinto(data) < size:
            exit_process(0)  # the judge is gone
        return data

    def _write(self, data: bytes) -> None:
        try:
            sent = os.write(self.write_fd, data)
            while sent < len(data):
                sent += os.write(self.write_fd, data[sent:])
        except BrokenPipeError:
            exit_process(0)  # the judge is gone

    def _deadlocked(self) -> bool:
        """Is there no timer, and no thread that waits for the network? Then no thread of this host can ever run again."""
        return not any(thread.reachable for thread in self.threads.values() if thread.parked)

    def where(self, thread_ident: int = 0) -> str:
        """The position of a thread, by default the main one: its innermost line in the repair, if there is one."""
        frame_ = sys._current_frames().get(thread_ident or self.main_ident)
        while frame_ is not None:
            if frame_.f_code.co_filename == FIX_FILE:
                return f"{FIX_FILE}:{frame_.f_lineno}"
            frame_ = frame_.f_back
        return "the service"
