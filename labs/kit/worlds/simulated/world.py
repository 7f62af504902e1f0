"""One run in the simulated world: starts the hosts, drives the load, writes the record."""

from __future__ import annotations

import os
import re
import secrets
import signal
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labs.kit.model.lab import Fix, Lab, Progress, Scenario, Service
from labs.kit.model.load import arrivals, draws
from labs.kit.model.names import COMPUTED, DROPPED, INTACT, MEMORY, MEMORY_PEAK, NS
from labs.kit.model.record import Left, Record, Run, RunInfo, Sample
from labs.kit.model.runbook import Runbook
from labs.kit.model.verdict import Status
from labs.kit.worlds.ingest import parse
from labs.kit.worlds.kept_files import read_kept
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.operator.edge import Edge
from labs.kit.worlds.plan import link_faults, planned_events, repaired, service_faults, told, toolchain, why_blind
from labs.kit.worlds.sandbox import bubblewrap, places
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator import cpu_pinning, left_over, load, operating
from labs.kit.worlds.simulated.coordinator.connections import LINK_DELAY_NS, Connection
from labs.kit.worlds.simulated.coordinator.failures import HostFailed
from labs.kit.worlds.simulated.coordinator.host_pipe import LIMITS, HostLink, Limits
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.coordinator.memory_meter import Meter
from labs.kit.worlds.simulated.coordinator.restarts import Restarts
from labs.kit.worlds.simulated.coordinator.zygote import Zygote, zygote

FIRST_ADDRESS = 10
LEAD_NS = wire.LEAD_S * NS
STEP_NS = NS // 4
"""The step after which memory is read and progress reported; longer if there would be more than MOST_STEPS steps."""
MOST_STEPS = 2_400
TAIL_S = 5
"""The calm tail of a run, for what is under way to end. The record holds nothing of it but what is left over at its end."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only a place for folders with names of their own
"""The place for a run's files, if it exists: on a disk, each commit of a database would take real time."""
_ADDRESS_IN_TEXT = re.compile(rb"0x[0-9a-f]{8,}")


class _LinkTap:
    """A tap in the coordinator's terms: connections and nanoseconds."""

    def __init__(self, tap: HttpTap) -> None:
        self.tap = tap

    def opened(self, conn: Connection, at: int) -> None:
        self.tap.opened(conn.number)

    def bytes_seen(self, conn: Connection, side: int, at: int, data: bytes, arrives: int) -> None:
        self.tap.bytes_seen(conn.number, side == 0, load.seconds(at), data, load.seconds(arrives))

    def closed(self, conn: Connection, side: int, at: int, how: bytes, arrives: int) -> None:
        self.tap.closed(conn.number, side == 0, load.seconds(at), how == wire.RESET, load.seconds(arrives))


