"""One run in the simulated world: starts the hosts, drives the load, writes the record."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from labs.kit.model.lab import Fix, Lab, Progress, Scenario, Service
from labs.kit.model.load import arrivals, draws
from labs.kit.model.names import DROPPED, MEMORY, MEMORY_PEAK, NS
from labs.kit.model.record import Record, Run, RunInfo, Sample
from labs.kit.model.verdict import Status
from labs.kit.worlds.ingest import parse
from labs.kit.worlds.kept_files import read_kept
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.plan import fault_events, link_faults, repaired, service_faults, told, toolchain, why_blind
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator import cpu_pinning, load
from labs.kit.worlds.simulated.coordinator.host_pipe import LIMITS, HostFailed, HostLink, Limits
from labs.kit.worlds.simulated.coordinator.main import LINK_DELAY_NS, Connection, Coordinator
from labs.kit.worlds.simulated.coordinator.memory_meter import Meter
from labs.kit.worlds.simulated.coordinator.restarts import Restarts
from labs.kit.worlds.simulated.coordinator.zygote import Zygote, zygote

FIRST_ADDRESS = 10
LEAD_NS = wire.LEAD_S * NS
STEP_NS = NS // 4
"""The step after which memory is read and progress reported; longer if there would be more than MOST_STEPS steps."""
MOST_STEPS = 2_400
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only a place for folders with names of their own
"""The place for a run's files, if it exists: on a disk, each commit of a database would take real time."""
_ADDRESS_IN_TEXT = re.compile(rb"0x[0-9a-f]{8,}")


class _LinkTap:
    """A tap in the coordinator's terms: connections and nanoseconds."""

    def __init__(self, tap: HttpTap) -> None:
        self.tap = tap

    def opened(self, conn: Connection, at: int) -> None:
        self.tap.opened(conn.number)

    def bytes_seen(self, conn: Connection, side: int, at: int, data: bytes) -> None:
        self.tap.bytes_seen(conn.number, side == 0, load.seconds(at), data)

    def closed(self, conn: Connection, side: int, at: int, how: bytes) -> None:
        self.tap.closed(conn.number, side == 0, load.seconds(at), how == wire.RESET)


