"""One live run: starts proxy, services and load, watches them from outside, and ends them for certain.

    python -m labs.kit.live.runner

It reads the plan of the run from its parent (see `labs.kit.live.world`) and passes on what the others say. When the
parent is gone, or asks it to stop, or anything at all happens, nothing that it started is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from labs.kit.live.child import NS, Parent, adopt_orphans
from labs.kit.live.supervisor import supervise

LEAD_S = 0.7
"""From "all are ready" to the start of the run: the load watches the idle machine meanwhile."""
READY_WITHIN_S = 30.0
STOPS_WITHIN_S = 3.0
SAMPLE_EVERY_S = 0.25
LONGEST_LINE = 16 << 20
MEMORY, PEAK = "process.memory.usage", "process.memory.peak"
SERVICE = "labs.kit.live.service"
PROXY, LOAD, DATABASE = "the proxy", "the load", "database"
"""What our own processes are called; no service is called so."""


class Ended(Exception):
    """The run is over before its time: `status` and `detail` of the run's own row."""

    def __init__(self, status: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Child:
    """One process of the run, and what it says."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.process = process
        self.is_service = name not in (PROXY, LOAD, DATABASE)
        self.ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self.reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of its process, which leads a group."""
        return self.process.pid

    def kill(self) -> None:
        """End it and its group, for a reason of ours: its end is no news then."""
        self.ended.set()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def order(self, **message: Any) -> None:
        """Send it one line."""
        if self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(json.dumps(message).encode() + b"\n")


class Runner:
    """The processes of one run."""

    def __init__(self, parent: Parent) -> None:
        self.parent, self.plan = parent, parent.spec
        self.children: dict[str, Child] = {}
        self.supervising: list[asyncio.Task[None]] = []
        self.start_ns = 0
        self.trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, name: str, module: str, spec: dict[str, Any]) -> Child:
        """Start one process and hand it its description."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=None, limit=LONGEST_LINE,
            start_new_session=True, cwd=self.plan["folder"],
        )  # fmt: skip
        child = self.children[name] = Child(name, process)
        child.order(**spec)
        child.reading = asyncio.create_task(self._listen(child))
        return child

    async def _listen(self, child: Child) -> None:
        assert child.process.stdout is not None
        while line := await child.process.stdout.readline():
            self._hear(child, line)
        code = await child.process.wait()
        if not child.ended.is_set():
            child.ended.set()
            self._fail_in(child, f"ended with {_in_words(code)}.")

    def _hear(self, child: Child, line: bytes) -> None:
        if line.startswith(b'{"table"'):  # a signal of a service, read where the record is written
            self.parent.tell_raw(b'{"signal": ' + line.rstrip() + b', "host": "' + child.name.encode() + b'"}')
            return
        try:
            message = json.loads(line)
        except ValueError:
            return
        if "ready" in message:
            child.ready.set_result(message["ready"])
        elif "failed" in message:
            child.ended.set()
            where = f" ({message['file']}:{message['line']})" if message["line"] else ""
            self._fail_in(child, f"ended with {message['failed']}{where}.")
        elif "ended" in message:
            child.ended.set()
            if "cpu_s" in message:
                self.parent.tell(load_cpu_s=message["cpu_s"])
        else:
            self.parent.tell_raw(line.rstrip())

    def _fail_in(self, child: Child, what: str) -> None:
        """Only a service's end is the repair's doing."""
        self.fail("crashed" if child.is_service else "infra_error", f"{child.name} {what}".removeprefix("the "))

    def fail(self, status: str, detail: str) -> None:
        """End the run now, with this status."""
        if not self.trouble.done():
            self.trouble.set_exception(Ended(status, detail))

    async def run(self) -> None:
        """Everything, from the first process to the last row. Raises Ended."""
        plan = self.plan
        proxy = await self.start(PROXY, "labs.kit.live.proxy", {"links": plan["links"], "seed": plan["seed"]})
        ports = await self._ready(proxy)
        shared = await self._database()
        for spec in plan["services"]:
            spec["urls"] = shared | {
                called: f"http://127.0.0.1:{ports[spec['name'] + '->' + called]}" for called in spec["calls"]
            }
        services = [await self.start(spec["name"], SERVICE, spec) for spec in plan["services"]]
        listening = {child.name: await self._ready(child) for child in services}
        proxy.order(targets={name: listening[name.split("->")[1]] for name in ports})
        entry = f"load->{plan['entry']}"
        port = ports.get(entry, listening[plan["entry"]])
        load = await self.start(LOAD, "labs.kit.live.load", {"calls": plan["calls"], "port": port})
        await self._ready(load)
        self.start_ns = time.monotonic_ns() + round(LEAD_S * NS)
        for child in self.children.values():
            child.order(start=self.start_ns)
        names = [child.name for child in services]
        limited = [spec for spec in plan["services"] if spec["memory_limit_mb"]]
        self.supervising = [asyncio.create_task(self._keep_within(spec, list(ports))) for spec in limited]
        await self._watch(names)
        self._leave_alone()
        last = [self.children[name] for name in (*names, DATABASE) if name in self.children]
        await self._stop([load, proxy, *last])

    async def _database(self) -> dict[str, str]:
        """Start the lab's database server, if it has one: its address, by the name that services know it by."""
        spec = self.plan["database"]
        if spec is None:
            return {}
        child = await self.start(DATABASE, f"labs.kit.live.{spec['server']}", {**spec, "folder": self.plan["folder"]})
        return {DATABASE: await self._ready(child)}

    async def _keep_within(self, spec: dict[str, Any], links: list[str]) -> None:
        """Kill a service at its memory limit, and start it again; the links to it lead nowhere meanwhile.

        Until cancelled. What goes wrong in a restart ends the run.
        """
        name = spec["name"]
        leading = [link for link in links if link.endswith(f"->{name}")]

        def lead_to(port: int) -> None:
            self.children[PROXY].order(targets=dict.fromkeys(leading, port))

        async def start() -> Child:
            child = await self.start(name, SERVICE, spec)
            lead_to(await self._ready(child))
            child.order(start=self.start_ns)
            return child

        def tell(kind: str, detail: str, size: float) -> None:
            row = {"table": "events", "time": self._at(), "kind": kind, "subject": name, "detail": detail}
            self.parent.tell(signal=row, host=name)
            self.parent.tell(samples=[(self._at(), MEMORY, name, float(size))])

        await asyncio.sleep(max(0.0, -self._at()))
        try:
            await supervise(self.children[name], spec["memory_limit_mb"], start=start, down=lambda: lead_to(0), tell=tell)
        except Ended:  # of the new process, before it was ready: the run has been told
            return
        except Exception as error:  # noqa: BLE001 - in a task of its own it would be lost, and the service stay down
            self.fail("infra_error", f"{name} could not be started again: {type(error).__name__}: {error}")

    def _leave_alone(self) -> None:
        """No service is killed or started any more."""
        for task in self.supervising:
            task.cancel()

    def _at(self) -> float:
        """Seconds of the run."""
        return (time.monotonic_ns() - self.start_ns) / NS

    async def _ready(self, child: Child) -> Any:
        either: list[asyncio.Future[Any]] = [child.ready, self.trouble]
        await asyncio.wait(either, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        if self.trouble.done():
            self.trouble.result()
        if not child.ready.done():
            self._fail_in(child, f"was not ready {READY_WITHIN_S:g} s after its start.")
            self.trouble.result()
        return child.ready.result()

    async def _watch(self, names: list[str]) -> None:
        """Sample the services from outside until the run is over, or is interrupted, or one of them ends."""
        meters = {name: psutil.Process(self.children[name].pid) for name in names}
        for meter in meters.values():
            meter.cpu_percent()
        while (at := self._at()) < self.plan["seconds"]:
            for name, meter in meters.items():
                if meter.pid != self.children[name].pid:  # it was started again
                    with contextlib.suppress(psutil.NoSuchProcess):
                        meters[name] = psutil.Process(self.children[name].pid)
            if at >= 0:
                self.parent.tell(samples=[row for name, meter in meters.items() for row in readings(at, name, meter)])
                self.parent.tell(at=at)
            wait = min(SAMPLE_EVERY_S, self.plan["seconds"] - at)
            await asyncio.wait([self.trouble], timeout=wait)
            if self.trouble.done():
                self.trouble.result()

    async def _stop(self, children: list[Child]) -> None:
        """Let each say its last in turn: the load first, then the links, then the services."""
        for child in children:
            child.order(stop=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.ended.wait(), STOPS_WITHIN_S)

    async def finish(self, status: str, detail: str) -> None:
        """Tell how it ended, after every row that can still be had."""
        self._leave_alone()
        if status != "pass":
            with contextlib.suppress(Exception):
                await self._stop([child for name in (LOAD, PROXY) if (child := self.children.get(name))])
        self.end()
        for child in self.children.values():
            if child.reading is not None:
                child.reading.cancel()
        self.parent.tell(status=status, detail=detail)

    def interrupt(self) -> None:
        """The caller wants no more."""
        at = self._at()
        begun = self.start_ns and at >= 0
        self.fail(
            "invalid", f"The run was interrupted after {at:.1f} s." if begun else "The run was interrupted at its start."
        )

    def end(self) -> None:
        """Kill what is left, and remove the run's folder: the caller would, but it may be gone."""
        self._kill()
        shutil.rmtree(self.plan["folder"], ignore_errors=True)

    def _kill(self) -> None:
        """Kill each child's group, and whatever left the group but descends from this process."""
        for child in self.children.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)  # its group may live on where it has ended itself
        for _ in range(20):  # a process that is being killed may just have started another
            left = [process for process in psutil.Process().children(recursive=True) if _runs(process)]
            if not left:
                return
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.02)


