"""The words that this project does not use, and their replacements: the table in CONTRIBUTING.md, checked by `make lint`.

python -m breakfix.words
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import labs

TABLE = re.compile(r"<!-- words -->\n(?P<rows>(?:\|.*\n)+)")
TREES = ("labs", "grader", "breakfix", "benchmarks", "docs", "examples")
ENDINGS = {".py", ".md"}


def words(contributing: str) -> dict[str, str]:
    """{word: replacement}, from the table below the mark `<!-- words -->`. Raises ValueError if there is no table."""
    found = TABLE.search(contributing)
    if found is None:
        raise ValueError("CONTRIBUTING.md has no table below the mark <!-- words -->; put it back")
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in found["rows"].splitlines()]
    pairs = [row for row in rows[2:] if len(row) == 2]
    return {word.strip(): instead for words, instead in pairs for word in words.split(",")}


def breaches(text: str, table: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """(line, word) for each use of a word of the table."""
    for number, line in enumerate(text.splitlines(), 1):
        for word in table:
            if re.search(rf"\b{re.escape(word)}\b", line, re.IGNORECASE):
                yield number, word


def texts(root: Path) -> Iterator[Path]:
    """The sources and pages that people read."""
    yield root / "README.md"
    for tree in TREES:
        yield from (path for path in sorted((root / tree).rglob("*")) if path.suffix in ENDINGS and path.is_file())


def main(root: Path = labs.ROOT) -> int:
    """Print each place that uses a word of the table. Returns 1 if there is one, else 0."""
    table = words((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    told = [
        f"{path.relative_to(root)}:{number}: {word!r}; write {table[word]!r}"
        for path in texts(root)
        for number, word in breaches(path.read_text(encoding="utf-8"), table)
    ]
    print("\n".join(told), end="\n" if told else "")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