class _Simulation:
    """The parts of one run."""

    def __init__(self, lab: Lab, fix: Fix, scenario: Scenario, seed: int, limits: Limits) -> None:
        self.lab, self.fix, self.scenario, self.seed, self.limits = lab, fix, scenario, seed, limits
        self.record = Record()
        self.coordinator = Coordinator(self._on_signal, seed)
        self.addresses = {s.name: f"10.0.0.{FIRST_ADDRESS + i}" for i, s in enumerate(lab.services)}
        entry = self._service(lab.entry)
        wrong, settings = lab.wrong, scenario.settings
        looks = (lambda request, body: wrong(request, body, settings)) if wrong else None
        self.load = load.Load(self.coordinator, self.addresses[lab.entry], entry.port, lab.entry, looks)
        self.taps: list[HttpTap] = []
        self._signals: dict[str, list[Any]] = {}
        self._dropped: Counter[str] = Counter()
        self._meters: dict[str, Meter] = {}
        self._folders: dict[str, str] = {}
        self._build_network()

    def _service(self, name: str) -> Service:
        return next(s for s in self.lab.services if s.name == name)

    def _build_network(self) -> None:
        self.coordinator.add_node(self.load)
        for name, faults in link_faults(self.lab, self.scenario).items():
            caller, called = name.split("->")
            if caller == "load":
                self.coordinator.add_link(caller, called, faults)
                continue
            tap = HttpTap(name)
            self.taps.append(tap)
            self.coordinator.add_link(caller, called, faults, _LinkTap(tap))

    def spec(self, service: Service, life: int = 0, now: int = 0) -> dict[str, Any]:
        """The zygote's description of a service, also for its restart at `now`; plain JSON."""
        return {
            "name": service.name,
            "life": life,
            "born_ns": now,
            "folder": self._folders.get(service.name),
            "app": service.app,
            "import_from": self.lab.import_from,
            "port": service.port,
            "handler_cancellation": service.handler_cancellation,
            "fix": self.fix.source if service.runs_fix else None,
            **told(service, self.scenario, self.seed),
            "urls": {name: f"http://{name}:{self._service(name).port}" for name in service.calls},
            "names": {name: self.addresses[name] for name in (service.name, *service.calls)},
            "address": self.addresses[service.name],
            "cores": service.cores,
            "lookahead_ns": 2 * LINK_DELAY_NS,
            "cpu_limits_s": [self.limits.cpu_at_one_instant_s / 2, self.limits.cpu_in_all_s / 2],
            "computing_s": self.limits.computing_s,
            "step_ns": step_of(self.scenario),
            "most_signals": [self.limits.signals, self.limits.signal_bytes],
            "faults": service_faults(self.scenario.faults, service.name),
        }

    def run(self, progress: Progress | None) -> Run:
        """Start everything, run to the end, stop everything."""
        scenario = self.scenario
        rng = draws(self.seed, scenario.secret, scenario.settings)
        times = [LEAD_NS + t for t in arrivals(scenario.load, self.seed)]
        self.load.schedule(times, lambda index: self.lab.request(index, rng))
        status, detail = Status.PASS, ""
        try:
            with ExitStack() as stack:  # inside the try: if the hosts cannot be ended, the machine has failed
                parent = zygote()
                stack.enter_context(cpu_pinning.one_core())
                self._start_hosts(stack, parent)
                self.coordinator.run(LEAD_NS)
                self._all_listening()
                end, step = LEAD_NS + round(scenario.seconds * NS), step_of(scenario)
                restarts = self._restarts(stack, parent)
                for link in self.coordinator.hosts:  # memory counts from now on
                    if link.name in self._meters:
                        self._meters[link.name].start(link.pid)
                steps = {*range(LEAD_NS + step, end, step), end}
                for until in sorted(steps | {at for at in restarts.times if at < end}):
                    self.coordinator.run(until)
                    if until in steps:  # between two steps a host's memory does not repeat to the byte (see memory_meter.py)
                        self._read_meters(until)
                    restarts.act(until)
                    if progress:
                        progress(load.seconds(until), scenario.seconds)
        except HostFailed as failed:
            status, detail = failed.status, failed.detail
        blind = next((tap for tap in self.taps if tap.malformed), None)
        if blind is not None and status is Status.PASS:
            status, detail = Status.UNSUPPORTED, why_blind(blind.link, blind.malformed)
        return self._close(status, detail)

    def _start_hosts(self, stack: ExitStack, parent: Zygote) -> None:
        for service in self.lab.services:
            if service.memory_limit_mb:
                meter = self._meters[service.name] = Meter()
                stack.callback(meter.close)
            if service.keeps_files:
                place = IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
                folder = tempfile.TemporaryDirectory(prefix="breakfix-simulated-", dir=place, ignore_cleanup_errors=True)
                self._folders[service.name] = stack.enter_context(folder)
                stack.callback(self._read_kept, service)  # by then its process has ended, and the folder is still there
            self._start_host(stack, parent, self.spec(service))

    def _start_host(self, stack: ExitStack, parent: Zygote, spec: dict[str, Any]) -> None:
        name = spec["name"]
        meter = self._meters.get(name)
        pid, read_fd, write_fd = parent.start(spec, meter.shared.fileno() if meter else None)
        stack.callback(parent.end, pid)
        cpu_pinning.join(pid)
        link = HostLink(name, pid, read_fd, write_fd, 2 * LINK_DELAY_NS, self.coordinator.from_host, self.limits)
        stack.callback(link.close)
        link.next = spec["born_ns"]
        self.coordinator.add_host(link, self.addresses[name])

    def _read_kept(self, service: Service) -> None:
        if service.kept is not None:
            read = read_kept(self._folders[service.name], service.name, service.kept, self.scenario.seconds)
            self._signals.setdefault("events", []).append(read)

    def _restarts(self, stack: ExitStack, parent: Zygote) -> Restarts:
        def start(service: Service, life: int) -> None:
            self._start_host(stack, parent, self.spec(service, life, self.coordinator.now))

        return Restarts(self.coordinator, self.scenario.faults, self.lab.services, start, parent.end)

    def _all_listening(self) -> None:
        for service in self.lab.services:
            if (service.name, service.port) not in self.coordinator.listening:
                raise HostFailed(Status.CRASHED, f"{service.name} was not ready {wire.LEAD_S} s after its start.")

    def _read_meters(self, now: int) -> None:
        alive = {link.name: link.pid for link in self.coordinator.hosts}
        for host, meter in self._meters.items():
            if host not in alive:
                continue
            if meter.pid != alive[host]:  # it was started again since: count from now on
                meter.start(alive[host])
            reading, at = meter.read(), load.seconds(now)
            rows = [Sample(at, MEMORY, host, float(reading.usage)), Sample(at, MEMORY_PEAK, host, float(reading.peak))]
            self._signals.setdefault("samples", []).extend(rows)

    def _on_signal(self, host: str, at: int, line: bytes) -> None:
        parsed = parse(_ADDRESS_IN_TEXT.sub(b"0x...", line), host, load.seconds(at))
        if parsed is None:
            self._dropped[host] += 1
            return
        table, row = parsed
        self._signals.setdefault(table, []).append(row)

    def _close(self, status: Status, detail: str) -> Run:
        record, scenario = self.record, self.scenario
        record.add("requests", self.load.rows(f"load->{self.lab.entry}"))
        for tap in self.taps:
            record.add("requests", tap.rows())
        events = self._signals.pop("events", []) + fault_events(scenario.faults, scenario.seconds)
        record.add("events", sorted(events, key=lambda e: e.time))
        for table, rows in self._signals.items():
            record.add(table, rows)
        record.add("samples", [Sample(scenario.seconds, DROPPED, host, n) for host, n in sorted(self._dropped.items())])
        info = RunInfo(
            self.lab.name, scenario.name, self.fix.name, self.fix.sha, "simulated", self.seed,
            scenario.load_s, scenario.seconds, status, detail, toolchain(), repaired(self.lab.services),
        )  # fmt: skip
        return record.close(info)


def step_of(scenario: Scenario) -> int:
    """The length of a step in ns, after which all hosts wait: a quarter of a second, in a long run a multiple of that."""
    quarters = round(scenario.seconds * NS) // MOST_STEPS // STEP_NS
    return STEP_NS * (quarters + 1)


def run_simulated(
    lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Progress | None = None, limits: Limits = LIMITS
) -> Run:
    """Run a scenario once in the simulated world. See `labs.kit.worlds.run.run`; `limits` are the judge's watchdogs."""
    return _Simulation(lab, fix, scenario, seed, limits).run(progress)
