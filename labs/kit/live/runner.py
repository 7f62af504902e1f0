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
from collections.abc import Iterator
from typing import Any

import psutil

from labs.kit.live import cgroup
from labs.kit.live.child import DATABASE, LOAD, NS, PROXY, SERVICE, Parent, adopt_orphans
from labs.kit.live.helm import Helm, NotReady
from labs.kit.live.outside import MEMORY, readings
from labs.kit.live.supervisor import BY_BOTH, BY_SUPERVISOR, LIMIT, MB, RESTART, supervise

LEAD_S = 0.7
"""From "all are ready" to the start of the run: the load watches the idle machine meanwhile."""
READY_WITHIN_S = 30.0
STOPS_WITHIN_S = 3.0
KILLED = "kill"
"""The event of a process that the fault `Kill` has ended, at the moment at which it did."""
STARTS_IN_S = 0.4
"""About what Python takes to start a service; one that was killed is to be back at a certain time."""
SAMPLE_EVERY_S = 0.25
LONGEST_LINE = 16 << 20


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
        self.in_cgroup = self.ended_by_kernel = False  # one whose limit the kernel keeps; it was ended at it
        self.on_trial = False  # a new version that does not serve yet: its end is not that of the run
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
        self.supervising: dict[str, asyncio.Task[None]] = {}
        self.cgroups = False
        self.killing: list[asyncio.Task[None]] = []
        self.killed: set[str] = set()
        self.links: list[str] = []
        self.start_ns = 0
        self.finished = asyncio.Event()
        self.helm = Helm(self)
        self.trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, name: str, module: str, spec: dict[str, Any]) -> Child:
        """Start one process, which has the name from now on, and hand it its description."""
        child = self.children[name] = await self.spawn(name, module, spec)
        return child

    async def spawn(self, name: str, module: str, spec: dict[str, Any]) -> Child:
        """Start one process and hand it its description."""
        limit_mb = spec.get("memory_limit_mb", 0.0) if self.cgroups else 0.0
        process = await asyncio.create_subprocess_exec(
            *(cgroup.within(round(limit_mb * MB)) if limit_mb else ()), sys.executable, "-P", "-m", module,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=None, limit=LONGEST_LINE,
            start_new_session=True, cwd=self.plan["folder"],
        )  # fmt: skip
        child = Child(name, process)
        child.in_cgroup = limit_mb > 0
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
            # We have not killed it, and its own crash is no SIGKILL: its supervisor starts it again.
            child.ended_by_kernel = child.in_cgroup and code == -signal.SIGKILL and child.name in self.supervising
            if not child.ended_by_kernel:
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
        if child.on_trial:
            if not child.ready.done():
                child.ready.set_exception(NotReady(f"{child.name} {what}"))
            return
        self.fail("crashed" if child.is_service else "infra_error", f"{child.name} {what}".removeprefix("the "))

    def fail(self, status: str, detail: str) -> None:
        """End the run now, with this status."""
        if not self.trouble.done():
            self.trouble.set_exception(Ended(status, detail))

    async def run(self) -> None:
        """Everything, from the first process to the last row. Raises Ended."""
        plan = self.plan
        limited = any(spec["memory_limit_mb"] for spec in plan["services"])
        self.cgroups = limited and await asyncio.to_thread(cgroup.offered)
        proxy = await self.start(PROXY, "labs.kit.live.proxy", self._of_proxy())
        ports = await self._ready(proxy)
        self.links = list(ports)
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
        load = await self.start(LOAD, "labs.kit.live.load", self._of_load(port))
        await self._ready(load)
        self.start_ns = time.monotonic_ns() + round(LEAD_S * NS)
        for child in self.children.values():
            child.order(start=self.start_ns)
        names = [child.name for child in services]
        for spec in plan["services"]:
            self.keep(spec)
            if spec["memory_limit_mb"]:
                who = BY_BOTH if self.cgroups else BY_SUPERVISOR
                self.event(LIMIT, spec["name"], f"{spec['memory_limit_mb']:g} MB, {who}", at=0.0)
        self.helm.begin()
        self.killing = [asyncio.create_task(self._kill_as_planned(kill)) for kill in plan["kills"]]
        await self._watch(names)
        self._leave_all_alone()
        last = [self.children[name] for name in (*names, DATABASE) if name in self.children]
        await self.stop([load, proxy, *last])

    async def _database(self) -> dict[str, str]:
        """Start the lab's database server, if it has one: its address, by the name that services know it by."""
        spec = self.plan["database"]
        if spec is None:
            return {}
        child = await self.start(DATABASE, f"labs.kit.live.{spec['server']}", {**spec, "folder": self.plan["folder"]})
        return {DATABASE: await self._ready(child)}

    def _of_proxy(self) -> dict[str, Any]:
        return {name: self.plan[name] for name in ("links", "seed", "steered") if name in self.plan}

    def _of_load(self, port: int) -> dict[str, Any]:
        return {"port": port, **{name: self.plan[name] for name in ("calls", "marks") if name in self.plan}}

    def leading_to(self, name: str) -> list[str]:
        """The links to a service that have a proxy."""
        return [link for link in self.links if link.endswith(f"->{name}")]

    def lead_to(self, name: str, port: int) -> None:
        """Let new connections over the links to a service go to this port; 0 is nobody's."""
        self.children[PROXY].order(targets=dict.fromkeys(self.leading_to(name), port))

    def event(self, kind: str, subject: str, detail: str, at: float | None = None) -> None:
        """A row of the record, of this moment unless told otherwise."""
        time_s = self._at() if at is None else at
        row = {"table": "events", "time": time_s, "kind": kind, "subject": subject, "detail": detail}
        self.parent.tell(signal=row, host=subject)

    def keep(self, spec: dict[str, Any]) -> None:
        """Hold a service to its memory limit from now on, if it has one."""
        if spec["memory_limit_mb"]:
            self.supervising[spec["name"]] = asyncio.create_task(self._keep_within(spec))

    def leave_alone(self, name: str) -> None:
        """Do not kill this service any more, nor start it again."""
        if name in self.supervising:
            self.supervising.pop(name).cancel()

    async def _keep_within(self, spec: dict[str, Any]) -> None:
        """Kill a service at its memory limit, and start it again; the links to it lead nowhere meanwhile.

        Until cancelled. What goes wrong in a restart ends the run.
        """
        name = spec["name"]

        async def start() -> Child:
            child, port = await self._start_again(spec)
            self.lead_to(name, port)
            return child

        def tell(kind: str, detail: str, size: float) -> None:
            self.event(kind, name, detail)
            self.parent.tell(samples=[(self._at(), MEMORY, name, float(size))])

        await asyncio.sleep(max(0.0, -self._at()))
        limit = spec["memory_limit_mb"]
        with self._restarting(name):
            await supervise(self.children[name], limit, start=start, down=lambda: self.lead_to(name, 0), tell=tell)

    async def _kill_as_planned(self, kill: dict[str, Any]) -> None:
        """The fault `Kill`: SIGKILL at its time, and once it is over the links lead to a new process on the same files.

        That one is started a little earlier, and is reached later if it takes longer to be ready. Whoever is down already
        is not killed again.
        """
        name = kill["service"]
        (spec,) = [spec for spec in self.plan["services"] if spec["name"] == name]
        await asyncio.sleep(max(0.0, kill["at_s"] - self._at()))
        if name in self.killed:
            return
        self.killed.add(name)
        self.leave_alone(name)
        self.children[name].kill()
        self.event(KILLED, name, "by the fault Kill")
        self.lead_to(name, 0)
        await asyncio.sleep(max(0.0, kill["back_s"] - STARTS_IN_S - self._at()))
        with self._restarting(name):
            child, port = await self._start_again(spec)
            await asyncio.sleep(max(0.0, kill["back_s"] - self._at()))
            self.killed.remove(name)
            if self.children[name] is child:  # and nobody has deployed another meanwhile
                self.lead_to(name, port)
                self.event(RESTART, name, "after a kill")
                self.keep(spec)

    async def _start_again(self, spec: dict[str, Any]) -> tuple[Child, int]:
        """A service's next process, which knows the run's clock from its beginning, and its port, once it is ready."""
        child = await self.start(spec["name"], SERVICE, {**spec, "start": self.start_ns})
        port = await self._ready(child)
        child.order(start=self.start_ns)
        return child, port

    @contextlib.contextmanager
    def _restarting(self, name: str) -> Iterator[None]:
        """What goes wrong in a restart ends the run: in a task of its own it would be lost, and the service stay down."""
        try:
            yield
        except Ended:  # of the new process, before it was ready: the run has been told
            return
        except Exception as error:  # noqa: BLE001 - see above
            self.fail("infra_error", f"{name} could not be started again: {type(error).__name__}: {error}")

    def _leave_all_alone(self) -> None:
        """No service is killed or started any more."""
        self.helm.end()
        for kill in self.killing:
            kill.cancel()
        for name in list(self.supervising):
            self.leave_alone(name)

    def _at(self) -> float:
        """Seconds of the run."""
        return (time.monotonic_ns() - self.start_ns) / NS

    async def until_ready(self, child: Child) -> None:
        """Come back once it is ready or has taken too long, or the run is over."""
        either: list[asyncio.Future[Any]] = [child.ready, self.trouble]
        await asyncio.wait(either, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)

    async def _ready(self, child: Child) -> Any:
        await self.until_ready(child)
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
        finished: asyncio.Future[Any] = asyncio.create_task(self.finished.wait())
        while (at := self._at()) < self.plan["seconds"]:
            for name, meter in meters.items():
                if meter.pid != self.children[name].pid:  # it was started again
                    with contextlib.suppress(psutil.NoSuchProcess):
                        meters[name] = psutil.Process(self.children[name].pid)
            if at >= 0:
                self.parent.tell(samples=[row for name, meter in meters.items() for row in readings(at, name, meter)])
                self.parent.tell(at=at)
            wait = min(SAMPLE_EVERY_S, self.plan["seconds"] - at)
            either: list[asyncio.Future[Any]] = [self.trouble, finished]
            await asyncio.wait(either, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if self.trouble.done():
                self.trouble.result()
            if finished.done():
                self.parent.tell(at=self._at())
                break
        finished.cancel()

    async def stop(self, children: list[Child]) -> None:
        """Let each say its last in turn: the load first, then the links, then the services."""
        for child in children:
            child.order(stop=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.ended.wait(), STOPS_WITHIN_S)

    async def finish(self, status: str, detail: str) -> None:
        """Tell how it ended, after every row that can still be had."""
        self._leave_all_alone()
        if status != "pass":
            with contextlib.suppress(Exception):
                await self.stop([child for name in (LOAD, PROXY) if (child := self.children.get(name))])
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
        if "stop" in message:
            runner.interrupt()
        else:
            runner.helm.take(message)

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
