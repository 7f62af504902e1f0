"""docs/outages.md: each public outage beside what its scenario measured.

`python -m breakfix.outages` runs all outages on seed 0 and writes the page. With `--check` it runs nothing, and only says
whether the page names the same outages, facts, sources and gaps as the labs (exit code 1 if not).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import labs
from labs.kit.judging.fidelity import Row, fidelity
from labs.kit.model import outage as outages
from labs.kit.model.lab import Lab
from labs.kit.model.outage import ALIKE, Fact, Outage

HEAD = f"""# Public outages as small scenarios

Made by `python -m breakfix.outages` from `labs/LAB/outages/NAME.py`; do not edit it here. Each outage is a small system of
its own, run in the simulated world, as it was and with a mending. Public figures come from the page that is linked; a page
that retells the post-mortem is called a digest. Ratios, order and durations in units of the trigger are compared, never
sizes: durations have the same shape if neither is more than {ALIKE:g} times the other, unless the module says more exactly.
With the mending at least one row must not hold. What was measured is of seed 0; `tests/labs/test_outages.py` asks seeds 0
and 1. `breakfix outage LAB NAME` and `lab.outage("NAME")` run one; [authoring.md](authoring.md) says how one is written."""
COLUMNS = ("fact", "public figure", "source", "measured here", "same shape", "with the mending")
MEASURED = COLUMNS.index("measured here")


def page() -> str:
    """The page, with what the runs on seed 0 measured."""
    parts = [HEAD]
    for lab, name, outage in _all():
        parts.append("\n".join(_section(lab, name, outage, fidelity(lab, name).rows)))
    return "\n\n".join(parts) + "\n"


def _all() -> Iterator[tuple[Lab, str, Outage]]:
    """Each outage of this repository, in the order of the labs."""
    for lab_name in labs.ours():
        lab = labs.load(lab_name)
        for name in outages.names(lab):
            yield lab, name, outages.load(lab, name)


def _section(lab: Lab, name: str, outage: Outage, rows: Sequence[Row]) -> Iterator[str]:
    yield f"## {outage.title}\n\n`{name}` in {lab.name}. The mending: {outage.mending}.\n"
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    for number, fact in enumerate(outage.public):
        measured = ["", "", ""]
        if rows:
            found, mended = rows[number].found, rows[number].mended
            measured = [found.measured, "yes" if found.same else "NO", mended.measured]
        cells = (fact.fact, fact.figure, _linked(fact), *measured)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield "\nLeft out, or chosen by us:\n"
    yield from (f"- {gap}" for gap in outage.left_out)


def _linked(fact: Fact) -> str:
    return f"[{'digest' if fact.digest else 'original'}]({fact.source})"


def _unmeasured(text: str) -> list[str]:
    """The lines of a page without what was measured."""
    return [" | ".join(line.split(" | ")[:MEASURED]) if line.startswith("| ") else line for line in text.splitlines()]


def main(arguments: list[str], at: Path = labs.ROOT / "docs" / "outages.md") -> int:
    """Write or check the page. Returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(f"unknown arguments {' '.join(arguments)!r}; the only one is --check", file=sys.stderr)
        return 2
    if not arguments:
        at.write_text(page(), encoding="utf-8")
        return 0
    wanted = "\n\n".join([HEAD, *("\n".join(_section(lab, name, outage, ())) for lab, name, outage in _all())])
    if at.is_file() and _unmeasured(at.read_text(encoding="utf-8")) == _unmeasured(wanted):
        return 0
    print(f"{at.name}: it is not what the labs say; `python -m breakfix.outages` writes it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
