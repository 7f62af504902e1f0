"""Hosts that are killed during a simulated run and started again: by the fault `Kill`, or by an operator.

The process really is killed (SIGKILL by its parent), so everything in its memory is lost: tasks, threads, pools, open
transactions. The files in its folder stay (see `Service.keeps_files`). Its connections are reset, and new ones are refused
while it is down. The zygote then forks a new process, which continues on the clock of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labs.kit.model.faults import Fault
from labs.kit.model.lab import Service
from labs.kit.model.names import NS
from labs.kit.worlds.plan import kills
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator.connections import Connection
from labs.kit.worlds.simulated.coordinator.host_pipe import HostLink
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.wire import RESET, SYN

LEAD_NS = wire.LEAD_S * NS


class Down:
    """Holds the address of a killed host, and refuses all connections."""

    def __init__(self, coordinator: Coordinator, name: str, address: str) -> None:
        self.name, self.address = name, address
        self._coordinator = coordinator

    def on_message(self, conn: Connection, side: int, kind: bytes, payload: bytes, sent: int) -> None:
        """A message from a caller."""
        if kind == SYN:
            self._coordinator.close_by_node(conn, side, RESET)


class Restarts:
    """The kills of one run.

    Args:
        start: starts a service again, with the number of its life, and puts it on the network.
        end: ends a process with certainty.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        faults: Sequence[Fault],
        services: Sequence[Service],
        start: Callable[[Service, int], None],
        end: Callable[[int], int],
    ) -> None:
        self._coordinator = coordinator
        self._start, self._end = start, end
        self._services = {service.name: service for service in services}
        self._lives = dict.fromkeys(self._services, 0)
        self._plan: dict[int, list[tuple[str, bool]]] = {}  # time: [(service, does it begin?)]
        for kill in kills(self._services, faults):
            self._plan.setdefault(LEAD_NS + kill.start_ns, []).append((kill.service, False))
            self._plan.setdefault(LEAD_NS + kill.end_ns, []).append((kill.service, True))

    @property
    def times(self) -> set[int]:
        """The times, in the coordinator's ns, at which the run must stop so that `act` can be called."""
        return set(self._plan)

    def act(self, now: int) -> None:
        """Kill and start the services that are due at `now`; the coordinator has run up to here."""
        for name, begins in self._plan.get(now, []):
            host = next((host for host in self._coordinator.hosts if host.name == name), None)
            if begins and host is None:
                self._lives[name] += 1
                self._start(self._services[name], self._lives[name])
            elif host is not None and not begins:  # if two faults overlap, the host may already be down, or up
                self._take_down(host)

    def restart(self, name: str, back: int) -> bool:
        """Kill a service now, and start it again at `back`, at which the run must stop; False if it is down already."""
        host = next((host for host in self._coordinator.hosts if host.name == name), None)
        if host is None:
            return False
        self._take_down(host)
        self._plan.setdefault(back, []).append((name, True))
        return True

    def _take_down(self, host: HostLink) -> None:
        self._end(host.pid)
        self._coordinator.take_down(host, Down(self._coordinator, host.name, self._coordinator.address_of(host)))
