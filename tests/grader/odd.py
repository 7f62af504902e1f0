"""Submissions as they come in, and what each must earn: (bounded, useful, diagnosis), and what the feedback must say."""

# ruff: noqa: E501  one row a submission, read by column

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.grader.conftest import ANSWER, BROKEN, NAME, RIGHT, STARVED

FULL, NOTHING, REPAIR_ONLY, HALF_ANSWER = (4.0, 2.5, 1.0), (0.0, 0.0, 0.0), (4.0, 2.5, 0.0), (4.0, 2.5, 0.5)
Release = dict[str, Any]


@dataclass(frozen=True)
class Odd:
    """One submission: what is in the file, what it earns, and a piece of each repair that must be told."""

    name: str
    make: Callable[[Release], Release | str | bytes]
    earns: tuple[float, float, float]
    told: tuple[str, ...] = ()
    waits: bool = False  # for a person


def cell(nb: Release, cell_id: str) -> dict[str, Any]:
    """The cell with that id."""
    return next(c for c in nb["cells"] if c["id"] == cell_id)


def filled(nb: Release, fix: str = "%%fix\n" + RIGHT, diagnosis: str = ANSWER, **others: str) -> Release:
    """A copy with the learner's parts in it."""
    nb = copy.deepcopy(nb)
    for name, text in {"fix": fix, "diagnosis": diagnosis, **others}.items():
        cell(nb, name)["source"] = text
    return nb


def changed(change: Callable[[Release], Any], **parts: str) -> Callable[[Release], Release]:
    """A full submission to which something was done."""

    def make(release: Release) -> Release:
        nb = filled(release, **parts)
        change(nb)
        return nb

    return make


def drop(*ids: str) -> Callable[[Release], None]:
    """Delete cells."""

    def change(nb: Release) -> None:
        nb["cells"] = [c for c in nb["cells"] if c["id"] not in ids]

    return change


def meta(cell_id: str, **values: Any) -> Callable[[Release], None]:
    """Write into a cell's nbgrader metadata."""
    return lambda nb: cell(nb, cell_id)["metadata"]["nbgrader"].update(values)


def behind(cell_id: str, *sources: str, like: bool = True) -> Callable[[Release], None]:
    """Put cells behind one: copies of it with their metadata (as copy and paste makes them), or bare ones."""

    def change(nb: Release) -> None:
        old = cell(nb, cell_id)
        new = []
        for number, text in enumerate(sources):
            bare = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
            new.append({**(copy.deepcopy(old) if like else bare), "source": text, "id": f"pasted-{number}"})
        place = nb["cells"].index(old)
        nb["cells"][place + 1 : place + 1] = new

    return change


def forget(key: str) -> Callable[[Release], None]:
    """Lose one kind of metadata everywhere."""
    return lambda nb: [c["metadata"].pop(key, None) for c in nb["cells"]]


def no_metadata_no_ids(nb: Release) -> None:
    """What a converter to another format and back leaves."""
    for number, c in enumerate(nb["cells"]):
        c["metadata"], c["id"] = {}, f"c{number}"


def both(*changes: Callable[[Release], Any]) -> Callable[[Release], None]:
    """Several changes."""
    return lambda nb: [change(nb) for change in changes]


def cut_after(cell_id: str) -> Callable[[Release], str]:
    """The file ends in the middle of the cell after this one, as a broken upload does."""

    def make(release: Release) -> str:
        nb = filled(release)
        place = nb["cells"].index(cell(nb, cell_id))
        kept = json.dumps({"metadata": nb["metadata"], "cells": nb["cells"][: place + 2]})
        return kept[:-60]

    return make


def version3(release: Release) -> str:
    """The format of 2014."""
    nb = filled(release)
    cells = [{**{k: v for k, v in c.items() if k not in ("source", "id")}, "input": c["source"]} for c in nb["cells"]]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


HTML_RESULT = {"output_type": "execute_result", "data": {"text/plain": "4"}, "execution_count": 1, "metadata": {}}
NOISE = {"output_type": "stream", "name": "stderr", "text": "noise"}
AGAIN = "last one that differs from the release counts"

