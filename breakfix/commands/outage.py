"""`breakfix outage`: runs a lab's public outages, and holds each beside its published figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import labs
from breakfix.commands import shell
from breakfix.commands.run import insist_on_room, written
from breakfix.commands.shell import DONE, OURS, BadInput, print_json, progress_bars, whole_number

if TYPE_CHECKING:
    from labs.kit.judging.fidelity import Fidelity

ABOUT = "breakfix outage"


def outage(lab_name: str, name: str | None, given_seed: str, as_json: bool, plot: Path | None) -> int:
    """Print the fidelity table of one outage, or of each. Returns the exit code: 1 if a shape does not hold.

    Raises:
        BadInput, labs.UnknownLab, UnknownName: before any run.
        OurFault: the chart could not be written.
    """
    from labs.kit.judging.fidelity import fidelity
    from labs.kit.model import outage as outages
    from labs.kit.notebook.outages import drawn

    lab = labs.load(lab_name)
    seed = whole_number(given_seed, "--seed", 0, 2**63 - 1, "7")
    chosen = outages.names(lab) if name is None else [name]
    for each in chosen:
        outages.load(lab, each)
    if plot is not None and (name is None or plot.suffix not in (".png", ".svg")):
        raise BadInput(f"--plot {str(plot)!r}: expected the NAME of an outage, and a name that ends in .png or .svg")
    insist_on_room("--plot", plot)
    found: list[Fidelity] = []
    with progress_bars() as bars:
        bar = bars.add_task(f"{lab.name}, {shell.one_line(name or 'all outages')}, seed {seed}", total=len(chosen))
        for each in chosen:
            found.append(fidelity(lab, each, seed))
            bars.update(bar, advance=1)
    if plot is not None:
        written("--plot", plot, lambda: drawn(found[0]).save(plot))
    if as_json:
        print_json({"lab": lab.name, "seed": seed, "outages": [each.as_json() for each in found]})
    else:
        for told in found:
            _print(told)
        if not found:
            shell.console().print(f"{lab.name} has no public outage.", markup=False)
    return DONE if all(each.holds for each in found) else OURS


def _print(found: Fidelity) -> None:
    from rich.table import Table
    from rich.text import Text

    from labs.kit.notebook.outages import table

    console, note = shell.console(), table(found)
    console.print(Text(found.name, style="bold"))
    rows = Table(box=None, padding=(0, 2, 0, 0))
    for title in note.table[0]:
        rows.add_column(str(title))
    for row in note.table[1:]:
        rows.add_row(*(Text(str(cell)) for cell in row))
    console.print(rows)
    for line in (*note.lines, *(f"  - {gap}" for gap in note.listed)):
        console.print(Text(line))
    console.print()