def readings(at: float, name: str, meter: psutil.Process) -> list[tuple[float, str, str, float]]:
    """What can be seen of a service from outside, it and its own children taken together: (time, signal, host, value)."""
    try:
        held = float(sum(p.memory_info().rss for p in (meter, *meter.children(recursive=True))))
        if not held:  # it was killed, and nobody has asked after it yet
            return []
        return [
            (at, MEMORY, name, held),
            *((at, PEAK, name, most) for most in highest(meter.pid)),
            (at, "process.unix.file_descriptor.count", name, float(meter.num_fds())),
            (at, "process.thread.count", name, float(meter.num_threads())),
            (at, "process.cpu.utilization", name, meter.cpu_percent() / 100),
        ]
    except psutil.Error:  # it has just ended: the runner learns why from the process itself
        return []


def highest(pid: int) -> list[float]:
    """The most memory that a process was ever seen to hold, in bytes; empty where the system does not tell that."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # no Linux, or it has just ended
        return []
    return [1024.0 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]


def _runs(process: psutil.Process) -> bool:
    """Is it more than an entry in the table of processes?"""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _in_words(code: int) -> str:
    """How a process ended, for people."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


async def main() -> None:
    """Run once, and report."""
    parent = Parent(tidies_up=True)
    adopt_orphans()
    runner = Runner(parent)

    def order(message: dict[str, Any]) -> None:
        runner.interrupt()

    status, detail = "pass", ""
    try:
        parent.obey(asyncio.get_running_loop(), order, gone=runner.end)
        await runner.run()
    except Ended as ended:
        status, detail = ended.status, ended.detail
    except Exception as error:  # noqa: BLE001 - the machine's fault or ours, and the record has to say so
        status, detail = "infra_error", f"The live run failed: {type(error).__name__}: {error}"
    await runner.finish(status, detail)
    os._exit(0)  # the thread that listens to the parent still waits


if __name__ == "__main__":
    asyncio.run(main())
