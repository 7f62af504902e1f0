"""One live run: starts proxy, services and load in their order, watches the services from outside, and ends everything.

    python -m labs.kit.worlds.live.runner

It reads the plan of the run from its parent (see `labs.kit.worlds.live.world`) and passes on the other processes' messages.
At its end, whatever the reason, no process that it started is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import Any

import psutil

from labs.kit.model.lab import Kept
from labs.kit.model.names import DATABASE, LOAD, MEMORY_LIMIT, NS, PROXY
from labs.kit.worlds.kept_files import read_kept
from labs.kit.worlds.live import cgroup
from labs.kit.worlds.live.child import SERVICE, Parent, adopt_orphans
from labs.kit.worlds.live.memory_limit import BY_BOTH, BY_SUPERVISOR
from labs.kit.worlds.live.orders import Orders
from labs.kit.worlds.live.process_metrics import readings
from labs.kit.worlds.live.processes import Ended, Processes
from labs.kit.worlds.live.restarts import Restarts

LEAD_S = 0.7
"""The time from "all are ready" to the start of the run; meanwhile the load measures the idle machine."""
SAMPLE_EVERY_S = 0.25


class Runner:
    """The course of one run."""

    def __init__(self, parent: Parent) -> None:
        self.parent, self.plan = parent, parent.spec
        self.processes = Processes(parent)
        self.restarts = Restarts(self.processes)
        self.orders = Orders(self.processes, self.restarts)

    async def run(self) -> None:
        """Carry out the run, from the first process to the last row. Raises Ended."""
        plan = self.plan
        limited = any(spec["memory_limit_mb"] for spec in plan["services"])
        self.processes.cgroups = limited and await asyncio.to_thread(cgroup.offered)
        proxy = await self.processes.start(PROXY, "labs.kit.worlds.live.proxy", self._of_proxy())
        ports = await self.processes.until_serving(proxy)
        self.processes.links = list(ports)
        shared = await self._database()
        for spec in plan["services"]:
            spec["urls"] = shared | {
                called: f"http://127.0.0.1:{ports[spec['name'] + '->' + called]}" for called in spec["calls"]
            }
        services = [await self.processes.start(spec["name"], SERVICE, spec) for spec in plan["services"]]
        listening = {child.name: await self.processes.until_serving(child) for child in services}
        proxy.order(targets={name: listening[name.split("->")[1]] for name in ports})
        entry = f"load->{plan['entry']}"
        port = ports.get(entry, listening[plan["entry"]])
        load = await self.processes.start(LOAD, "labs.kit.worlds.live.load", self._of_load(port))
        await self.processes.until_serving(load)
        self.processes.start_ns = time.monotonic_ns() + round(LEAD_S * NS)
        for child in self.processes.children.values():
            child.order(start=self.processes.start_ns)
        names = [child.name for child in services]
        for spec in plan["services"]:
            self.restarts.keep(spec)
            if spec["memory_limit_mb"]:
                who = BY_BOTH if self.processes.cgroups else BY_SUPERVISOR
                self.processes.event(MEMORY_LIMIT, spec["name"], f"{spec['memory_limit_mb']:g} MB, {who}", at=0.0)
        self.orders.begin()
        self.restarts.begin()
        await self._watch(names)
        self._settle()
        last = [self.processes.children[name] for name in (*names, DATABASE) if name in self.processes.children]
        await self.processes.stop([load, proxy, *last])

    async def _database(self) -> dict[str, str]:
        """Start the lab's database server, if it has one. Returns {its name in `Env.urls`: its address}."""
        spec = self.plan["database"]
        if spec is None:
            return {}
        child = await self.processes.start(
            DATABASE, f"labs.kit.worlds.live.{spec['server']}.main", {**spec, "folder": self.plan["folder"]}
        )
        return {DATABASE: await self.processes.until_serving(child)}

    def _of_proxy(self) -> dict[str, Any]:
        return {name: self.plan[name] for name in ("links", "seed", "watched") if name in self.plan}

    def _of_load(self, port: int) -> dict[str, Any]:
        passed_on = ("calls", "marks", "clients", "seed", "watched")
        return {"port": port, **{name: self.plan[name] for name in passed_on if name in self.plan}}

    async def _watch(self, names: list[str]) -> None:
        """Sample the services from outside until the run is over or interrupted, or a service ends."""
        meters = {name: psutil.Process(self.processes.children[name].seen) for name in names}
        for meter in meters.values():
            meter.cpu_percent()
        finished: asyncio.Future[Any] = asyncio.create_task(self.orders.finished.wait())
        while (at := self.processes.run_time()) < self.plan["seconds"]:
            for name, meter in meters.items():
                if meter.pid != self.processes.children[name].seen:  # the service was started again
                    with contextlib.suppress(psutil.NoSuchProcess):
                        meters[name] = psutil.Process(self.processes.children[name].seen)
            if at >= 0:
                self.parent.tell(samples=[row for name, meter in meters.items() for row in readings(at, name, meter)])
                self.parent.tell(at=at)
            wait = min(SAMPLE_EVERY_S, self.plan["seconds"] - at)
            either: list[asyncio.Future[Any]] = [self.processes.trouble, finished]
            await asyncio.wait(either, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if self.processes.trouble.done():
                self.processes.trouble.result()
            if finished.done():
                self.parent.tell(at=self.processes.run_time())
                break
        finished.cancel()

    def _settle(self) -> None:
        """Stop all deploys, kills and restarts."""
        self.orders.end()
        self.restarts.leave_all_alone()

    async def finish(self, status: str, detail: str) -> None:
        """Report the outcome of the run, after all rows that the processes can still send."""
        self._settle()
        if status != "pass":
            with contextlib.suppress(Exception):
                await self.processes.stop([child for name in (LOAD, PROXY) if (child := self.processes.children.get(name))])
        self.processes.kill()
        for name, kept in self.plan["kept"].items():
            event = read_kept(self.processes.folder_of(name), name, Kept(**kept), self.plan["seconds"])
            self.parent.tell(kept=[event.time, event.kind, event.subject, event.detail])
        self.processes.end()
        for child in self.processes.children.values():
            if child.reading is not None:
                child.reading.cancel()
        self.parent.tell(status=status, detail=detail)


async def main() -> None:
    """Run once, and report."""
    parent = Parent(tidies_up=True)
    os.makedirs(parent.spec["folder"], exist_ok=True)  # in a sandbox, nobody else could make it
    adopt_orphans()
    runner = Runner(parent)

    def order(message: dict[str, Any]) -> None:
        if "stop" in message:
            runner.processes.interrupt()
        else:
            runner.orders.take(message)

    status, detail = "pass", ""
    try:
        parent.obey(asyncio.get_running_loop(), order, gone=runner.processes.end)
        await runner.run()
    except Ended as ended:
        status, detail = ended.status, ended.detail
    except Exception as error:  # noqa: BLE001 - a fault of the machine or of the kit, and the record has to say so
        status, detail = "infra_error", f"The live run failed: {type(error).__name__}: {error}"
    await runner.finish(status, detail)
    os._exit(0)  # the thread that listens to the parent still waits


if __name__ == "__main__":
    asyncio.run(main())
