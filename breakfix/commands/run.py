"""`breakfix run`: one run and its summary; with its record and its chart on request."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import labs
from breakfix.commands import shell
from breakfix.commands.repair import find_fix
from breakfix.commands.shell import DONE, OURS, BadInput, OurFault, print_json, progress_bars, whole_number

if TYPE_CHECKING:
    from labs.kit.model.lab import Fix, Lab, Scenario
    from labs.kit.model.record import Run

ABOUT = "breakfix run"
T = TypeVar("T")


def run(
    lab_name: str,
    given_fix: str,
    scenario_name: str | None,
    given_seed: str,
    given_world: str | None,
    as_json: bool,
    record: Path | None,
    chart: Path | None,
) -> int:
    """Run a lab once and print the summary. Returns the exit code: 0 also for a run that the repair ended early.

    Raises:
        BadInput, labs.UnknownLab, UnknownName, NotBuilt: before any run.
        OurFault: a file could not be written.
    """
    from labs.kit.model.lab import UnknownName
    from labs.kit.model.verdict import REPEATED
    from labs.kit.worlds import run

    lab = labs.load(lab_name)
    world = lab.world if given_world is None else given_world
    if world not in run.WORLDS:
        raise UnknownName("world", world, list(run.WORLDS))
    scenario = lab.scenario(scenario_name or next(iter(lab.scenarios)))
    # SQLite keeps whole numbers in 64 bits, so the record could not hold a larger seed.
    seed = whole_number(given_seed, "--seed", 0, 2**63 - 1, "7")
    fix = find_fix(lab, given_fix, ABOUT)
    if chart is not None and chart.suffix not in (".png", ".svg"):
        raise BadInput(f"--chart {str(chart)!r}: expected a name that ends in .png or .svg")
    insist_on_room("--record", record)
    insist_on_room("--chart", chart)
    try:
        done = run_with_bar(lab, fix, scenario, seed, world)
    except KeyboardInterrupt as stopped:
        _kept_if_interrupted(stopped, record)
        raise
    if record is not None:
        written("--record", record, lambda: done.save(record))
    told = written("--chart", chart, lambda: _draw(lab, done, chart)) if chart is not None else ""
    if as_json:
        print_json(summary(lab, done))
    else:
        _print(summary(lab, done))
        shell.console().print(shell.plain(told), markup=False, end="\n" if told else "")
    if done.status in REPEATED:
        shell.complain(ABOUT, f"the run says nothing of the repair ({done.status}): {done.info.detail} Run it again.")
        return OURS
    return DONE


def run_with_bar(lab: Lab, fix: Fix, scenario: Scenario, seed: int, world: str) -> Run:
    """Run a scenario once, with a progress bar."""
    from labs.kit.worlds import run

    with progress_bars() as bars:
        bar = bars.add_task(f"{lab.name}, {scenario.name}, {shell.one_line(fix.name)}, seed {seed}", total=scenario.seconds)

        def show(done: float, of: float) -> None:
            bars.update(bar, completed=done, total=of)

        return run.run(lab, fix, world, scenario, seed, show)


def _kept_if_interrupted(stopped: KeyboardInterrupt, record: Path | None) -> None:
    """Write the record of a live run that was stopped, if --record asks for it."""
    from labs.kit.model.record import Run

    broken_off = getattr(stopped, "run", None)
    if record is not None and isinstance(broken_off, Run):
        written("--record", record, lambda: broken_off.save(record))


def insist_on_room(option: str, path: Path | None) -> None:
    """Raise BadInput before the run if its result could not be written."""
    if path is None:
        return
    if path.is_dir():
        raise BadInput(f"{option} {str(path)!r} is a folder; expected the name of a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{option} {str(path)!r}: cannot make the folder for it ({error.strerror}); choose another"
        raise BadInput(message) from error


def written(option: str, path: Path, write: Callable[[], T]) -> T:
    """Write a file that an option names. Raises OurFault."""
    try:
        return write()
    except (OSError, sqlite3.Error) as error:
        message = f"{option} {str(path)!r} could not be written ({error}); make room there or choose another place"
        raise OurFault(message) from error


def _draw(lab: Lab, done: Run, path: Path) -> str:
    """Write the chart. Returns its summary in a sentence."""
    from labs.kit import charts

    drawn = charts.outage(done, **lab.chart)
    drawn.save(path)
    return drawn.summary


def summary(lab: Lab, done: Run) -> dict[str, Any]:
    """The output of `breakfix run --json`; docs/command-line.md explains each key."""
    from labs.kit.charts.outage import TAIL_S
    from labs.kit.measure import stats

    info = done.info
    tail = max(0.0, info.load_s - TAIL_S)
    faults = stats.fault_windows(done)
    ended = [window.end for window in faults if window.end < info.load_s]
    requests = done.requests()
    ok = sum(request.ok for request in requests)
    recovery_s = stats.recovery_s(done, max(ended)) if ended and requests else None
    return {
        "lab": info.lab,
        "scenario": info.scenario,
        "fix": info.fix,
        "fix_sha": info.fix_sha,
        "world": info.world,
        "seed": info.seed,
        "status": str(done.status),
        "detail": info.detail,
        "load_s": info.load_s,
        "seconds": info.seconds,
        "offered": len(requests),
        "ok": ok,
        "success_rate": ok / len(requests) if requests else None,
        "tail_s": info.load_s - tail,
        "tail_success_rate": _if_any(lambda: stats.success_rate(done, tail)),
        "recovered": None if recovery_s is None else recovery_s < float("inf"),
        "recovery_s": recovery_s,
        "faults": [{"kind": w.detail, "where": w.subject, "start": w.start, "end": w.end} for w in faults],
        "links": [_link(done, link, tail) for link in done.links()],
        "measures": {
            name: {"value": _if_any(partial(measure, done)), "unit": unit} for name, (measure, unit) in lab.measures.items()
        },
        "toolchain": info.toolchain,
    }


def _link(done: Run, link: str, tail: float) -> dict[str, Any]:
    from labs.kit.measure import stats

    return {
        "link": link,
        "attempts": stats.attempts(done, link, 0, done.info.seconds),
        "amplification": _if_any(lambda: stats.amplification(done, link)),
        "tail_amplification": _if_any(lambda: stats.amplification(done, link, tail)),
        "outcomes": dict(sorted(stats.outcomes(done, link, 0, done.info.seconds).items())),
    }


def _if_any(measure: Callable[[], float | None]) -> float | None:
    """A figure, or None if a run that ended early has no data for it."""
    try:
        return measure()
    except (ValueError, ArithmeticError, LookupError):
        return None


def _print(told: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from labs.kit.charts.chart import percent, seconds
    from labs.kit.notebook import notes

    console = shell.console()
    head = f"{told['lab']}, scenario {told['scenario']}, repair {told['fix']}, {told['world']} world, seed {told['seed']}"
    console.print(Text(shell.one_line(head), style="bold"))
    if told["status"] != "pass":
        how = "does not count" if told["status"] == "invalid" else "ended early"
        console.print(Text(shell.one_line(f"The run {how}: {told['status']}. {told['detail']}"), style="red"))
    facts = Table(box=None, show_header=False, padding=(0, 3, 0, 0))
    facts.add_row("offered", f"{told['offered']} requests in {told['load_s']:g} s")
    share = "" if told["success_rate"] is None else f", {percent(told['success_rate'])}"
    facts.add_row("answered", f"{told['ok']}{share}")
    if told["tail_success_rate"] is not None:
        share = percent(told["tail_success_rate"])
        facts.add_row("success in the tail", f"{share} in the last {told['tail_s']:g} s of the load")
    for fault in told["faults"]:
        facts.add_row("fault", f"{fault['kind']} on {fault['where']}, from {fault['start']:g} s to {fault['end']:g} s")
    if told["recovery_s"] is not None:
        recovered = told["recovery_s"] < float("inf")
        facts.add_row("recovered", f"{seconds(told['recovery_s'])} after the fault" if recovered else "never")
    for name, measured in told["measures"].items():
        facts.add_row(name, notes.quantity(measured["value"], measured["unit"]))
    console.print(facts)
    if told["links"]:
        console.print(_links_table(told))


def _links_table(told: dict[str, Any]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for title in ("link", "attempts", "a request", f"in the last {told['tail_s']:g} s", "how they ended"):
        table.add_column(title, justify="left" if title in ("link", "how they ended") else "right")
    for row in told["links"]:
        ended = ", ".join(f"{outcome}: {count}" for outcome, count in row["outcomes"].items())
        factors = ["-" if f is None else f"{f:.2f}" for f in (row["amplification"], row["tail_amplification"])]
        table.add_row(row["link"], str(row["attempts"]), *factors, Text(ended))
    return table