ODD = [
    Odd("blank", lambda r: r, NOTHING),
    Odd("right", lambda r: filled(r, runbook="Roll back, page the owner."), FULL, waits=True),
    Odd("partial", lambda r: filled(r, "%%fix\n" + STARVED, '%%diagnosis\n{"line": 6, "cause": "x"}'), (4.0, 0.0, 0.5)),
    Odd("reformatted", lambda r: filled(r, "%%fix\n\n\n" + BROKEN.replace("= 1000", "=    1000 # the same"), "%%diagnosis\n{}"), NOTHING),
    Odd("emptied", lambda r: filled(r, "", ""), NOTHING),
    Odd("import crash", lambda r: filled(r, "%%fix\n1/0\n"), (0.0, 0.0, 1.0)),
    Odd("hang on import", lambda r: filled(r, "%%fix\nwhile True: pass\n"), (0.0, 0.0, 1.0)),
    Odd("hang in a call", lambda r: filled(r, "%%fix\nLIMIT = 5\ndef f():\n    while True: pass\n"), (0.0, 0.0, 1.0)),
    Odd("os._exit", lambda r: filled(r, "%%fix\nimport os\nos._exit(0)\n"), (0.0, 0.0, 1.0)),
    Odd("forged verdicts", lambda r: filled(r, "%%fix\nprint('{\"points\": 6}')\nimport os\nos._exit(0)\n"), (0.0, 0.0, 1.0)),
    Odd("stderr", lambda r: filled(r, f"%%fix\nimport sys, warnings\nwarnings.warn('x')\n{RIGHT}"), FULL),
    Odd("unsupported call", lambda r: filled(r, "%%fix\nimport subprocess\nLIMIT = 5\n"), (0.0, 0.0, 1.0), waits=True),
    Odd("no magic", lambda r: filled(r, RIGHT), FULL),
    Odd("%%time above", lambda r: filled(r, "%%time\n%%fix\n" + RIGHT), FULL),
    Odd("syntax error", lambda r: filled(r, "%%fix\ndef f()\n  return 1\n"), (0.0, 0.0, 1.0)),
    Odd("script in an error", lambda r: filled(r, "%%fix\nraise RuntimeError('<script>x()</script>')"), (0.0, 0.0, 1.0)),
    Odd("lone surrogate", lambda r: filled(r, "%%fix\n# \ud800\n" + RIGHT, '%%diagnosis\n{"line": 6, "cause": "\ud800"}'), HALF_ANSWER),
    Odd("zero bytes", lambda r: filled(r, "%%fix\n# \x00\n" + RIGHT), (0.0, 0.0, 1.0)),
    Odd("grade cell missing", changed(drop("check_bounded")), FULL, ("missing, put back from the release: `check_bounded`",)),
    Odd("fix cell missing", changed(drop("fix")), (0.0, 0.0, 1.0), ("missing, put back from the release: `fix`",), waits=True),
    Odd("fix cell twice", changed(behind("fix", "%%fix\n" + RIGHT), fix="%%fix\n" + STARVED), FULL, ("`fix` stood 2 times", AGAIN)),
    Odd("copy left untouched", changed(behind("fix", "%%fix\n" + BROKEN)), FULL, ("`fix` stood 2 times",)),
    Odd("fix cell split", changed(behind("fix", "# the rest of it\n")), FULL, ("`fix` stood 2 times",)),
    Odd("second %%fix below", changed(behind("fix", "%%fix\n" + STARVED, like=False)), (4.0, 0.0, 1.0), ("`fix` stood 2 times",)),
    Odd("repair in a new cell", changed(lambda nb: (behind("fix", "%%fix\n" + RIGHT, like=False)(nb), cell(nb, "fix").update(source="%%fix\n" + BROKEN))), FULL, ("found by its `%%fix` line",)),
    Odd("check cell twice", changed(behind("check_bounded", 'lab.check("bounded")')), FULL),
    Odd("metadata says solution", changed(meta("check_bounded", solution=True)), FULL),
    Odd("metadata says 100 points", changed(meta("check_useful", points=100), fix="%%fix\n" + STARVED), (4.0, 0.0, 1.0)),
    Odd("metadata names another check", changed(lambda nb: cell(nb, "check_useful")["metadata"].update(breakfix={"role": "check", "check": "bounded"}), fix="%%fix\n" + STARVED), (4.0, 0.0, 1.0)),
    Odd("metadata of an unknown version", changed(meta("fix", schema_version=99)), FULL),
    Odd("key that the schema forbids", changed(meta("fix", mine=1)), FULL),
    Odd("nbgrader's metadata lost", changed(forget("nbgrader")), FULL, ("`fix` had lost its metadata",)),
    Odd("our metadata lost", changed(forget("breakfix")), FULL),
    Odd("all metadata and ids lost", changed(no_metadata_no_ids), FULL, ("found by its `%%fix` line", "found by its `%%diagnosis` line")),
    Odd("cells in reverse", changed(lambda nb: nb["cells"].reverse()), FULL, ("cells put back in their order",)),
    Odd("code cell became text", changed(lambda nb: cell(nb, "check_bounded").update(cell_type="markdown")), FULL, ("`check_bounded` was edited",)),
    Odd("check cell edited", changed(lambda nb: cell(nb, "check_bounded").update(source="4.0", outputs=[HTML_RESULT]), fix="%%fix\nLIMIT = 50"), (0.0, 2.5, 1.0), ("`check_bounded` was edited",)),
    Odd("noise stored in a check cell", changed(lambda nb: cell(nb, "check_bounded").update(outputs=[NOISE])), FULL),
    Odd("Windows line ends", lambda r: filled(r, "%%fix\r\n" + RIGHT.replace("\n", "\r\n")), FULL),
    Odd("answer that is code", lambda r: filled(r, diagnosis="%%diagnosis\n__import__('os').system('touch pwned')"), REPAIR_ONLY),
    Odd("source as a list", changed(lambda nb: cell(nb, "fix").update(source=("%%fix\n" + RIGHT).splitlines(keepends=True))), FULL),
    Odd("source is a number", changed(lambda nb: cell(nb, "fix").update(source=7)), (0.0, 0.0, 1.0), waits=True),
    Odd("cells that are no cells", changed(lambda nb: nb["cells"].extend([7, None, [], {"cell_type": "code"}])), FULL),
    Odd("notebook of another lab", changed(lambda nb: nb["metadata"].update(breakfix={"lab": "lab00_x"})), FULL, ("it is of `lab00_x`",)),
    Odd("byte order mark", lambda r: b"\xef\xbb\xbf" + json.dumps(filled(r)).encode(), FULL),
    Odd("bytes that are no text", lambda r: json.dumps(filled(r)).encode().replace(b"A limit", b"\xff\xfe"), FULL, ("read as Windows-1252",)),
    Odd("cut off after the checks", cut_after("check_useful"), FULL, ("not a complete notebook", "missing, put back"), waits=True),
    Odd("cut off after the diagnosis", cut_after("diagnosis"), (0.0, 0.0, 1.0), ("not a complete notebook",), waits=True),
    Odd("empty file", lambda r: "", NOTHING, ("the file is empty (0 bytes)",), waits=True),
    Odd("a list", lambda r: "[]", NOTHING, ("the file contains no notebook cells",), waits=True),
    Odd("nested without end", lambda r: "[" * 200_000, NOTHING, ("the file contains no notebook cells",), waits=True),
    Odd("format of 2014", version3, FULL, ("old notebook format",)),
    Odd("longer than a book", lambda r: filled(r, "%%fix\n" + RIGHT + "# " + "x" * 300_000), FULL, ("was cut off there",), waits=True),
]  # fmt: skip
BY_NAME = {odd.name: odd for odd in ODD}
assert len(BY_NAME) == len(ODD), NAME
