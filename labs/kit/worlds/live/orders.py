"""Carries out orders to a live run while it goes on: load, faults, code. The runner's side of steering.py.

An order is one JSON line of the caller:

    {"load": 2.0}                                   the rate of the load, as a multiple of the scenario's
    {"fault": {"kind": ..., "fields": ...}, "on": true}
    {"deploy": {"name": ..., "source": ...}}        other code for every service that runs the repair
    {"restart": "payments"}                         an operator's orders (see operating.py)
    {"set": ["shop", "ATTEMPTS", 1]}
    {"shed": [0.5, ""]}                             a share of the load, of one client or of all
    {"finish": true}                                the run has reached its end

Each change is an event of the record. The scenario's own faults are ordered in the same way, at their times.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from labs.kit.model.faults import LinkFault, from_plain
from labs.kit.model.faults.base import OPEN_END_S
from labs.kit.model.names import ACTION_FAILED, DEPLOY, DEPLOY_FAILED, FAULT_OFF, FAULT_ON, LOAD, LOAD_CHANGED, NS, PROXY
from labs.kit.model.runbook import Restart, Set
from labs.kit.worlds.live.child import SERVICE
from labs.kit.worlds.live.processes import Child, NotReady, Processes
from labs.kit.worlds.live.restarts import Restarts
from labs.kit.worlds.operator.admin import order_bytes

SET_WITHIN_S = 2.0
DRAIN_S = 0.5
"""The time for which a replaced service goes on before it is told to stop: requests on their way would be reset."""


class Orders:
    """Takes the orders of one run and carries them out at once; deploys happen one after another."""

    def __init__(self, processes: Processes, restarts: Restarts) -> None:
        self.processes, self.restarts = processes, restarts
        self.finished = asyncio.Event()
        self.acting: dict[str, list[dict[str, Any]]] = {}
        self.early: list[dict[str, Any]] = []
        self.deploys: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.working: asyncio.Task[None] | None = None
        self.setting: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """The run starts: plan the scenario's faults, and carry out the orders that came before."""
        loop, processes = asyncio.get_running_loop(), self.processes
        self.working = asyncio.create_task(self._deploy_all())
        for at_s, order in processes.plan.get("script", []):
            loop.call_at(processes.start_ns / NS + at_s, self.take, order)
        for order in self.early:
            loop.call_at(processes.start_ns / NS, self.take, order)

    def take(self, order: dict[str, Any]) -> None:
        """Carry out one order; an order before the start of the run waits for the start."""
        if self.working is None:
            if "finish" in order:
                self.processes.interrupt()
            else:
                self.early.append(order)
        elif "load" in order:
            self.processes.event(LOAD_CHANGED, f"load->{self.processes.plan['entry']}", f"x{order['load']:g}")
            self.processes.children[LOAD].order(load=order["load"])
        elif "fault" in order:
            self._switch(order["fault"], order["on"])
        elif "deploy" in order:
            self.deploys.put_nowait(order["deploy"])
        elif "restart" in order:
            if not self.restarts.restart(order["restart"]):
                self._failed(Restart(order["restart"]), "it is already down")
        elif "set" in order:
            task = asyncio.create_task(self._set(Set(*order["set"])))
            self.setting.add(task)
            task.add_done_callback(self.setting.discard)
        elif "shed" in order:
            self.processes.children[LOAD].order(shed=order["shed"])
        elif "finish" in order:
            self.finished.set()

    def end(self) -> None:
        """Stop all deploys and changes of settings."""
        for task in (*self.setting, *([self.working] if self.working else [])):
            task.cancel()

    async def _set(self, order: Set) -> None:
        """Change a setting of a service by its admin route, directly: no link of the lab leads there."""
        why = "no answer"
        try:
            async with asyncio.timeout(SET_WITHIN_S):
                port = self.processes.children[order.service].ready.result()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                with contextlib.closing(writer):
                    writer.write(order_bytes(order))
                    status = (await reader.readline()).split()[1].decode("ascii", "replace")
            why = "" if status.startswith("2") else f"answered {status}"
        except (OSError, TimeoutError, IndexError, asyncio.InvalidStateError):
            pass
        if why:
            self._failed(order, why)

    def _failed(self, action: Set | Restart, why: str) -> None:
        self.processes.event(ACTION_FAILED, action.service, f"{action}: {why}")

    def _switch(self, plain: dict[str, Any], on: bool) -> None:
        """Let a fault begin or end. Without a change of state there is no event."""
        plain = {**plain, "fields": {**plain["fields"], "at_s": 0.0, "seconds": OPEN_END_S}}
        fault = from_plain(plain)
        acting = self.acting.setdefault(fault.where, [])
        if (plain in acting) is on:
            return
        if on:
            acting.append(plain)
        else:
            acting.remove(plain)
        self.processes.event(FAULT_ON if on else FAULT_OFF, fault.where, type(fault).__name__)  # before its effect
        if isinstance(fault, LinkFault):
            self.processes.children[PROXY].order(faults={fault.where: acting})
        else:
            (spec,) = [spec for spec in self.processes.plan["services"] if spec["name"] == fault.where]
            spec["faults"] = acting  # the process that replaces it gets them, too
            self.processes.children[fault.where].order(faults=acting, began=self.processes.start_ns)

    async def _deploy_all(self) -> None:
        """Make the ordered deploys, one after another, until cancelled."""
        while True:
            code = await self.deploys.get()
            for spec in [spec for spec in self.processes.plan["services"] if spec["fix"] is not None]:
                if not await self._deploy(spec, code):
                    break  # the rollout stops if a new version does not start, and the old ones go on

    async def _deploy(self, spec: dict[str, Any], code: dict[str, Any]) -> bool:
        """Replace one service by a rolling restart: start the new process, lead the links to it, then end the old one."""
        processes, name = self.processes, spec["name"]
        self.restarts.leave_alone(name)  # otherwise a kill at the memory limit would restart it meanwhile
        try:
            new = await self._start({**spec, "fix": code["source"]})
        except NotReady as error:
            processes.event(DEPLOY_FAILED, name, str(error))
            if processes.children[name].ended.is_set():  # the service was down, between a kill and its restart
                processes.fail("crashed", f"{error}")
            self.restarts.keep(spec)
            return False
        old = processes.children[name]
        spec["fix"] = code["source"]  # a later restart at the memory limit starts this code
        processes.children[name] = new
        new.order(start=processes.start_ns)
        new.order(faults=spec["faults"], began=processes.start_ns)  # they may have changed while it started
        processes.event(DEPLOY, name, code["name"])
        processes.lead_to(name, new.ready.result())
        old.on_trial = True
        processes.children[PROXY].order(drain=processes.leading_to(name))
        await asyncio.sleep(DRAIN_S)
        await processes.stop([old])  # after its last answers
        old.kill()
        self.restarts.keep(spec)
        return True

    async def _start(self, spec: dict[str, Any]) -> Child:
        """Start the new version, and return its process when it is ready. Raises NotReady."""
        processes = self.processes
        child = await processes.spawn(spec["name"], SERVICE, spec)
        child.on_trial = True
        await processes.until_ready(child)
        if not child.ready.done():
            child.kill()
            raise NotReady(f"{child.name} was not ready in time")
        child.ready.result()
        child.on_trial = False
        return child
