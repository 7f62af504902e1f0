"""Restarts of a live run's services: at their memory limit, by the fault `Kill`, and by an operator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from labs.kit.model.names import BY_OPERATOR, KILLED, MEMORY, RESTART
from labs.kit.worlds.live.child import SERVICE
from labs.kit.worlds.live.memory_limit import supervise
from labs.kit.worlds.live.processes import Child, Ended, Processes
from labs.kit.worlds.operator.bot import DOWN_S

STARTS_IN_S = 0.4
"""The approximate start time of a service's process: after a kill, the service is due back at a certain time."""


class Restarts:
    """Enforces the memory limits of one run's services, and carries out the planned kills."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.supervising: dict[str, asyncio.Task[None]] = {}
        self.killing: list[asyncio.Task[None]] = []
        self.killed: set[str] = set()

    def begin(self) -> None:
        """The run starts: schedule its kills."""
        self.killing = [asyncio.create_task(self._kill_as_planned(kill)) for kill in self.processes.plan["kills"]]

    def keep(self, spec: dict[str, Any]) -> None:
        """Enforce a service's memory limit from now on, if it has one."""
        if spec["memory_limit_mb"]:
            self.processes.restarted.add(spec["name"])
            self.supervising[spec["name"]] = asyncio.create_task(self._keep_within(spec))

    def leave_alone(self, name: str) -> None:
        """From now on neither kill this service nor start it again."""
        if name in self.supervising:
            self.processes.restarted.discard(name)
            self.supervising.pop(name).cancel()

    async def _keep_within(self, spec: dict[str, Any]) -> None:
        """Until cancelled, kill a service at its memory limit and start it again; its links lead nowhere meanwhile.

        An error in a restart ends the run.
        """
        name = spec["name"]

        async def start() -> Child:
            child, port = await self._start_again(spec)
            self.processes.lead_to(name, port)
            return child

        def tell(kind: str, detail: str, size: float) -> None:
            self.processes.event(kind, name, detail)
            self.processes.parent.tell(samples=[(self.processes.run_time(), MEMORY, name, float(size))])

        await asyncio.sleep(max(0.0, -self.processes.run_time()))
        limit = spec["memory_limit_mb"]
        with self._restarting(name):
            await supervise(
                self.processes.children[name], limit, start=start, down=lambda: self.processes.lead_to(name, 0), tell=tell
            )

    async def _kill_as_planned(self, kill: dict[str, Any]) -> None:
        """The fault `Kill`: SIGKILL at its beginning, a new process at its end.

        The new process is started a little earlier, and is reached later if it is not ready in time. A service that is
        already down is not killed again.
        """
        name = kill["service"]
        await asyncio.sleep(max(0.0, kill["at_s"] - self.processes.run_time()))
        if name not in self.killed:
            await self._bounce(name, kill["back_s"], "by the fault Kill", "after a kill")

    def restart(self, name: str) -> bool:
        """Kill a service now for an operator, and start it again DOWN_S later; False if it is down already."""
        if name in self.killed:
            return False
        self.killed.add(name)
        back_s = self.processes.run_time() + DOWN_S
        self.killing.append(asyncio.create_task(self._bounce(name, back_s, BY_OPERATOR, BY_OPERATOR)))
        return True

    async def _bounce(self, name: str, back_s: float, why: str, again: str) -> None:
        """Kill a service now; at `back_s`, or when it is ready, its links lead to a new process on the same files."""
        (spec,) = [spec for spec in self.processes.plan["services"] if spec["name"] == name]
        self.killed.add(name)
        self.leave_alone(name)
        self.processes.children[name].kill()
        self.processes.event(KILLED, name, why)
        self.processes.lead_to(name, 0)
        await asyncio.sleep(max(0.0, back_s - STARTS_IN_S - self.processes.run_time()))
        with self._restarting(name):
            child, port = await self._start_again(spec)
            await asyncio.sleep(max(0.0, back_s - self.processes.run_time()))
            self.killed.remove(name)
            if self.processes.children[name] is child:  # no other process was deployed meanwhile
                self.processes.lead_to(name, port)
                self.processes.event(RESTART, name, again)
                self.keep(spec)

    async def _start_again(self, spec: dict[str, Any]) -> tuple[Child, int]:
        """Start a service's next process, with the clock of the run. Returns the process and its port when it is ready."""
        child = await self.processes.start(spec["name"], SERVICE, {**spec, "start": self.processes.start_ns})
        port = await self.processes.until_serving(child)
        child.order(start=self.processes.start_ns)
        return child, port

    @contextlib.contextmanager
    def _restarting(self, name: str) -> Iterator[None]:
        """End the run on an error in a restart: the task would lose the error, and the service would stay down."""
        try:
            yield
        except Ended:  # the new process ended before it was ready: the run already knows
            return
        except Exception as error:  # noqa: BLE001 - see above
            self.processes.fail("infra_error", f"{name} could not be started again: {type(error).__name__}: {error}")

    def leave_all_alone(self) -> None:
        """From now on neither kill nor start any service."""
        for kill in self.killing:
            kill.cancel()
        for name in list(self.supervising):
            self.leave_alone(name)
