"""`breakfix release-table`: compares every repair of every lab, on many seeds, with its file; writes docs/repairs.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import labs
from breakfix.commands import kept_rows, shell
from breakfix.commands.kept_rows import KeptRows
from breakfix.commands.shell import DONE, OURS, BadInput, OurFault, progress_bars, stops_at_once, whole_number

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from labs.kit.model.lab import Check, Lab
    from labs.kit.model.record import Run
    from labs.kit.model.verdict import Finding, Verdict

TABLE = Path("docs", "repairs.md")
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Lost:
    """A check that a repair did not pass: the reason and the number of seeds (None if none was judged, as after a crash)."""

    check: str
    reason: str
    seeds: int | None


@dataclass(frozen=True)
class Row:
    """The result of one repair. `problems` are its differences from the expectations in its file."""

    lab: str
    repair: str
    expected: dict[str, str] = field(default_factory=dict)
    knife_edge: str | None = None
    points: float = 0.0
    max_points: float = 0.0
    lost: tuple[Lost, ...] = ()
    problems: tuple[str, ...] = ()


def release_table(names: Sequence[str], given_seeds: str, out: Path | None) -> int:
    """Judge all repairs and write the table. Returns 1 if a repair does not do what its file says, else 0.

    Raises:
        BadInput, labs.UnknownLab: before any run.
        OurFault: the table could not be written.
    """
    chosen = [labs.find(name) for name in names] or labs.ours()
    if names and out is None:
        raise BadInput(f"the table of {', '.join(chosen)} alone would replace that of all labs; give --out FILE too")
    seeds = range(whole_number(given_seeds, "--seeds", 1, MOST_SEEDS, "20"))
    path = labs.ROOT / TABLE if out is None else out
    if path.is_dir():
        raise BadInput(f"--out {str(path)!r} is a folder; expected the name of a file")
    rows = []
    with stops_at_once(), progress_bars() as bars:
        for row in _rows([labs.load(name) for name in chosen], seeds, bars, KeptRows(kept_rows.file_of("repairs"))):
            rows.append(row)
            shell.say_beside(bars, f"{row.lab} {row.repair}: {row.points:g} of {row.max_points:g} points, {_agrees(row)}")
    write_table(path, table(rows, seeds))
    wrong = [row for row in rows if row.problems]
    print(f"{len(rows)} repairs on {len(seeds)} seeds: {len(wrong)} differ from what they say. Written: {path}")
    return OURS if wrong else DONE


def _rows(chosen: Sequence[Lab], seeds: Sequence[int], bars: Progress, kept: KeptRows) -> Iterator[Row]:
    """One row per repair: the kept row if there is one; otherwise the repair is judged now."""
    repairs = [(lab, name) for lab in chosen for name in lab.fix_names() if name != "reference"]  # it is one of the others
    keys = [kept_rows.key_of(lab, name, Path(__file__), list(seeds)) for lab, name in repairs]
    found = [as_row(kept.rows.get(key)) for key in keys]
    done = sum(row is not None for row in found)
    shell.say_beside(bars, kept_rows.told(done, len(repairs)))
    whole = bars.add_task("All repairs", total=len(repairs), completed=done)
    for (lab, name), key, row in zip(repairs, keys, found, strict=True):
        if row is None:
            bar = bars.add_task(f"{lab.name} {name}", total=None)
            row = measure(lab, name, seeds, partial(_show, bars, bar))
            kept.add(key, asdict(row))
            bars.remove_task(bar)
            bars.advance(whole)
        yield row


def as_row(plain: Any) -> Row | None:
    """A kept row; None if `plain` is not a row."""
    try:
        lost = tuple(Lost(**each) for each in plain["lost"])
        return Row(**{**plain, "lost": lost, "problems": tuple(plain["problems"])})
    except (TypeError, KeyError):
        return None


def _show(bars: Progress, bar: TaskID, done: int, of: int) -> None:
    bars.update(bar, completed=done, total=of)


def measure(lab: Lab, name: str, seeds: Sequence[int], progress: Callable[[int, int], None] | None = None) -> Row:
    """Judge one repair on all seeds and compare the result with its file."""
    from labs.kit.judging.evaluate import evaluate
    from labs.kit.judging.expectations import disagreements, expectations
    from labs.kit.model.lab import BROKEN
    from labs.kit.model.verdict import REPEATED, Status, maximum, total

    fix = lab.fix(name)
    try:
        expected = expectations(fix.source)
    except ValueError as error:
        return Row(lab.name, name, problems=(str(error),))
    failures: Failures = {}
    verdicts = evaluate(_spied(lab, failures), fix, seeds, progress=progress)
    bad = [v for v in verdicts if v.status in REPEATED]
    if bad:
        raise OurFault(f"{lab.name} {name}: no verdict was reached on {bad[0].check} ({bad[0].status}): {bad[0].message}")
    lost = tuple(_lost(v, failures) for v in verdicts if v.status is not Status.PASS)
    if name == BROKEN:  # broken.py declares no expectations, because learners see its source
        problems = [f"earns {total(verdicts):g} points; the broken code must earn none"] if total(verdicts) else []
    else:
        problems = disagreements(name, expected, {each.check: each.reason for each in lost})
        problems += [] if expected.knife_edge else _on_some_seeds(lost, len(seeds))
    return Row(
        lab.name, name, expected.loses, expected.knife_edge, total(verdicts), maximum(verdicts), lost, tuple(problems)
    )  # fmt: skip


Failures = dict[str, Counter[str]]
"""By check: the number of seeds on which it failed, by reason."""


def _spied(lab: Lab, failures: Failures) -> Lab:
    """The same lab with checks that record each seed's finding: a verdict covers only all seeds together."""

    def spied(check: Check) -> Check:
        def judge(runs: Mapping[str, Run]) -> Finding:
            finding = check(runs)
            counted = failures.setdefault(check.name, Counter())
            if not finding.passed:
                counted[finding.reason] += 1
            return finding

        return replace(check, judge=judge)

    return replace(lab, checks=tuple(spied(check) for check in lab.checks))


