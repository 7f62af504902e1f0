"""Services of a live run that end and are started again: at their memory limit, and by the fault `Kill`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from labs.kit.model.names import KILLED, MEMORY, RESTART
from labs.kit.worlds.live.child import SERVICE
from labs.kit.worlds.live.memory_limit import supervise
from labs.kit.worlds.live.processes import Child, Ended, Processes

STARTS_IN_S = 0.4
"""About what Python takes to start a service; one that was killed is to be back at a certain time."""


class Restarts:
    """Holds the services of one run to their limits, and carries out the kills of its plan."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.supervising: dict[str, asyncio.Task[None]] = {}
        self.killing: list[asyncio.Task[None]] = []
        self.killed: set[str] = set()

    def begin(self) -> None:
        """The run starts: plan its kills."""
        self.killing = [asyncio.create_task(self._kill_as_planned(kill)) for kill in self.processes.plan["kills"]]

    def keep(self, spec: dict[str, Any]) -> None:
        """Hold a service to its memory limit from now on, if it has one."""
        if spec["memory_limit_mb"]:
            self.processes.restarted.add(spec["name"])
            self.supervising[spec["name"]] = asyncio.create_task(self._keep_within(spec))

    def leave_alone(self, name: str) -> None:
        """Do not kill this service any more, nor start it again."""
        if name in self.supervising:
            self.processes.restarted.discard(name)
            self.supervising.pop(name).cancel()

    async def _keep_within(self, spec: dict[str, Any]) -> None:
        """Kill a service at its memory limit, and start it again; the links to it lead nowhere meanwhile.

        Until cancelled. What goes wrong in a restart ends the run.
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
        """The fault `Kill`: SIGKILL at its time, and once it is over the links lead to a new process on the same files.

        That one is started a little earlier, and is reached later if it takes longer to be ready. Whoever is down already
        is not killed again.
        """
        name = kill["service"]
        (spec,) = [spec for spec in self.processes.plan["services"] if spec["name"] == name]
        await asyncio.sleep(max(0.0, kill["at_s"] - self.processes.run_time()))
        if name in self.killed:
            return
        self.killed.add(name)
        self.leave_alone(name)
        self.processes.children[name].kill()
        self.processes.event(KILLED, name, "by the fault Kill")
        self.processes.lead_to(name, 0)
        await asyncio.sleep(max(0.0, kill["back_s"] - STARTS_IN_S - self.processes.run_time()))
        with self._restarting(name):
            child, port = await self._start_again(spec)
            await asyncio.sleep(max(0.0, kill["back_s"] - self.processes.run_time()))
            self.killed.remove(name)
            if self.processes.children[name] is child:  # and nobody has deployed another meanwhile
                self.processes.lead_to(name, port)
                self.processes.event(RESTART, name, "after a kill")
                self.keep(spec)

    async def _start_again(self, spec: dict[str, Any]) -> tuple[Child, int]:
        """A service's next process, which knows the run's clock from its beginning, and its port, once it is ready."""
        child = await self.processes.start(spec["name"], SERVICE, {**spec, "start": self.processes.start_ns})
        port = await self.processes.until_serving(child)
        child.order(start=self.processes.start_ns)
        return child, port

    @contextlib.contextmanager
    def _restarting(self, name: str) -> Iterator[None]:
        """What goes wrong in a restart ends the run: in a task of its own it would be lost, and the service stay down."""
        try:
            yield
        except Ended:  # of the new process, before it was ready: the run has been told
            return
        except Exception as error:  # noqa: BLE001 - see above
            self.processes.fail("infra_error", f"{name} could not be started again: {type(error).__name__}: {error}")

    def leave_all_alone(self) -> None:
        """No service is killed or started any more."""
        for kill in self.killing:
            kill.cancel()
        for name in list(self.supervising):
            self.leave_alone(name)
