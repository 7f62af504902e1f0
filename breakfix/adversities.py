"""docs/adversities.md: what each lab of this repository says of each way in which production differs from a demonstration.

`python -m breakfix.adversities` writes the page; with `--check` it only says whether it is up to date (exit code 1 if not).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import labs
from labs.kit.judging.adversities import ADVERSITIES, Adversities, Asked, Cannot, NotAsked, answers

HEAD = """# What production does, and which check asks it

Made by `make build` from `labs/kit/judging/adversities.py` and each lab's `adversities.py`; do not edit it here. A row is
a way in which production differs from a demonstration. Each lab says which check asks it in which scenario, why it cannot
happen there, or why it is not asked although it can. `breakfix lab-check` refuses a lab that does not answer each row."""
MARKS = {Asked: "asked", Cannot: "-", NotAsked: "**not asked**"}


def page() -> str:
    """The page: an overview of all labs, then the answers of each."""
    given = {name: answers(labs.load(name)) for name in labs.ours()}
    parts = [HEAD, "\n".join(_overview(given)), *("\n".join(_answers(name, rows)) for name, rows in given.items())]
    return "\n\n".join(parts) + "\n"


def _overview(given: Mapping[str, Adversities]) -> Iterator[str]:
    yield "| | " + " | ".join(name[3:5] for name in given) + " |"
    yield "|---" * (len(given) + 1) + "|"
    for row in ADVERSITIES:
        marks = (MARKS[type(rows[row.slug])] if row.slug in rows else "" for rows in given.values())
        yield f"| {row.told} | {' | '.join(marks)} |"


def _answers(name: str, rows: Adversities) -> Iterator[str]:
    yield f"## {name}\n\n| | answer |\n|---|---|"
    for row in ADVERSITIES:
        yield f"| {row.told} | {_told(rows.get(row.slug))} |"


def _told(answer: Asked | Cannot | NotAsked | None) -> str:
    match answer:
        case Asked(scenario, check):
            return f"`{check}`, in the scenario `{scenario}`"
        case Cannot(why):
            return f"cannot happen: {why}".replace("|", "\\|")
        case NotAsked(why):
            return f"**not asked**: {why}".replace("|", "\\|")
    return ""


def main(arguments: list[str], at: Path = labs.ROOT / "docs" / "adversities.md") -> int:
    """Write or check the page. Returns the exit code."""
    if arguments not in ([], ["--check"]):
        print(f"unknown arguments {' '.join(arguments)!r}; the only one is --check", file=sys.stderr)
        return 2
    wanted = page()
    if at.is_file() and at.read_text(encoding="utf-8") == wanted:
        return 0
    if arguments:
        print(f"{at.name}: it is not what the labs say; `python -m breakfix.adversities` writes it", file=sys.stderr)
        return 1
    at.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
