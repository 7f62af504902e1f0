"""The processes of one live run: starts them, reads their messages, and ends them with certainty."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from typing import Any

import psutil

from labs.kit.model.names import DATABASE, LOAD, MB, NS, PROXY
from labs.kit.model.record import JUDGE
from labs.kit.model.verdict import Status
from labs.kit.worlds.live import cgroup
from labs.kit.worlds.live.child import Parent
from labs.kit.worlds.sandbox import bubblewrap
from labs.kit.worlds.sandbox.places import Place

READY_WITHIN_S = 30.0
STOPS_WITHIN_S = 3.0
LONGEST_LINE = 16 << 20
LONGEST_CAUSE = 600
SIGNALLED = 128
MAY_SAY = {
    PROXY: frozenset({"exchange", "samples", "blind"}),
    LOAD: frozenset({"rows", "begun", "idle_lag_ms"}),
    DATABASE: frozenset({"samples"}),
}
"""The messages of a child that go unchanged to the record. Services have no entry: they may only send signals."""


class NotReady(Exception):
    """A new version did not become ready; the message says why."""


class Ended(Exception):
    """The run has ended early; `status` and `detail` are those of the run's own row."""

    def __init__(self, status: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Child:
    """One process of the run, and its messages."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.is_service = name not in (PROXY, LOAD, DATABASE)
        self.ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self.inside = 0  # in a sandbox, the id of the service itself; `pid` is that of the sandbox
        self.in_cgroup = self.ended_by_kernel = False  # does the kernel enforce its limit, and has it killed the process?
        self.on_trial = False  # a new version that is not ready yet: its end does not end the run
        self.reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The id of the process, which leads a group."""
        return self.process.pid

    @property
    def seen(self) -> int:
        """The id of the process to measure."""
        return self.inside or self.pid

    def kill(self) -> None:
        """End the process and its group on purpose: this end is not reported."""
        self.ended.set()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def order(self, **message: Any) -> None:
        """Send one line to the process."""
        if self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(json.dumps(message).encode() + b"\n")


class Processes:
    """The processes of one run by name, and the links that lead to them.

    `restarted` names the services that are started again if the kernel kills them at their memory limit.
    """

    def __init__(self, parent: Parent) -> None:
        self.parent, self.plan = parent, parent.spec
        self.children: dict[str, Child] = {}
        self.restarted: set[str] = set()
        self.cgroups = False
        self.links: list[str] = []
        self.start_ns = 0
        self.trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, name: str, module: str, spec: dict[str, Any]) -> Child:
        """Start one process, which has the name from now on, and send it its description."""
        child = self.children[name] = await self.spawn(name, module, spec)
        return child

    async def spawn(self, name: str, module: str, spec: dict[str, Any]) -> Child:
        """Start one process and send it its description."""
        limit_mb = spec.get("memory_limit_mb", 0.0) if self.cgroups else 0.0
        folder, told = self.folder_of(name), None
        wrapped = bubblewrap.Wrapped(bubblewrap.plain(module))
        if spec.get("cage"):
            os.makedirs(folder, exist_ok=True)
            if "nested" in self.plan:
                told, tells = os.pipe()
                wrapped = bubblewrap.wrap(Place(**{**self.plan["nested"], "own": folder}), module, tells=tells)
        process = await asyncio.create_subprocess_exec(
            *(cgroup.within(round(limit_mb * MB)) if limit_mb else ()), *wrapped.command, **wrapped.options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=None, limit=LONGEST_LINE,
            start_new_session=True, cwd=folder,
        )  # fmt: skip
        child = Child(name, process)
        if told is not None:
            os.close(tells)
            child.inside = await asyncio.to_thread(_told_by, told)
        child.in_cgroup = limit_mb > 0
        child.order(**spec)
        child.reading = asyncio.create_task(self._listen(child))
        return child

    def folder_of(self, name: str) -> str:
        """The working directory of a process: in a sandbox its own, for the others' files are none of its business."""
        caged = any(spec["name"] == name and spec.get("cage") for spec in self.plan["services"])
        return os.path.join(self.plan["folder"], name) if caged else self.plan["folder"]

    async def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        try:
            while line := await child.process.stdout.readline():
                self._hear(child, line)
        except ValueError:
            self.fail(Status.TAMPERED, f"{child.name} said a line of more than {LONGEST_LINE >> 20} MiB.")
            return
        code = await child.process.wait()
        if child.inside and code > SIGNALLED:  # as bubblewrap tells that a signal ended the process
            code = SIGNALLED - code
        if not child.ended.is_set():
            child.ended.set()
            # The runner has not killed it, and a crash is not a SIGKILL: its supervisor starts it again.
            child.ended_by_kernel = child.in_cgroup and code == -signal.SIGKILL and child.name in self.restarted
            if code == -signal.SIGSYS:
                self.fail(Status.TAMPERED, f"{child.name} asked the system for what no repair needs, and was ended.")
            elif not child.ended_by_kernel:
                self._fail_in(child, f"ended with {_in_words(code)}.")

    def _hear(self, child: Child, line: bytes) -> None:
        """Take one line of a child. It is parsed: a service may only report on itself, other children may say more."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        may_say = MAY_SAY.get(child.name, frozenset())
        if "table" in message and (child.is_service or child.name == DATABASE):
            self.parent.tell(signal=message, host=child.name)
        elif "no_cage" in message and child.is_service and not child.ready.done():
            self.fail("infra_error", str(message["no_cage"])[:LONGEST_CAUSE])
        elif "ready" in message and (not child.is_service or _is_port(message["ready"])):
            if not child.ready.done():
                child.ready.set_result(message["ready"])
        elif "failed" in message:
            child.ended.set()
            where = f" ({message.get('file')}:{message['line']})" if message.get("line") else ""
            self._fail_in(child, f"ended with {str(message['failed'])[:LONGEST_CAUSE]}{where}.")
        elif "ended" in message:
            child.ended.set()
        elif may_say and message.keys() <= may_say:
            self.parent.tell_raw(line.rstrip())
        else:
            said = ", ".join(sorted(message)[:5])[:100]
            self.fail(Status.TAMPERED, f"{child.name} said what only the runner or the load may say: {said}.")

    def _fail_in(self, child: Child, what: str) -> None:
        """End the run for a failed process; only the end of a service is attributed to the repair."""
        if child.on_trial:
            if not child.ready.done():
                child.ready.set_exception(NotReady(f"{child.name} {what}"))
            return
        self.fail("crashed" if child.is_service else "infra_error", f"{child.name} {what}".removeprefix("the "))

    def fail(self, status: str, detail: str) -> None:
        """End the run now, with this status."""
        if not self.trouble.done():
            self.trouble.set_exception(Ended(status, detail))

    def leading_to(self, name: str) -> list[str]:
        """The links to a service that have a proxy."""
        return [link for link in self.links if link.endswith(f"->{name}")]

    def lead_to(self, name: str, port: int) -> None:
        """Lead new connections of the links to a service to this port; with 0, to nobody."""
        self.children[PROXY].order(targets=dict.fromkeys(self.leading_to(name), port))

    def event(self, kind: str, subject: str, detail: str, at: float | None = None) -> None:
        """Add an event to the record, by default with the present time."""
        time_s = self.run_time() if at is None else at
        row = {"table": "events", "time": time_s, "kind": kind, "subject": subject, "detail": detail}
        self.parent.tell(signal=row, host=JUDGE)

    def run_time(self) -> float:
        """The present time of the run in seconds."""
        return (time.monotonic_ns() - self.start_ns) / NS

    async def until_ready(self, child: Child) -> None:
        """Wait until the process is ready or late, or until the run is over."""
        either: list[asyncio.Future[Any]] = [child.ready, self.trouble]
        await asyncio.wait(either, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)

    async def until_serving(self, child: Child) -> Any:
        """The message of the process when it is ready, with its port, for example. Raises Ended."""
        await self.until_ready(child)
        if self.trouble.done():
            self.trouble.result()
        if not child.ready.done():
            self._fail_in(child, f"was not ready {READY_WITHIN_S:g} s after its start.")
            self.trouble.result()
        return child.ready.result()

    async def stop(self, children: list[Child]) -> None:
        """Tell the processes to stop, first the load, then links, then services, and take their last messages."""
        for child in children:
            child.order(stop=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.ended.wait(), STOPS_WITHIN_S)

    def interrupt(self) -> None:
        """End the run because the caller was interrupted."""
        at = self.run_time()
        begun = self.start_ns and at >= 0
        self.fail(
            "invalid", f"The run was interrupted after {at:.1f} s." if begun else "The run was interrupted at its start."
        )

    def end(self) -> None:
        """Kill the remaining processes, and remove the run's folder: the caller would, but it may be gone."""
        self.kill()
        shutil.rmtree(self.plan["folder"], ignore_errors=True)

    def kill(self) -> None:
        """Kill each child's group, and all other descendants of this process."""
        for child in self.children.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)  # its group may live on after its own end
        for _ in range(20):  # a process that is being killed may just have started another
            left = [process for process in psutil.Process().children(recursive=True) if _runs(process)]
            if not left:
                return
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.02)


def _told_by(descriptor: int) -> int:
    """The process id of a service, as its sandbox tells it; 0 if the sandbox could not be made."""
    with os.fdopen(descriptor, "rb") as pipe:
        text = pipe.read()
    try:
        return int(json.loads(text)["child-pid"])
    except (ValueError, KeyError):
        return 0


def _is_port(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 1 << 16


def _runs(process: psutil.Process) -> bool:
    """Does the process run? A zombie does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _in_words(code: int) -> str:
    """The end of a process in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
