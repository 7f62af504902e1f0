"""One run in the live world: makes the plan, starts the runner, writes the record."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from labs.kit.measure import stats
from labs.kit.model.faults import as_plain
from labs.kit.model.lab import Fix, Lab, Progress, Scenario, Service
from labs.kit.model.load import HttpRequest, arrivals, draws
from labs.kit.model.names import IDLE_LAG, NS, SEND_LAG
from labs.kit.model.record import ERROR_LEVELS, Event, Record, Request, Run, RunInfo, Sample
from labs.kit.model.verdict import Status
from labs.kit.worlds.ingest import parse
from labs.kit.worlds.live.operating import Operating
from labs.kit.worlds.live.sandboxed import RUN_FOLDER, sandboxed
from labs.kit.worlds.live.steering import Steering
from labs.kit.worlds.plan import kills, link_faults, planned_events, repaired, service_faults, told, toolchain, why_blind
from labs.kit.worlds.sandbox import bubblewrap
from labs.kit.worlds.sandbox.places import Place
from labs.kit.worlds.sandbox.tiers import NoSandbox, Tier

RUNNER = "labs.kit.worlds.live.runner"
ROOT = Path(__file__).resolve().parents[4]
ENDS_WITHIN_S = 20.0
MOST_SEND_LAG_S = 0.020
"""The bound of the send lag's 99th percentile. A run above it is invalid: it measured the machine, not the system."""
SATURATED, LONG_S, ENOUGH = 0.8, 5, 0.95
"""See `too_slow`."""


