"""`breakfix compare-worlds`: one repair in both worlds, verdict by verdict, and the second at which the runs part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import labs
from breakfix.commands import shell
from breakfix.commands.repair import find_fix
from breakfix.commands.shell import DONE, OURS, BadInput, print_json, progress_bars, whole_number

if TYPE_CHECKING:
    from labs.kit.judging.agreement import Comparison

ABOUT = "breakfix compare-worlds"


def compare_worlds(
    lab_name: str, given_fix: str, scenarios: list[str], given_seed: str, as_json: bool, charts: Path | None
) -> int:
    """Run a repair in both worlds and show both side by side. Returns 1 if a verdict differs, else 0.

    Raises:
        BadInput, labs.UnknownLab, UnknownName, NotBuilt: before any run.
    """
    from labs.kit.judging import agreement

    lab = labs.load(lab_name)
    seed = whole_number(given_seed, "--seed", 0, 2**63 - 1, "7")
    fix = find_fix(lab, given_fix, ABOUT)
    for name in scenarios:
        lab.scenario(name)
    if not agreement.compared(lab):
        raise BadInput(f"{lab.name} is judged by live runs alone; there is no simulated verdict to compare them with")
    if charts is not None and charts.exists() and not charts.is_dir():
        raise BadInput(f"--charts {str(charts)!r} is a file; expected a folder")
    with progress_bars() as bars:
        bar = bars.add_task("", total=None)

        def told(what: str, done: float, of: float) -> None:
            bars.update(bar, description=f"{lab.name}, {what}", completed=done, total=of)

        found = agreement.compare(lab, fix, seed, scenarios or None, told)
    if charts is not None:
        _draw(found, charts)
    if as_json:
        print_json(summary(found))
    else:
        _print(summary(found))
    return OURS if found.differ else DONE


def _draw(found: Comparison, folder: Path) -> None:
    from labs.kit import charts

    look = dict(found.lab.chart)
    link = look.pop("link", f"load->{found.lab.entry}")
    for name, (simulated, live) in found.runs.items():
        charts.worlds(simulated, live, link=link, **look).save(folder / f"{name}.png")


def summary(found: Comparison) -> dict[str, Any]:
    """The output of `breakfix compare-worlds --json`."""
    from labs.kit.judging.agreement import parted_at

    return {
        "lab": found.lab.name,
        "fix": found.fix.name,
        "seed": found.seed,
        "agree": not found.differ,
        "checks": [
            {
                "check": both.check,
                "goal": both.simulated.goal,
                "unit": both.simulated.unit,
                "simulated": {"status": str(both.simulated.status), "measured": both.simulated.measured},
                "live": {"status": str(both.live.status), "measured": both.live.measured},
                "agree": both.agree,
                "message": both.live.message,
            }
            for both in found.checks
        ],
        "scenarios": [
            {
                "scenario": name,
                "simulated": str(simulated.status),
                "live": str(live.status),
                "parted_at_s": parted_at(simulated, live),
            }
            for name, (simulated, live) in found.runs.items()
        ],
        "left_out": {check.name: check.simulated_only for check in found.lab.checks if check.simulated_only},
    }


def _print(told: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from labs.kit.notebook import notes

    console = shell.console()
    console.print(Text(shell.one_line(f"{told['lab']}, repair {told['fix']}, seed {told['seed']}, in both worlds"), "bold"))
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("check", "goal", "simulated", "", "live", "", "agree"):
        table.add_column(title)
    for row in told["checks"]:
        sides = [(row[world]["status"], notes.number(row[world]["measured"])) for world in ("simulated", "live")]
        agree = {True: "yes", False: "NO", None: "not compared"}[row["agree"]]
        table.add_row(row["check"], notes.number(row["goal"]), *sides[0], *sides[1], agree)
    console.print(table)
    for name, why in told["left_out"].items():
        console.print(Text(f"{name} is not compared, for {why}."))
    for row in told["scenarios"]:
        at = row["parted_at_s"]
        where = "the two runs do not part" if at is None else f"the shares answered part at second {at:g}"
        console.print(Text(f"{row['scenario']}: {where}"))
    for row in told["checks"]:
        if row["agree"] is not True:
            console.print(Text(shell.one_line(f"{row['check']}, live: {row['message']}")))
