"""`breakfix check`: the verdicts on one repair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import labs
from breakfix.commands import shell
from breakfix.commands.repair import find_fix
from breakfix.commands.shell import DONE, OURS, print_json, progress_bars, stops_at_once, whole_number

if TYPE_CHECKING:
    from labs.kit.model.lab import Fix, Lab
    from labs.kit.model.verdict import Verdict

ABOUT = "breakfix check"
MOST_SEEDS = 1000


def check(lab_name: str, given_fix: str, given_seeds: str, as_json: bool) -> int:
    """Judge a repair on the seeds 0 to N-1 and print the verdicts. Returns the exit code.

    Raises:
        BadInput, labs.UnknownLab, NotBuilt: before any run.
    """
    from labs.kit.judging.evaluate import attempted, not_attempted
    from labs.kit.model.verdict import REPEATED, maximum, total

    lab = labs.load(lab_name)
    seeds = range(whole_number(given_seeds, "--seeds", 1, MOST_SEEDS, "3"))
    fix = find_fix(lab, given_fix, ABOUT)
    # As in the notebook and in nbgrader, untouched code is not run; but `--fix broken` asks to see it fail.
    begun = given_fix in lab.fix_names() or attempted(lab, fix.source)
    verdicts = _judge(lab, fix, seeds) if begun else not_attempted(lab)
    if as_json:
        points, most = total(verdicts), maximum(verdicts)
        print_json({"lab": lab.name, "points": points, "max_points": most, "verdicts": [v.as_json() for v in verdicts]})
    else:
        _print(lab, given_fix, seeds, verdicts)
    bad = [v for v in verdicts if v.status in REPEATED]
    if bad:
        shell.complain(ABOUT, f"no verdict was reached on {bad[0].check} ({bad[0].status}); this is no zero, run it again")
    return OURS if bad else DONE


def _judge(lab: Lab, fix: Fix, seeds: Sequence[int]) -> list[Verdict]:
    from labs.kit.judging.evaluate import evaluate

    with stops_at_once(), progress_bars() as bars:
        bar = bars.add_task(f"Judging {shell.one_line(fix.name)}", total=None)
        return evaluate(lab, fix, seeds, progress=lambda done, of: bars.update(bar, completed=done, total=of))


def _print(lab: Lab, fix: str, seeds: Sequence[int], verdicts: Sequence[Verdict]) -> None:
    from rich.text import Text

    from labs.kit.model.verdict import Status, maximum, total
    from labs.kit.notebook import notes

    colours = {Status.PASS: "green", Status.FAIL: "red", Status.CRASHED: "red", Status.HUNG: "red"}
    console = shell.console()
    for verdict in verdicts:
        head, _, rest = shell.plain(notes.text(verdict)).partition("\n")
        console.print(Text(head, style=colours.get(verdict.status, "yellow")), Text(rest), sep="\n")
    listed = f"seeds 0 to {seeds[-1]}" if len(seeds) > 1 else "seed 0"
    line = f"{lab.name}, {shell.one_line(fix)}: {total(verdicts):g} of {maximum(verdicts):g} points on {listed}."
    console.print(Text(line, style="bold"))