class Interrupted(KeyboardInterrupt):
    """The run was interrupted; `run` is its record up to the interrupt."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.info.detail)
        self.run = run


def plan(lab: Lab, fix: Fix, scenario: Scenario, seed: int) -> dict[str, Any]:
    """The plan of the run for the runner, as plain JSON."""
    rng = draws(seed, scenario.secret, scenario.settings)
    requests = [(due, lab.request(i, rng)) for i, due in enumerate(arrivals(scenario.load, seed))]
    entry = f"load->{lab.entry}"
    faults = link_faults(lab, scenario)
    planned = kills((service.name for service in lab.services), scenario.faults)
    may_end = {kill.service for kill in planned} | {service.name for service in lab.services if service.memory_limit_mb}
    restarts = lab.entry in may_end  # on a new port each time
    links = [
        {"name": name, "faults": [as_plain(f) for f in on]} for name, on in faults.items() if on or name != entry or restarts
    ]
    return {
        "entry": lab.entry,
        "seconds": scenario.seconds,
        "seed": seed,
        "import_from": lab.import_from,
        "links": links,
        "services": [_service(service, fix, scenario, seed) for service in lab.services],
        "kept": {s.name: asdict(s.kept) for s in lab.services if s.kept is not None and s.kept.read_in(scenario.name)},
        "kills": [{"service": k.service, "at_s": k.at_s, "back_s": k.at_s + k.seconds} for k in planned],
        "database": {
            "server": lab.database,
            "settings": dict(scenario.settings),
            "faults": [as_plain(f) for f in scenario.faults if f.where == "database"],
        }
        if lab.database
        else None,
        "calls": [(due, _bytes(request, lab.entry), request.patience_s) for due, request in requests],
        "requests": requests,
    }


def _service(service: Service, fix: Fix, scenario: Scenario, seed: int) -> dict[str, Any]:
    return {
        "name": service.name,
        "app": service.app,
        "fix": fix.source if service.runs_fix else None,
        **told(service, scenario, seed),
        "calls": service.calls,
        "handler_cancellation": service.handler_cancellation,
        "cores": service.cores,
        "memory_limit_mb": service.memory_limit_mb,
        "open_files": service.open_files,
        "faults": service_faults(scenario.faults, service.name),
    }


def _bytes(r: HttpRequest, host: str) -> str:
    head = f"{r.method} {r.path} HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: {r.request_id}\r\n"
    if r.body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(r.body)}\r\n"
    return (head.encode("ascii") + b"\r\n" + r.body).decode("latin-1")


class Gathering:
    """Collects the runner's messages for the record."""

    def __init__(self, lab: Lab, requests: list[tuple[int, HttpRequest]], steered: bool = False) -> None:
        self.lab, self.requests, self.steered = lab, requests, steered
        self.rows: dict[str, list[Any]] = {}
        self.load: dict[int, tuple[int, int, int, str]] = {}
        self.status, self.detail = Status.INFRA_ERROR, "The live run ended without a word."
        self.blind = ""
        self.at = 0.0
        self.idle_lag_ms = 0.0

    def hear(self, message: dict[str, Any]) -> None:
        """Take one message of the runner."""
        if "signal" in message:
            parsed = parse(json.dumps(message["signal"]).encode(), message["host"])
            if parsed is not None:
                table, row = parsed
                if getattr(row, "time", 0.0) > -60:  # a row from before the start of the run has no time in it
                    self.rows.setdefault(table, []).append(row)
        elif "rows" in message:
            for index, sent, done, status, error_type in message["rows"]:
                self.load[index] = (sent, done, status, error_type)
        elif "samples" in message:
            self.rows.setdefault("samples", []).extend(Sample(at, s, host, v) for at, s, host, v in message["samples"])
        elif "exchange" in message:
            seen = Request(*message["exchange"])
            if seen.link != f"load->{self.lab.entry}":  # those are the load's own rows already
                self.rows.setdefault("requests", []).append(seen)
        elif "kept" in message:
            self.rows.setdefault("events", []).append(Event(*message["kept"]))
        elif "blind" in message:
            self.blind = self.blind or why_blind(*message["blind"])
        elif "idle_lag_ms" in message:
            self.idle_lag_ms = message["idle_lag_ms"]
        elif "at" in message:
            self.at = message["at"]
        elif "status" in message:
            self.status, self.detail = Status(message["status"]), message["detail"]

    def load_rows(self) -> list[Request]:
        """One row for each request that was sent."""
        link, rows = f"load->{self.lab.entry}", []
        for index, (due, request) in enumerate(self.requests):
            if index in self.load:
                sent, done, status, error_type = self.load[index]
                endpoint = f"{request.method} {request.path.split('?')[0]}"
                ended = None if done < 0 else done / NS
                rows.append(Request(link, request.request_id, endpoint, 1, due / NS, sent / NS, ended, status, error_type))
        return rows

    def close(self, fix: Fix, scenario: Scenario, seed: int) -> Run:
        """The record."""
        record, load, between = Record(), self.load_rows(), self.rows.pop("requests", [])
        record.add("requests", load)
        record.add("requests", between)
        events = self.rows.pop("events", []) + planned_events(scenario)
        record.add("events", sorted(events, key=lambda e: e.time))
        lags = [Sample(r.sent, SEND_LAG, "load", r.sent - r.intended) for r in load]
        idle = Sample(0.0, IDLE_LAG, "load", self.idle_lag_ms / 1000)
        record.add("samples", [*self.rows.pop("samples", []), *lags, idle])
        if self.status is Status.PASS and not self.steered:
            # Services are told to stop while handlers of closed connections still wait: their logs after that are no
            # failure of the run. The simulated world ends between two events, and has no such logs.
            logs, end = self.rows.get("logs", []), scenario.seconds
            self.rows["logs"] = [row for row in logs if row.time <= end or row.level not in ERROR_LEVELS]
        for table, rows in self.rows.items():
            record.add(table, sorted(rows, key=lambda row: getattr(row, "time", getattr(row, "start", 0.0))))
        status, detail = self.status, self.detail
        if status is Status.PASS and self.blind:
            status, detail = Status.UNSUPPORTED, self.blind
        if status is Status.PASS:
            tolerated = max(scenario.send_lag_s, MOST_SEND_LAG_S)
            doubt = why_invalid([s.value for s in lags], idle.value, tolerated)
            if not self.steered:  # a steered run may have a fault on a paced link
                # Below what an operator sheds, a link may be busy without a queue: its rate is not its capacity then.
                slow = "" if scenario.runbook else too_slow(self.lab, between)
                doubt = doubt or slow or self.lab.doubt(events, scenario.seconds)
            status, detail = (Status.INVALID, doubt) if doubt else (status, detail)
        seconds = min(scenario.seconds, self.at) if self.steered and self.at > 0 else scenario.seconds
        info = RunInfo(
            self.lab.name, scenario.name, fix.name, fix.sha, "live", seed, min(scenario.load_s, seconds), seconds,
            status, detail, toolchain(), repaired(self.lab.services),
        )  # fmt: skip
        return record.close(info)


