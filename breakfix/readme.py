"""The syllabus in README.md: a table generated from the labs, so that it names only labs that exist.

`python -m breakfix.readme` writes the table; with `--check` it only says whether it is up to date (exit code 1 if not).
"""

from __future__ import annotations

import sys
from pathlib import Path

import labs

BEGIN, END = "<!-- syllabus: made by `make build` -->", "<!-- end of the syllabus -->"


class NoMarkers(ValueError):
    """The README has no markers for the table."""


def syllabus() -> str:
    """The labs of this repository, one row each, as a Markdown table."""
    rows = ["| | lab | failure | signal to watch | minutes |", "|---|---|---|---|---|"]
    for name in labs.ours():
        lab = labs.load(name)
        cells = (name[3:5], f"[{lab.title}](notebooks/{name}/{name}.ipynb)", lab.failure, lab.signal, str(lab.minutes))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def with_syllabus(text: str, table: str) -> str:
    """`text` with `table` between its markers. Raises NoMarkers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoMarkers(f"the README needs the lines {BEGIN!r} and {END!r}, in this order; the table goes between them")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main(arguments: list[str], readme: Path = labs.ROOT / "README.md") -> int:
    """Write or check the table. Returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(f"unknown arguments {' '.join(arguments)!r}; the only one is --check", file=sys.stderr)
        return 2
    there = readme.read_text(encoding="utf-8")
    try:
        wanted = with_syllabus(there, syllabus())
    except NoMarkers as error:
        print(f"{readme.name}: {error}", file=sys.stderr)
        return 2
    if there == wanted:
        return 0
    if arguments:
        print(f"{readme.name}: the syllabus is not that of the labs; `python -m breakfix.readme` writes it", file=sys.stderr)
        return 1
    readme.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
