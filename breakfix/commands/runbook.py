"""`breakfix runbook`: plays a runbook, and shows what the operator did and what it cost the users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import labs
from breakfix.commands import shell
from breakfix.commands.repair import find_fix
from breakfix.commands.run import insist_on_room, run_with_bar, written
from breakfix.commands.shell import DONE, OURS, BadInput, print_json, whole_number

if TYPE_CHECKING:
    from labs.kit.model.lab import Lab
    from labs.kit.model.record import Run

ABOUT = "breakfix runbook"
LARGEST_FILE = 1_000_000


def runbook(
    lab_name: str,
    file: Path | None,
    given_fix: str,
    scenario_name: str | None,
    given_seed: str,
    world: str,
    as_json: bool,
    plot: Path | None,
) -> int:
    """Play a runbook and print what happened. Returns the exit code: 0 also for a runbook that does not help.

    Raises:
        BadInput, labs.UnknownLab, UnknownName, NotBuilt: before any run.
        OurFault: the chart could not be written.
    """
    from labs.kit.judging.runbook_cell import alone
    from labs.kit.model.lab import UnknownName
    from labs.kit.model.verdict import REPEATED
    from labs.kit.worlds import run as worlds

    lab = labs.load(lab_name)
    if world not in worlds.WORLDS:
        raise UnknownName("world", world, list(worlds.WORLDS))
    scenario = lab.called_to if scenario_name is None else lab.scenario(scenario_name)
    seed = whole_number(given_seed, "--seed", 0, 2**63 - 1, "7")
    fix = alone(lab, find_fix(lab, given_fix, ABOUT))
    text = _text(lab.taking_part(scenario), file)
    if plot is not None and plot.suffix not in (".png", ".svg"):
        raise BadInput(f"--plot {str(plot)!r}: expected a name that ends in .png or .svg")
    insist_on_room("--plot", plot)
    without, with_ = (run_with_bar(lab, fix, scenario.with_(runbook=book), seed, world) for book in ("", text))
    if plot is not None:
        written("--plot", plot, lambda: _draw(lab, without, with_, plot))
    told = summary(lab, without, with_)
    if as_json:
        print_json(told)
    else:
        _print(told)
    for run in (without, with_):
        if run.status in REPEATED:
            shell.complain(ABOUT, f"a run says nothing ({run.status}): {run.info.detail} Run it again.")
            return OURS
    return DONE


def _text(lab: Lab, file: Path | None) -> str:
    """The text to play, by default the lab's own. Raises BadInput for one that is no runbook of this lab."""
    from labs.kit.model.runbook import RunbookError

    chosen = lab.folder / "runbook.md" if file is None else file
    try:
        if chosen.stat().st_size > LARGEST_FILE:
            raise BadInput(f"--file {str(chosen)!r} has more than {LARGEST_FILE:,} bytes; a runbook is shorter")
        text = chosen.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--file {str(chosen)!r} cannot be read ({error}); expected a Markdown file") from error
    try:
        lab.runbook(text)
    except RunbookError as error:
        raise BadInput(f"{chosen.name} is no runbook of {lab.name}: {error}") from error
    return text


def _draw(lab: Lab, without: Run, with_: Run, path: Path) -> None:
    from labs.kit import charts

    charts.operated(without, with_, **lab.chart).save(path)


def summary(lab: Lab, without: Run, with_: Run) -> dict[str, Any]:
    """The output of `breakfix runbook --json`."""
    from labs.kit.measure import operating

    info = with_.info
    return {
        "lab": lab.name,
        "scenario": info.scenario,
        "fix": info.fix,
        "world": info.world,
        "seed": info.seed,
        "deeds": [{"time": deed.time, "kind": deed.kind, "text": deed.text.strip()} for deed in operating.deeds(with_)],
        "actions": len(operating.actions(with_)),
        "without": _cost(without),
        "with": _cost(with_),
    }


def _cost(run: Run) -> dict[str, Any]:
    from labs.kit.charts.outage import TAIL_S
    from labs.kit.measure import operating, stats

    requests = run.requests()
    tail = max(0.0, run.info.load_s - TAIL_S)
    return {
        "status": str(run.status),
        "detail": run.info.detail,
        "requests": len(requests),
        "failed": operating.failed(run),
        "tail_success_rate": stats.success_rate(run, tail) if any(r.intended >= tail for r in requests) else None,
    }


def _print(told: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from labs.kit.charts.chart import percent

    console = shell.console()
    head = f"{told['lab']}, scenario {told['scenario']}, repair {told['fix']}, {told['world']} world, seed {told['seed']}"
    console.print(Text(shell.one_line(head), style="bold"))
    for deed in told["deeds"]:
        indent = "" if deed["kind"] in ("page", "step", "runbook over") else "  "
        console.print(Text(f"{deed['time']:7.1f} s  {indent}{shell.one_line(deed['text'])}"))
    if not told["deeds"]:
        console.print("Nothing called the operator.")
    table = Table(box=None, padding=(0, 3, 0, 0))
    for title in ("", "failed", "of", "answered in the last 8 s"):
        table.add_column(title, justify="left" if not title else "right")
    for name, title in (("without", "without an operator"), ("with", "with the runbook")):
        cost = told[name]
        tail = "-" if cost["tail_success_rate"] is None else percent(cost["tail_success_rate"])
        ended = "" if cost["status"] == "pass" else f" ({cost['status']}: {shell.one_line(cost['detail'])})"
        table.add_row(title + ended, str(cost["failed"]), str(cost["requests"]), tail)
    console.print(table)