class _Simulation:
    """The parts of one run."""

    def __init__(self, lab: Lab, fix: Fix, scenario: Scenario, seed: int, limits: Limits, tier: Tier) -> None:
        self.lab, self.fix, self.scenario, self.seed, self.limits = lab, fix, scenario, seed, limits
        self.tier = tier
        self.cage: dict[str, Any] | None = None
        self.record = Record()
        self.coordinator = Coordinator(self._on_signal, seed)
        self.addresses = {s.name: f"10.0.0.{FIRST_ADDRESS + i}" for i, s in enumerate(lab.services)}
        entry = self._service(lab.entry)
        wrong, settings = lab.wrong, scenario.settings
        looks = (lambda request, body: wrong(request, body, settings)) if wrong else None
        client = lab.desk.client if lab.desk else None
        self.load = load.Load(self.coordinator, self.addresses[lab.entry], entry.port, lab.entry, looks, Edge(seed), client)
        self.taps: list[HttpTap] = []
        self._signals: dict[str, list[Any]] = {}
        self._dropped: Counter[str] = Counter()
        self._meters: dict[str, Meter] = {}
        self._folders: dict[str, str] = {}
        self._left: list[Left] = []
        self._over = False
        self._refused: list[str] = []  # hosts that a system call ended which the sandbox forbids
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
            "up_s": up_s(life),
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
            "cage": self.cage if service.runs_fix else None,
        }

    def run(self, progress: Progress | None) -> Run:
        """Start everything, run to the end, stop everything."""
        scenario = self.scenario
        book = self.lab.runbook(scenario.runbook) if scenario.runbook else None
        rng = draws(self.seed, scenario.secret, scenario.settings)
        times = [LEAD_NS + t for t in arrivals(scenario.load, self.seed)]
        self.load.schedule(times, lambda index: self.lab.request(index, rng))
        status, detail = Status.PASS, ""
        try:
            with ExitStack() as stack:  # inside the try: if the hosts cannot be ended, the machine has failed
                parent = zygote(self.tier, self.lab)
                if self.tier is not Tier.OPEN:
                    self.cage = asdict(places.rules_of_host(self.lab, parent.prepared, self.tier is Tier.BWRAP))
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
                looks = operating.looks(end) if book else []
                operator = self._operator(book, restarts) if book else None
                midway = LEAD_NS + min(-(-round(scenario.load_s * NS) // 2 // step) * step, end - LEAD_NS)
                for until in sorted(steps | set(looks) | {at for at in restarts.times if at < end}):
                    self.coordinator.run(until)
                    if until in steps:  # between two steps a host's memory does not repeat to the byte (see memory_meter.py)
                        self._read_meters(until)
                        self._look_at_files()
                    restarts.act(until)
                    if operator is not None and until in looks:
                        operator.look(until, last=until == looks[-1])
                    if until == midway:
                        for host in self._repaired():
                            self.coordinator.ask(host, wire.MIDWAY)
                    if progress:
                        progress(load.seconds(until), scenario.seconds)
                self._write_what_was_seen()
                self._over = True
                self._look_at_what_is_left()
        except HostFailed as failed:
            status, detail = failed.status, failed.detail
        except (NoSandbox, OSError) as error:
            status, detail = Status.INFRA_ERROR, f"The hosts could not be started: {error}."
        if self._refused and status is Status.CRASHED:
            status, detail = Status.TAMPERED, f"{self._refused[0]} asked the system for what no repair needs, and was ended."
        blind = next((tap for tap in self.taps if tap.malformed), None)
        if blind is not None and status is Status.PASS:
            status, detail = Status.UNSUPPORTED, why_blind(blind.link, blind.malformed)
        return self._close(status, detail)

    def _start_hosts(self, stack: ExitStack, parent: Zygote) -> None:
        for service in self.lab.services:
            if service.memory_limit_mb:
                meter = self._meters[service.name] = Meter()
                stack.callback(meter.close)
            if self.tier is not Tier.OPEN and (service.keeps_files or service.runs_fix):
                folder = self._folders[service.name] = f"{self._place()}/breakfix-simulated-{secrets.token_hex(4)}"
                stack.callback(parent.forget, folder)
            elif service.keeps_files:
                place = IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
                made = tempfile.TemporaryDirectory(prefix="breakfix-simulated-", dir=place, ignore_cleanup_errors=True)
                self._folders[service.name] = stack.enter_context(made)
            if service.kept is not None and service.kept.read_in(self.scenario.name):
                stack.callback(self._read_kept, parent, service)  # its process has ended then, its folder is still there
            self._start_host(stack, parent, self.spec(service))

    def _start_host(self, stack: ExitStack, parent: Zygote, spec: dict[str, Any]) -> None:
        name = spec["name"]
        meter = self._meters.get(name)
        pid, read_fd, write_fd = parent.start(spec, meter.shared.fileno() if meter else None)
        stack.callback(self._end, parent, name, pid)
        cpu_pinning.join(pid)
        link = HostLink(name, pid, read_fd, write_fd, 2 * LINK_DELAY_NS, self.coordinator.from_host, self.limits)
        stack.callback(link.close)
        link.next = spec["born_ns"]
        self.coordinator.add_host(link, self.addresses[name], spec["cores"])

    def _look_at_files(self) -> None:
        """End a run whose hosts have written too much to the machine's own memory or disk: no system limit counts that."""
        if self.tier is not Tier.CAGE:
            return
        for name, folder in self._folders.items():
            paths = [os.path.join(top, file) for top, _, files in os.walk(folder) for file in files]
            size = sum(_bytes_of(path) for path in paths)
            if size > places.HOSTS_BYTES:
                most = places.HOSTS_BYTES >> 20
                raise HostFailed(Status.CRASHED, f"{name} has written {size >> 20} MB of files; it may keep {most} MB.")

    def _place(self) -> str:
        """Where the zygote makes the working directories of sandboxed hosts."""
        in_memory = self.tier is Tier.BWRAP or os.access(IN_MEMORY, os.W_OK | os.X_OK)
        return bubblewrap.SHM if in_memory else tempfile.gettempdir()

    def _end(self, parent: Zygote, name: str, pid: int) -> None:
        if parent.end(pid) == -signal.SIGSYS:
            self._refused.append(name)

    def _read_kept(self, parent: Zygote, service: Service) -> None:
        assert service.kept is not None
        read = read_kept(self._folders[service.name], service.name, service.kept, self.scenario.seconds, parent.opened)
        self._signals.setdefault("events", []).append(read)

    def _restarts(self, stack: ExitStack, parent: Zygote) -> Restarts:
        def start(service: Service, life: int) -> None:
            self._start_host(stack, parent, self.spec(service, life, self.coordinator.now))

        return Restarts(self.coordinator, self.scenario.faults, self.lab.services, start, parent.end)

    def _operator(self, book: Runbook, restarts: Restarts) -> operating.Operating:
        return operating.Operating(
            self.lab, book, self.addresses, self.coordinator, self.load, self.taps, restarts, self._signals,
            self.scenario.seconds,
        )  # fmt: skip

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
        if self._over:
            return
        parsed = parse(_ADDRESS_IN_TEXT.sub(b"0x...", line), host, load.seconds(at))
        if parsed is None:
            self._dropped[host] += 1
            return
        table, row = parsed
        self._signals.setdefault(table, []).append(row)

    def _write_what_was_seen(self) -> None:
        """The requests, and the computing of each host, up to now."""
        self.record.add("requests", self.load.rows(f"load->{self.lab.entry}"))
        for tap in self.taps:
            self.record.add("requests", tap.rows())
        computed = ((host, r.ns / NS) for host, r in sorted(self.coordinator.receipts.items()) if r.ns)
        self.record.add("samples", [Sample(self.scenario.seconds, COMPUTED, host, seconds) for host, seconds in computed])

    def _look_at_what_is_left(self) -> None:
        """Let some quiet time pass, and write down what the services that run the repair have not ended by then."""
        end = self.coordinator.now
        self.coordinator.run(end + TAIL_S * NS)
        for host in self._repaired():
            self._left += left_over.seen(self.coordinator, self.taps, host, load.seconds(end))
            said = left_over.said(host.name, self.coordinator.ask(host, wire.END))
            if wrong := left_over.tampering(said):
                raise HostFailed(Status.TAMPERED, f"{host.name} {wrong}.")
            self._left += [row for row in said if row.kind != INTACT]
            if self._stops(host):
                self._left += left_over.stopped(self.coordinator, host)

    def _stops(self, host: HostLink) -> bool:
        """Is this service told to stop in the end? It is killed if the judge reads then what it has kept without."""
        service = self._service(host.name)
        return service.stops and (service.kept is None or not service.kept.read_in(self.scenario.name))

    def _repaired(self) -> list[HostLink]:
        """The hosts that run the repair and are alive."""
        return [host for host in self.coordinator.hosts if self._service(host.name).runs_fix]

    def _close(self, status: Status, detail: str) -> Run:
        record, scenario = self.record, self.scenario
        if not self._over:
            self._write_what_was_seen()
        record.add("left", self._left)
        events = self._signals.pop("events", []) + planned_events(scenario)
        record.add("events", sorted(events, key=lambda e: e.time))
        for table, rows in self._signals.items():
            record.add(table, rows)
        record.add("samples", [Sample(scenario.seconds, DROPPED, host, n) for host, n in sorted(self._dropped.items())])
        info = RunInfo(
            self.lab.name, scenario.name, self.fix.name, self.fix.sha, "simulated", self.seed,
            scenario.load_s, scenario.seconds, status, detail, toolchain(), repaired(self.lab.services),
        )  # fmt: skip
        return record.close(info)


def _bytes_of(path: str) -> int:
    """What a file takes on the disk; 0 if it is gone by now."""
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:
        return 0


def up_s(life: int) -> int:
    """What the monotonic clock of a service shows at the start of the run, in whole seconds.

    A service that is started again is on a machine that has been up for less: what its clock showed before lies ahead.
    """
    return wire.MONOTONIC_S >> 2 * life


def step_of(scenario: Scenario) -> int:
    """The length of a step in ns, after which all hosts wait: a quarter of a second, in a long run a multiple of that."""
    quarters = round(scenario.seconds * NS) // MOST_STEPS // STEP_NS
    return STEP_NS * (quarters + 1)


def run_simulated(
    lab: Lab,
    fix: Fix,
    scenario: Scenario,
    seed: int,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
    tier: Tier = Tier.OPEN,
) -> Run:
    """Run a scenario once in the simulated world. See `labs.kit.worlds.run.run`; `limits` are the judge's watchdogs.

    Raises:
        RunbookError: the scenario's runbook is none for this lab.
    """
    return _Simulation(lab, fix, scenario, seed, limits, tier).run(progress)