def why_invalid(send_lags: list[float], idle_lag: float, tolerated: float = MOST_SEND_LAG_S) -> str:
    """The reason why a run must not be judged; "" if it may. All times are seconds; docs/live-world.md has the rules."""
    if idle_lag > tolerated:
        late, most = stats.told_apart(1000 * idle_lag, 1000 * tolerated)
        return (
            f"The machine was busy before the load began: timers were up to {late} ms late (p99), at most"
            f" {most} ms are allowed. Close what else runs, and run again."
        )
    lag = stats.percentile(send_lags, 99) if send_lags else 0.0
    if lag > tolerated:
        late, most = stats.told_apart(1000 * lag, 1000 * tolerated)
        return (
            f"The load was sent late: send lag p99 {late} ms, at most {most} ms are allowed. The machine was"
            " measured, not the system. Close what else runs, and run again."
        )
    return ""


def too_slow(lab: Lab, exchanges: Sequence[Request]) -> str:
    """The reason why a run must not be judged although its load was sent in time: the machine was below a lab's capacity.

    A link of `Lab.paced` that answers at least SATURATED of its capacity for LONG_S seconds on end has a queue, and so shows
    its real capacity. "" if that was at least ENOUGH of the lab's capacity.
    """
    for link, seconds in lab.paced.items():
        capacity = 1 / seconds
        done = Counter(int(r.done) for r in exchanges if r.link == link and r.done is not None)
        stretches: list[list[int]] = [[]]
        for second in range(max(done, default=-1) + 1):
            if done[second] >= SATURATED * capacity:
                stretches[-1].append(done[second])
            else:
                stretches.append([])
        shown = [count for stretch in stretches if len(stretch) >= LONG_S for count in stretch]
        if shown and (got := sum(shown) / len(shown)) < ENOUGH * capacity:
            slow, wanted = stats.told_apart(got, capacity, 1)
            return (
                f"The machine was too slow: while calls waited, {link} answered {slow} a second, and by the lab's design"
                f" it answers {wanted}. Close what else runs, and run again."
            )
    return ""


def environment(folder: str, import_from: str = "", tier: Tier = Tier.OPEN) -> dict[str, str]:
    """The runner's environment: the caller's, without proxies, because nothing here leaves the machine. In a sandbox it is
    the same for everybody, because the caller's may hold secrets.

    `import_from` is `Lab.import_from`: it comes last in the path, so that it hides nothing.
    """
    if tier is Tier.OPEN:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    else:
        kept = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "TZ": "UTC"}
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", ""), import_from]))
    return {**kept, "PYTHONPATH": path, "TMPDIR": folder, "no_proxy": "*"}


