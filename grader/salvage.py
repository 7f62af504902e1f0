"""Reads a submission, however damaged: its cells, their text, and the outputs that are safe to show.

Feedback pages and formgrader show a learner's notebook to other people in a browser, where scripts in its markdown and its
HTML outputs would run. So this module returns only text and checked images, and no markdown that can begin a tag.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader import mending

MOST_CELLS = 1_000
MOST_SOURCE = 100_000
"""The largest length of one cell, in characters."""
MOST_TEXT = 20_000
"""Characters of one text output."""
MOST_OUTPUTS = 200
"""The largest number of outputs of one cell."""
MOST_IMAGE = 2_000_000
"""The largest length of one image output in base64, in characters."""
MOST_PICTURE = 8_000_000
"""The same for a picture that was pasted into a text: screenshots are larger than charts."""
MOST_PICTURES = 20
"""The largest number of pictures pasted into one cell."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_OPENED = re.compile(r"""^\s*lab\s*=\s*(?:\w+\.)*open_lab\(\s*["'](\w+)["']""", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """One cell of a submission. `grade_id` and `cell_id` are "" if the metadata is lost.

    `whole` is False if part of its text may be missing: the file is damaged there, or the text is too long.
    """

    kind: str  # "code", or "markdown" for all else
    source: str
    grade_id: str
    cell_id: str
    outputs: tuple[NotebookNode, ...]
    pictures: tuple[tuple[str, str, str], ...] = ()  # name, MIME type and base64 of each pasted picture
    whole: bool = True


@dataclass(frozen=True)
class Salvaged:
    """The cells of a submission, the lab that it names ("" if it names none), and the defects of the file.

    `theirs` are the cells of the other side of a merge conflict. `whole` is False if there may be cells that were not read.
    """

    cells: tuple[Cell, ...]
    lab: str
    notes: tuple[str, ...]
    theirs: tuple[Cell, ...] = ()
    whole: bool = True


def salvage(raw: bytes) -> Salvaged:
    """Read a submission; no content of the file raises an exception."""
    notes: list[str] = []
    text = mending.text_of(raw, notes)
    read = mending.pieces(text)
    theirs = mending.Pieces(())
    if not read.whole and mending.has_marker(text):
        notes.append("the file contains an unresolved merge conflict; both sides of it were read")
        read, theirs = sorted(map(mending.pieces, mending.sides(text)), key=lambda side: not side.whole)
    if read.version == 3:
        notes.append("an old notebook format (version 3)")
    if not read.cells:
        notes.append(mending.not_a_notebook(raw))
    elif not read.whole:
        notes.append("the file is not a complete notebook (truncated, or edited by hand); the rest of it was read")
    if len(read.cells) > MOST_CELLS:
        notes.append(f"more than {MOST_CELLS:,} cells; the rest was not read")
    cells = _cells(read, notes)
    lab = clean(_path(read.metadata, "breakfix", "lab")) or _lab_opened(cells)
    whole = read.whole and len(read.cells) <= MOST_CELLS
    return Salvaged(cells, lab, tuple(dict.fromkeys(notes)), _cells(theirs, []), whole)


def _cells(read: mending.Pieces, notes: list[str]) -> tuple[Cell, ...]:
    return tuple(_cell(piece.cell, piece.whole, notes) for piece in read.cells[:MOST_CELLS])


def _lab_opened(cells: tuple[Cell, ...]) -> str:
    """The lab that a notebook opens; it identifies the notebook if its metadata is lost."""
    opened = (_OPENED.search(cell.source) for cell in cells if cell.kind == "code")
    return next((found[1] for found in opened if found), "")


def _cell(raw: dict[str, Any], whole: bool, notes: list[str]) -> Cell:
    given = raw.get("source", raw.get("input"))
    whole = whole and all(isinstance(part, str) for part in (given if isinstance(given, list) else [given]))
    source = _text(given).replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MOST_SOURCE:
        notes.append(f"a cell of more than {MOST_SOURCE:,} characters was cut off there")
        source, whole = source[:MOST_SOURCE], False
    kind = "code" if raw.get("cell_type") == "code" else "markdown"
    grade_id = clean(_path(raw.get("metadata"), "nbgrader", "grade_id"))
    outputs = _outputs(_list(raw.get("outputs")), notes) if kind == "code" else ()
    return Cell(kind, source, grade_id, clean(raw.get("id")), outputs, _pictures(raw, kind, notes), whole)


def _outputs(raw: list[Any], notes: list[str]) -> tuple[NotebookNode, ...]:
    if len(raw) > MOST_OUTPUTS:
        notes.append(f"a cell has more than {MOST_OUTPUTS} outputs; the first {MOST_OUTPUTS} are shown")
    shown = [_output(o) for o in raw[:MOST_OUTPUTS] if isinstance(o, dict)]
    return tuple(o for o in shown if o is not None)


def _pictures(raw: dict[str, Any], kind: str, notes: list[str]) -> tuple[tuple[str, str, str], ...]:
    """The pictures that were pasted into a cell, if they are PNG or JPEG and not too large."""
    pasted = raw.get("attachments")
    found: list[tuple[str, str, str]] = []
    for name, kinds in list(pasted.items())[:MOST_PICTURES] if isinstance(pasted, dict) else ():
        data = kinds if isinstance(kinds, dict) else {}
        good = [(k, text) for k in _IMAGES if _is_image(k, text := _text(data.get(k)), MOST_PICTURE)]
        if good and kind == "markdown":
            found.append((clean(name), *good[0]))
        else:
            where = "in a code cell" if good else f"only PNG and JPEG of at most {MOST_PICTURE * 3 // 4_000_000} MB are"
            notes.append(f"the pasted picture {as_code(name)} is not shown ({where}); the submitted file still contains it")
    if isinstance(pasted, dict) and len(pasted) > MOST_PICTURES:
        notes.append(f"a cell has more than {MOST_PICTURES} pasted pictures; the first {MOST_PICTURES} are shown")
    return tuple(found)


def _is_image(kind: str, text: str, most: int) -> bool:
    """Whether the text is the base64 of such an image. Any other text could end its HTML attribute on the page."""
    if not 0 < len(text) <= most or not _BASE64.fullmatch(text):
        return False
    try:
        return base64.b64decode(text[:40].strip() + "====").startswith(_IMAGES[kind])
    except ValueError:
        return False


def _output(raw: dict[str, Any]) -> NotebookNode | None:
    """The text and the images of an output. HTML, SVG, JavaScript and LaTeX of a learner are left out."""
    kind = raw.get("output_type")
    if kind == "stream":
        return nbformat.v4.new_output("stream", name="stdout", text=_text(raw.get("text"))[:MOST_TEXT])
    if kind == "error":
        words = f"{_text(raw.get('ename'))}: {_text(raw.get('evalue'))}"
        return nbformat.v4.new_output("stream", name="stdout", text=words[:MOST_TEXT])
    data = raw.get("data")
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    shown = {k: text for k in _IMAGES if _is_image(k, text := _text(data.get(k)), MOST_IMAGE)}
    if text := _text(data.get("text/plain")):
        shown["text/plain"] = text[:MOST_TEXT]
    return nbformat.v4.new_output("display_data", shown) if shown else None


def clean(value: object) -> str:
    """A text that can be written as UTF-8: a lone surrogate, which would lose the whole submission, is escaped."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else ""


def harmless(markdown: str) -> str:
    """A learner's markdown with the same look, but unable to begin an HTML tag or a script link.

    An invisible word joiner is put after each `<` that could open a tag, also in code: to distinguish code from text, this
    function would have to parse markdown exactly as the browser's side does, and one escaped backtick would defeat it. The
    same is put after each `&` that could begin an entity, which may spell a link's scheme, and within such schemes.
    """
    text = re.sub(r"<(?=[A-Za-z/!?])|&(?=[A-Za-z#])", "\\g<0>\u2060", markdown)
    return re.sub(r"(?i)(script|data)(?=\W{0,3}:)", "\\1\u2060", text)


def as_code(text: str) -> str:
    """A learner's text, such as the name of a file, as code in a note."""
    return "`" + harmless(re.sub(r"[`\s]+", " ", clean(text.encode("utf-8", "replace").decode()))[:200]) + "`"


def _text(value: object) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return clean(value)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _path(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
