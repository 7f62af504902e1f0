"""Kinds of damaged file, each made in code from the test lab's release, and what must become of it."""

# ruff: noqa: E501  one row a kind, read by column

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.grader.conftest import ANSWER, BROKEN, NAME, RIGHT, STARVED
from tests.grader.odd import Release, behind, both, cell, changed, drop, filled, no_metadata_no_ids, version3

FULL, NOTHING = (4.0, 2.5, 1.0), (0.0, 0.0, 0.0)
NO_REPAIR, NO_DIAGNOSIS = (0.0, 0.0, 1.0), (4.0, 2.5, 0.0)
FIX, DIAGNOSIS, RUNBOOK = "fix", "diagnosis", "runbook"
ALL = (FIX, DIAGNOSIS, RUNBOOK)
ENTRY = "### Symptom\n\nThe caf\u00e9's queue grows.\n\n### Signal\n\n### First five minutes\n\n### Fix\n\n### Prevention\n\nA bound."
SMALL = 400_000
"""What MOST_BYTES is in these tests: a file of 51 MB takes a second."""
LARGE = 100_000
"""And MOST_PICTURE."""
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 60).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + b"\0" * 60).decode()


@dataclass(frozen=True)
class Damaged:
    """A kind of damaged file.

    Attributes:
        make: the file, from the release.
        earns: points for bounded, useful and the diagnosis.
        told: a piece of the one line that says what is wrong, or what was mended.
        asks: the answers for which a person must look. Empty: mended, and graded.
        keeps: what the learner wrote and the graded page must still show.
    """

    name: str
    make: Callable[[Release], bytes]
    earns: tuple[float, float, float]
    told: str
    asks: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ("LIMIT = 5", "A bound.")


def full(release: Release, **parts: str) -> Release:
    """A notebook with every answer in it."""
    return filled(release, **{"runbook": ENTRY, **parts})