@contextlib.contextmanager
def runner(spec: dict[str, Any], folder: str, outer: Place | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The runner's process; at the end of the context it is gone, with all its descendants. `outer` is its sandbox."""
    said = None if os.environ.get("BREAKFIX_HOST_STDERR") else subprocess.DEVNULL
    wrapped = bubblewrap.wrap(outer, RUNNER) if outer else bubblewrap.Wrapped(bubblewrap.plain(RUNNER))
    inside = RUN_FOLDER if outer else folder
    around = environment(inside, spec.get("import_from", ""), Tier(spec.get("tier", Tier.OPEN)))
    try:
        process = subprocess.Popen(
            wrapped.command, **wrapped.options,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=around, cwd=folder if outer is None else "/",
            start_new_session=True,  # Ctrl-C must reach only the caller, which then asks the runner to stop
        )  # fmt: skip
    finally:
        for descriptor in wrapped.given:
            os.close(descriptor)
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps({**spec, "folder": inside}).encode() + b"\n")
        process.stdin.flush()
        yield process
    finally:
        with contextlib.suppress(OSError):
            process.stdin and process.stdin.close()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()  # its children hold pipes from it, and end with it
            process.wait()
        if process.returncode != 0 or sys.platform != "linux":  # only on Linux a runner finds what has left its group
            end_strays(folder)
        if process.stdout is not None:
            process.stdout.close()


def end_strays(folder: str) -> None:
    """Kill every process whose temporary files are in `folder`: a killed runner leaves the processes of a repair behind."""
    for _ in range(20):  # a process that is being killed may just have started another
        left = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("TMPDIR") == folder:
                    process.kill()
                    left.append(process)
        if not left:
            return
        psutil.wait_procs(left, timeout=0.1)


def run_live(
    lab: Lab,
    fix: Fix,
    scenario: Scenario,
    seed: int,
    progress: Progress | None = None,
    steering: Steering | None = None,
    tier: Tier = Tier.OPEN,
) -> Run:
    """Run a scenario once in the live world. See `labs.kit.worlds.run.run`.

    With `steering` the run can be changed and ended while it goes on; `scenario` is then the steering's own, and no operator
    follows its runbook.

    Raises:
        RunbookError: the scenario's runbook is none for this lab.
        Interrupted: by Ctrl-C, or the notebook's stop button; all processes have ended, and `run` is the record up to then.
    """
    operator = Operating(lab, scenario, seed, lab.runbook(scenario.runbook)) if scenario.runbook and not steering else None
    spec = plan(lab, fix, scenario, seed)
    spec = steering.plan(spec, _bytes) if steering else operator.plan(spec) if operator else spec
    watcher = steering or operator
    gathering = Gathering(lab, spec.pop("requests"), steered=steering is not None)
    interrupted = False
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="breakfix-live-", ignore_cleanup_errors=True))
            outer = sandboxed(spec, lab, tier)
            process = stack.enter_context(runner(spec, folder, outer))
        except NoSandbox as error:
            gathering.detail = f"The live run could not be started: {error}."
            return gathering.close(fix, scenario, seed)
        except OSError as error:  # a full disk, or no more processes: the machine's fault
            gathering.detail = f"The live run could not be started: {error}. Is the disk full? `breakfix doctor` looks."
            return gathering.close(fix, scenario, seed)
        if watcher is not None and process.stdin is not None:
            stack.callback(watcher.detach)  # before the pipe is closed
            watcher.attach(process.stdin)
        while True:
            try:
                _listen(process, gathering, scenario, progress, watcher)
                break
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True
                _ask_to_stop(process)
    if operator is not None:
        gathering.rows.setdefault("events", []).extend(operator.events)
    run = gathering.close(fix, scenario, seed)
    if interrupted:
        raise Interrupted(run)
    return run


def _listen(
    process: subprocess.Popen[bytes],
    gathering: Gathering,
    scenario: Scenario,
    progress: Progress | None,
    watcher: Steering | Operating | None,
) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # an interrupt came while this line was read, and its first half is lost
        gathering.hear(message)
        if watcher is not None:
            watcher.hear(message)
        if progress and "at" in message:
            progress(min(gathering.at, scenario.seconds), scenario.seconds)
        if "status" in message:
            return


def _ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        assert process.stdin is not None
        process.stdin.write(b'{"stop": true}\n')
        process.stdin.flush()
