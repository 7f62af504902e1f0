"""`breakfix agreement-table`: compares both worlds on every repair of every lab; writes docs/agreement.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import labs
from breakfix.commands import kept_rows, shell
from breakfix.commands.kept_rows import KeptRows
from breakfix.commands.release_table import write_table
from breakfix.commands.shell import DONE, OURS, BadInput, progress_bars, stops_at_once

if TYPE_CHECKING:
    from labs.kit.judging.agreement import Comparison
    from labs.kit.model.lab import Lab

TABLE = Path("docs", "agreement.md")


@dataclass(frozen=True)
class Row:
    """The comparison of one repair: the number of checks on which the worlds agree, and the other checks in words.

    `spoiled` is true if a live measurement was bad: the row is made again next time.
    """

    lab: str
    repair: str
    agree: int
    not_compared: tuple[str, ...]
    differ: tuple[str, ...]
    knife_edge: str | None
    spoiled: bool = False

    @property
    def wrong(self) -> bool:
        """Do the worlds disagree on a repair that is not marked as a knife edge?"""
        return bool(self.differ) and self.knife_edge is None


def agreement_table(names: Sequence[str], repairs: Sequence[str], out: Path | None) -> int:
    """Compare the worlds on all repairs and write the table. Returns 1 if they disagree on a repair, else 0.

    Raises:
        BadInput, labs.UnknownLab, UnknownName: before any run.
    """
    from labs.kit.judging.agreement import compared

    chosen = [labs.load(name) for name in ([labs.find(name) for name in names] or labs.ours())]
    if alone := [lab.name for lab in chosen if names and not compared(lab)]:
        raise BadInput(f"{alone[0]} is judged by live runs alone; there is no simulated verdict to compare them with")
    chosen = [lab for lab in chosen if compared(lab)]
    if (names or repairs) and out is None:
        raise BadInput("a table of some labs or repairs alone would replace that of all; give --out FILE too")
    path = labs.ROOT / TABLE if out is None else out
    if path.is_dir():
        raise BadInput(f"--out {str(path)!r} is a folder; expected the name of a file")
    wanted = [(lab, name) for lab in chosen for name in repairs or lab.fix_names() if name != "reference"]
    for lab, name in wanted:
        lab.fix(name)
    kept = KeptRows(kept_rows.file_of("agreement"))
    keys = [kept_rows.key_of(lab, name, Path(__file__)) for lab, name in wanted]
    found = [kept_row(kept.rows.get(key)) for key in keys]
    done = sum(row is not None for row in found)
    rows = []
    with stops_at_once(), progress_bars() as bars:
        shell.say_beside(bars, kept_rows.told(done, len(wanted)))
        whole = bars.add_task("All repairs, live", total=len(wanted), completed=done)
        for (lab, name), key, row in zip(wanted, keys, found, strict=True):
            if row is None:
                row = measure(lab, name)
                if not row.wrong and not row.spoiled:  # a busy machine may have caused either
                    kept.add(key, asdict(row))
                bars.advance(whole)
            rows.append(row)
            shell.say_beside(bars, f"{lab.name} {name}: {_outcome(row)}")
    write_table(path, table(rows))
    wrong = [row for row in rows if row.wrong]
    print(f"{len(rows)} repairs in both worlds: {len(wrong)} judged differently. Written: {path}")
    return OURS if wrong else DONE


def kept_row(plain: Any) -> Row | None:
    """A kept row; None if `plain` is not a row."""
    try:
        return Row(**{**plain, "not_compared": tuple(plain["not_compared"]), "differ": tuple(plain["differ"])})
    except (TypeError, KeyError):
        return None


def measure(lab: Lab, name: str, scenarios: Sequence[str] | None = None) -> Row:
    """Run one repair in both worlds, on seed 0."""
    from labs.kit.judging import agreement
    from labs.kit.judging.expectations import expectations
    from labs.kit.model.lab import BROKEN

    fix = lab.fix(name)
    found = agreement.compare(lab, fix, scenarios=scenarios)
    if name == BROKEN:
        return as_row(found, None)
    said = expectations(fix.source)
    return as_row(found, said.knife_edge, said.live_may_differ)


def as_row(found: Comparison, knife_edge: str | None, may_differ: Mapping[str, str] = MappingProxyType({})) -> Row:
    """One row of the table; `may_differ` is {check: why live runs may judge it differently}."""
    from labs.kit.model.verdict import REPEATED
    from labs.kit.notebook import notes

    told = {
        both.check: f"{both.check}: simulated {both.simulated.status} ({notes.number(both.simulated.measured)}), live"
        f" {both.live.status} ({notes.number(both.live.measured)})"
        for both in found.checks
    }
    return Row(
        found.lab.name,
        found.fix.name,
        sum(both.agree is True for both in found.checks),
        tuple(told[both.check] for both in found.checks if both.agree is None)
        + tuple(f"{told[both.check]}, for {may_differ[both.check]}" for both in found.differ if both.check in may_differ),
        tuple(told[both.check] for both in found.differ if both.check not in may_differ),
        knife_edge,
        any(both.live.status in REPEATED for both in found.checks),
    )


def table(rows: Sequence[Row]) -> str:
    """The committed table, as Markdown."""
    lines = [
        "# What both worlds say of each repair",
        "",
        "Generated by `make release-check`, which fails if the two worlds judge a repair differently. Do not edit.",
        "",
        "Each repair was run once, seed 0, in every scenario that the checks graded in the simulated world need. A live run"
        " that was no valid measurement is repeated, three times in all; then its checks are not compared."
        " A knife-edge repair is shown and asserted nowhere.",
    ]
    for lab in dict.fromkeys(row.lab for row in rows):
        lines += [
            "",
            f"## {lab}",
            *_left_out(lab),
            "",
            "| repair | checks that agree | not compared | differ |",
            "|---|---|---|---|",
        ]
        for row in (row for row in rows if row.lab == lab):
            differ = "; ".join(row.differ) or "none"
            edge = " (knife-edge)" if row.knife_edge else ""
            lines.append(f"| {row.repair}{edge} | {row.agree} | {'; '.join(row.not_compared) or 'none'} | {differ} |")
    return "\n".join(lines) + "\n"


def _left_out(name: str) -> list[str]:
    """The checks of a lab that are never compared, and the reasons."""
    checks = labs.load(name).checks if name in labs.names() else ()
    told = [f"Not compared: `{check.name}`, for {check.simulated_only}." for check in checks if check.simulated_only]
    return ["", *told] if told else []


def _outcome(row: Row) -> str:
    if row.wrong:
        return "NO: " + "; ".join(row.differ)
    more = f", {len(row.not_compared)} not compared" if row.not_compared else ""
    return f"{row.agree} checks agree{more}" + (", knife-edge" if row.knife_edge else "")