def text(nb: Release) -> str:
    """As JupyterLab writes it: sorted, a line of text a line."""
    lines = {
        i: str(c["source"]).splitlines(keepends=True) for i, c in enumerate(nb["cells"]) if isinstance(c["source"], str)
    }
    cells = [{**c, "source": lines.get(i, c["source"])} for i, c in enumerate(nb["cells"])]
    return json.dumps({**nb, "cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def saved(change: Callable[[str], str | bytes] = str, **parts: str) -> Callable[[Release], bytes]:
    """A full notebook whose file was changed as text."""

    def make(release: Release) -> bytes:
        made = change(text(full(release, **parts)))
        return made if isinstance(made, bytes) else made.encode()

    return make


def edited(change: Callable[[Release], Any], **parts: str) -> Callable[[Release], bytes]:
    """A full notebook whose cells were changed."""
    make = changed(change, **{"runbook": ENTRY, **parts})
    return lambda release: text(make(release)).encode()


def raw(content: bytes) -> Callable[[Release], bytes]:
    """A file that is something else."""
    return lambda release: content


def cut(marker: str, plus: int = 0) -> Callable[[Release], bytes]:
    """The file ends shortly behind these words."""
    return saved(lambda t: t[: t.index(marker) + len(marker) + plus])


def replaced(old: str, new: str) -> Callable[[Release], bytes]:
    """These words of the file were changed, once."""

    def change(t: str) -> str:
        assert t.count(old) == 1, (old, t.count(old))
        return t.replace(old, new)

    return saved(change)


# Merge conflicts ------------------------------------------------------------------------------------------------------


def merged(ours: Release, theirs: Release, base: bool = False) -> bytes:
    """What `git merge` leaves: the lines that differ, from both sides."""
    import difflib

    mine, others = text(ours).splitlines(keepends=True), text(theirs).splitlines(keepends=True)
    out: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, mine, others, autojunk=False).get_opcodes():
        if tag == "equal":
            out += mine[a:b]
        else:
            middle = ["||||||| 1a2b3c\n", '"old"\n'] if base else []
            out += ["<<<<<<< HEAD\n", *mine[a:b], *middle, "=======\n", *others[c:d], ">>>>>>> origin/main\n"]
    assert any(line.startswith("<<<<<<<") for line in out)
    return "".join(out).encode()


def conflict(
    theirs: Callable[[Release], Any] = lambda nb: None, base: bool = False, ours: dict[str, str] | None = None, **parts: str
) -> Callable[[Release], bytes]:  # fmt: skip
    """A full notebook merged with one that has other answers, or was changed otherwise."""

    def make(release: Release) -> bytes:
        other = full(release, **parts)
        theirs(other)
        return merged(full(release, **(ours or {})), other, base)

    return make


def ran_again(nb: Release) -> None:
    """Other counts and outputs, as after one more run on another machine."""
    for number, c in enumerate(nb["cells"]):
        if c["cell_type"] == "code":
            c["execution_count"] = number + 70
            c["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [f"again {number}\n"]}]


def marked(source: str, other: str) -> str:
    """What nbdime leaves in a cell."""
    first, *rest = source.split("\n")
    return "\n".join([first, "<<<<<<< local", *rest, "=======", other, ">>>>>>> remote"])


# Outputs, ids, pictures -----------------------------------------------------------------------------------------------


def output(cell_id: str, lines: list[str]) -> Callable[[Release], None]:
    """A cell that printed too much."""
    return lambda nb: cell(nb, cell_id).update(outputs=[{"output_type": "stream", "name": "stdout", "text": lines}])


def nbstripout(nb: Release) -> None:
    """Ids become numbers; metadata is emptied, outputs go."""
    for number, c in enumerate(nb["cells"]):
        c.update(id=str(number), metadata={})
        if c["cell_type"] == "code":
            c.update(outputs=[], execution_count=None)


def colab(nb: Release) -> None:
    """No cell ids: Colab keeps one of its own in the metadata."""
    nb["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, c in enumerate(nb["cells"]):
        c["metadata"] = {"id": f"Xy{number}"}
        c.pop("id")


def pasted(cell_id: str, name: str, kind: str, data: Any, link: str = "") -> Callable[[Release], None]:
    """A picture pasted into a cell."""

    def change(nb: Release) -> None:
        c = cell(nb, cell_id)
        c["attachments"] = {name: {kind: data}}
        c["source"] += f"\n![it](attachment:{link or name})" if c["cell_type"] == "markdown" else ""

    return change


def own_text(nb: Release, source: str, **more: Any) -> None:
    """A markdown cell of the learner's own at the end."""
    nb["cells"].append({"cell_type": "markdown", "id": "own", "metadata": {}, "source": source, **more})


def other_lab(release: Release) -> Release:
    """A full notebook of another lab: other texts, other ids, and the same grade ids."""
    nb = full(release)
    nb["metadata"]["breakfix"] = {"lab": "lab96_other"}
    for number, c in enumerate(nb["cells"]):
        if not c["metadata"].get("nbgrader", {}).get("solution"):
            c.update(id=f"t-{number}", source=f"Other {number}" if c["cell_type"] == "markdown" else f"other({number})")
    cell(nb, "t-1")["source"] = 'import labs\n\nlab = labs.open_lab("lab96_other")'
    return nb


def bare_other_lab(release: Release) -> bytes:
    """The same without any metadata."""
    nb = other_lab(release)
    no_metadata_no_ids(nb)
    nb["metadata"] = {}
    return text(nb).encode()


def many_cells(nb: Release) -> None:
    """More than anybody reads, above the repair."""
    empty = {"cell_type": "markdown", "metadata": {}, "source": "x"}
    nb["cells"][2:2] = [copy.copy(empty) for _ in range(1_100)]


AGAIN = "hand in"
UNREAD = "nothing could be read"

KINDS = [
    # Mended, said, and graded -------------------------------------------------------------------------------------------
    Damaged("UTF-16", saved(lambda t: t.encode("utf-16")), FULL, "saved as UTF-16", keeps=("caf\u00e9",)),
    Damaged("UTF-16 without its mark", saved(lambda t: t.encode("utf-16-be")), FULL, "saved as UTF-16", keeps=("caf\u00e9",)),
    Damaged("UTF-32", saved(lambda t: t.encode("utf-32")), FULL, "saved as UTF-32", keeps=("caf\u00e9",)),
    Damaged("Windows-1252", saved(lambda t: t.encode("cp1252")), FULL, "read as Windows-1252", keeps=("caf\u00e9",)),
    Damaged("one wrong byte", saved(lambda t: t.encode().replace(b"grows", b"gr\x93ows")), FULL, "read as Windows-1252", keeps=("caf\u00e9", "gr\u201cows")),
    Damaged("conflict in outputs and counts", conflict(ran_again), FULL, "unresolved merge conflict"),
    Damaged("conflict of three sides", conflict(ran_again, base=True), FULL, "unresolved merge conflict"),
    Damaged("conflict in metadata", conflict(lambda nb: nb["metadata"]["kernelspec"].update(display_name="Mine")), FULL, "unresolved merge conflict"),
    Damaged("conflict, one side blank", conflict(ours={"fix": "%%fix\n" + BROKEN}), FULL, "`fix` was taken from the second side"),
    Damaged("conflict, settled by half", saved(lambda t: t.replace('    "### Symptom', '>>>>>>> origin/main\n    "### Symptom')), FULL, "unresolved merge conflict"),
    Damaged("conflict, a cell on one side", conflict(lambda nb: own_text(nb, "My own thoughts.")), FULL, "unresolved merge conflict", keeps=("My own thoughts.", "A bound.")),
    Damaged("51 MB of output, in lines", edited(output("setup", ["line\n"] * 80_000)), FULL, "outputs were removed"),
    Damaged("51 MB of output, in one", edited(output("setup", ['"x\\' * 150_000])), FULL, "outputs were removed"),
    Damaged("51 MB of output, UTF-16", lambda r: edited(output("setup", ["line\n"] * 80_000))(r).decode().encode("utf-16"), FULL, "outputs were removed"),
    Damaged("cut off behind the last cell", cut('"metadata": {\n  "breakfix"'), FULL, "not a complete notebook"),
    Damaged("comma between cells lost", replaced('  },\n  {\n   "cell_type": "code",\n   "execution_count": null,\n   "id": "fix"', '  }\n  {\n   "cell_type": "code",\n   "execution_count": null,\n   "id": "fix"'), FULL, "not a complete notebook"),
    Damaged("quote lost in a step", replaced('"import labs\\n",', 'import labs\\n",'), FULL, "not a complete notebook"),
    Damaged("words behind the end", saved(lambda t: t + "Sent from my phone\n"), FULL, "not a complete notebook"),
    Damaged("the file twice", saved(lambda t: t + t), FULL, "not a complete notebook"),
    Damaged("real line ends in texts", saved(lambda t: t.replace("queue grows.\\n", "queue grows.\n")), FULL, "not a complete notebook"),
    Damaged("nbstripout", edited(nbstripout), FULL, "`runbook` had lost its metadata and was found by its text"),
    Damaged("jupytext", edited(no_metadata_no_ids), FULL, "`fix` was found by its `%%fix` line alone"),
    Damaged("Colab", edited(colab), FULL, "`predict` had lost its metadata"),
    Damaged("format of 2014", lambda r: version3(r).encode(), FULL, "old notebook format", keeps=("LIMIT = 5",)),
    Damaged("a second repair", edited(behind("gate_whole", "%%fix\n" + RIGHT, like=False), fix="%%fix\n" + STARVED), FULL, "`fix` stood 2 times"),
    Damaged("a second repair in a step", edited(lambda nb: cell(nb, "figure").update(source="%%fix\n" + RIGHT), fix="%%fix\n" + STARVED), FULL, "`fix` stood 2 times"),
    Damaged("picture that is none", edited(pasted("runbook", "a.png", "image/png", "PHN2Zz4=")), FULL, "the pasted picture `a.png` is not shown"),
    Damaged("drawing with a script", edited(pasted("runbook", "a.svg", "image/svg+xml", "<svg onload='x()'>")), FULL, "the pasted picture `a.svg` is not shown"),
    Damaged("picture too large", edited(pasted("runbook", "a.png", "image/png", PNG + "A" * LARGE)), FULL, "the pasted picture `a.png` is not shown"),
    Damaged("51 MB of pictures", edited(both(pasted("runbook", "a.png", "image/png", PNG + "A" * SMALL), output("setup", ["x"]))), FULL, "outputs and pasted pictures were removed"),
    Damaged("picture in a code cell", edited(pasted("fix", "a.png", "image/png", PNG)), FULL, "is not shown (in a code cell)"),
    Damaged("picture that was not copied", edited(lambda nb: own_text(nb, "![it](attachment:gone.png)")), FULL, "names the picture `gone.png`"),
    Damaged("pictures that are no pictures", edited(lambda nb: cell(nb, "runbook").update(attachments={"a.png": 7, "b.png": []})), FULL, "the pasted picture `a.png` is not shown"),
    # For a person --------------------------------------------------------------------------------------------------------
    Damaged("empty file", raw(b""), NOTHING, UNREAD + ": the file is empty", ALL, ()),
    Damaged("blank file", raw(b" \n\n"), NOTHING, UNREAD + ": the file is empty", ALL, ()),
    Damaged("zero bytes", raw(b"\0" * 5_000), NOTHING, UNREAD + ": the file contains only zero bytes (5,000)", ALL, ()),
    Damaged("web page", raw(b"<!DOCTYPE html><title>Sign in</title>"), NOTHING, UNREAD + ": the file is a web page", ALL, ()),
    Damaged("ZIP archive", raw(b"PK\x03\x04" + bytes(range(256))), NOTHING, "the file is a ZIP archive", ALL, ()),
    Damaged("PDF", raw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), NOTHING, UNREAD + ": the file is a PDF", ALL, ()),
    Damaged("pointer of Git LFS", raw(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"), NOTHING, UNREAD, ALL, ()),
    Damaged("null", raw(b"null"), NOTHING, UNREAD + ": the file contains no notebook cells", ALL, ()),
    Damaged("cells that are none", raw(b'{"cells": {"a": 1}, "metadata": []}'), NOTHING, UNREAD, ALL, ()),
    Damaged("another lab", lambda r: text(other_lab(r)).encode(), NOTHING, "this is a notebook of `lab96_other`, not of lab97_tiny", ALL),
    Damaged("another lab, metadata lost", bare_other_lab, NOTHING, "this is a notebook of `lab96_other`, not of lab97_tiny", ALL),
    Damaged("repair deleted", edited(drop("fix")), NO_REPAIR, "the repair is missing", (FIX,), ("A bound.",)),
    Damaged("diagnosis deleted", edited(drop("diagnosis")), NO_DIAGNOSIS, "the diagnosis is missing", (DIAGNOSIS,)),
    Damaged("runbook deleted", edited(drop("runbook")), FULL, "the runbook is missing", (RUNBOOK,), ("LIMIT = 5",)),
    Damaged("all deleted, metadata lost", edited(both(drop(*ALL), no_metadata_no_ids)), NOTHING, "the repair is missing", ALL, ()),
    Damaged("cut off in the repair", cut("A queue with a bou"), NO_REPAIR, "part of the repair could not be read", (FIX, RUNBOOK), ("A queue with a bou",)),
    Damaged("cut off at the repair", cut('"id": "fix"', 3), NO_REPAIR, "part of the repair could not be read", (FIX, RUNBOOK), ()),
    Damaged("cut off within an escape", cut("A queue with a bound.\\", 0), NO_REPAIR, "part of the repair", (FIX, RUNBOOK), ("A queue with a bound.",)),
    Damaged("cut off in the diagnosis", cut('    "{\\"line'), NOTHING, "part of the diagnosis", ALL, ("line",)),
    Damaged("cut off in the runbook", cut("queue grows."), FULL, "part of the runbook could not be read", (RUNBOOK,), ("LIMIT = 5", "queue grows.")),
    Damaged("cut off in the first cell", cut('"cells": [\n  {\n   "cell'), NOTHING, UNREAD, ALL, ()),
    Damaged("conflict in the repair", conflict(fix="%%fix\n" + STARVED), FULL, "the two sides of a merge conflict differ in the repair", (FIX,), ("LIMIT = 5", "LIMIT = 1\n")),
    Damaged("conflict in the diagnosis", conflict(diagnosis=ANSWER.replace("6", "7")), FULL, "differ in the diagnosis", (DIAGNOSIS,)),
    Damaged("conflict in the runbook", conflict(runbook=ENTRY.replace("A bound.", "A quota.")), FULL, "differ in the runbook", (RUNBOOK,), ("A bound.", "A quota.")),
    Damaged("markers in the repair", saved(fix=marked("%%fix\n" + RIGHT, "LIMIT = 7")), NO_REPAIR, "the repair contains lines of a merge conflict (`<<<<<<<`)", (FIX,), ("LIMIT = 5", "LIMIT = 7")),
    Damaged("markers in the diagnosis", saved(diagnosis=marked(ANSWER, "{}")), NO_DIAGNOSIS, "the diagnosis contains lines of a merge conflict", (DIAGNOSIS,)),
    Damaged("repair in a cell without its line", edited(behind("fix", RIGHT, like=False), fix="%%fix\n" + BROKEN), NO_REPAIR, "the repair is unchanged, but another cell", (FIX,)),
    Damaged("repair in a check's cell", edited(lambda nb: cell(nb, "check_bounded").update(source=RIGHT), fix="%%fix\n" + BROKEN), NO_REPAIR, "the repair is unchanged", (FIX,)),
    Damaged("diagnosis in a text", edited(lambda nb: own_text(nb, '"line": 6, "cause": "no bound"'), diagnosis="%%diagnosis\n"), NO_DIAGNOSIS, "the diagnosis is unchanged", (DIAGNOSIS,)),
    Damaged("runbook in a cell of its own", lambda r: text(changed(lambda nb: own_text(nb, "Symptom: the queue grows. Prevention: a bound. A bound."))(r)).encode(), FULL, "the runbook is unchanged", (RUNBOOK,)),
    Damaged("repair longer than a book", saved(fix="%%fix\n#" + "x" * 120_000 + "\n" + RIGHT), NO_REPAIR, "the repair has more than 100,000 characters", (FIX,), ("A bound.",)),
    Damaged("a thousand cells above", edited(many_cells), NOTHING, "the repair is missing", ALL, ()),
    Damaged("larger than may be read", saved(lambda t: t.replace('"cells": [', '"cells": [\n  {"cell_type": "raw", "metadata": {}, "source": "' + "y" * (SMALL + 9) + '"},')), NOTHING, "the repair is missing", ALL, ()),
]  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
assert len(BY_NAME) == len(KINDS), NAME