def _lost(verdict: Verdict, failures: Failures) -> Lost:
    counted = failures.get(verdict.check)
    return Lost(verdict.check, verdict.reason, counted.total() if counted else None)


def _on_some_seeds(lost: Sequence[Lost], seeds: int) -> list[str]:
    """The checks that fail only on some seeds: the verdict on such a repair would depend on the choice of three seeds."""
    return [
        f"fails {each.check} on {each.seeds} of {seeds} seeds only: make it clearer, or give it KNIFE_EDGE"
        for each in lost
        if each.seeds is not None and each.seeds < seeds
    ]


def table(rows: Sequence[Row], seeds: Sequence[int]) -> str:
    """The committed table, as Markdown; the same outcomes give the same text."""
    from labs.kit.worlds.plan import toolchain

    lines = [
        "# What each repair earns",
        "",
        "Generated by `make release-check`, which fails if a repair does not do what its file says. Do not edit.",
        "",
        f"Judged in the world that grades each lab, on seeds 0 to {seeds[-1]} ({toolchain()}).",
        "A check passes if it passes on every seed.",
        "Behind the reason for which a check was lost: on how many of the seeds.",
        "A knife-edge repair is shown here and asserted nowhere: its outcome depends on single requests.",
    ]
    for name in dict.fromkeys(row.lab for row in rows):
        lines += ["", f"## {name}", "", "| repair | says it loses | points | lost | as it says |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(map(_cell, _cells(row, len(seeds)))) + " |" for row in rows if row.lab == name]
    return "\n".join(lines) + "\n"


def _cells(row: Row, seeds: int) -> list[str]:
    says = "all points" if row.repair == "broken" else ", ".join(f"{c}: {r}" for c, r in row.expected.items()) or "nothing"
    lost = [f"{x.check}: {x.reason}" + ("" if x.seeds is None else f" ({x.seeds} of {seeds})") for x in row.lost]
    return [row.repair, says, f"{row.points:g} of {row.max_points:g}", ", ".join(lost) or "nothing", _agrees(row)]


def _agrees(row: Row) -> str:
    if row.problems:
        return "NO: " + "; ".join(row.problems)
    return f"knife-edge: {row.knife_edge}" if row.knife_edge else "yes"


def _cell(text: str) -> str:
    return shell.one_line(text).replace("|", "\\|")


def write_table(path: Path, text: str) -> None:
    """Write a committed table. Raises OurFault if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"the table could not be written to {path} ({error.strerror}); choose another place with --out"
        raise OurFault(message) from error
