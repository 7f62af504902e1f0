"""Reads a submission, however damaged: its cells, their text, and the outputs that are safe to show.

Feedback pages and formgrader show a learner's notebook to other people in a browser, where scripts in its markdown and its
HTML outputs would run. So this module returns only text and checked images, and no markdown that can begin a tag.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

MOST_BYTES = 50_000_000
MOST_CELLS = 1_000
MOST_SOURCE = 100_000
"""The largest length of one cell, in characters."""
MOST_TEXT = 20_000
"""The largest length of one text output, in characters."""
MOST_IMAGE = 2_000_000
"""The largest length of one image in base64, in characters."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_IMAGES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Cell:
    """One cell of a submission. `grade_id` and `cell_id` are "" if the metadata is lost."""

    kind: str  # "code", or "markdown" for all else
    source: str
    grade_id: str
    cell_id: str
    outputs: tuple[NotebookNode, ...]


@dataclass(frozen=True)
class Salvaged:
    """The cells of a submission, the lab that it names ("" if it names none), and the defects of the file."""

    cells: tuple[Cell, ...]
    lab: str
    notes: tuple[str, ...]


def salvage(raw: bytes) -> Salvaged:
    """Read a submission; no content of the file raises an exception."""
    notes: list[str] = []
    if len(raw) > MOST_BYTES:
        notes.append(f"the file is larger than {MOST_BYTES // 1_000_000} MB; the rest was not read")
    text = raw[:MOST_BYTES].decode("utf-8-sig", "replace")
    metadata: object = {}
    try:
        notebook = json.loads(text)
        found, metadata = _cells(notebook, notes)
    except (ValueError, RecursionError):
        notes.append("the file is not a whole notebook (empty, cut off or edited by hand)")
        found = _first_cells(text)
    cells = [c for c in found if isinstance(c, dict)]
    if len(cells) > MOST_CELLS:
        notes.append(f"more than {MOST_CELLS:,} cells; the rest was not read")
    read = tuple(_cell(c, notes) for c in cells[:MOST_CELLS])
    return Salvaged(read, clean(_path(metadata, "breakfix", "lab")), tuple(notes))


def _cells(notebook: object, notes: list[str]) -> tuple[list[Any], object]:
    if not isinstance(notebook, dict):
        notebook = {}
    cells = notebook.get("cells")
    worksheets = notebook.get("worksheets")
    if cells is None and isinstance(worksheets, list):
        notes.append("an old notebook format (version 3)")
        cells = [c for sheet in worksheets if isinstance(sheet, dict) for c in _list(sheet.get("cells"))]
    if not isinstance(cells, list):
        notes.append("the file holds no cells")
        cells = []
    return cells, notebook.get("metadata")


def _first_cells(text: str) -> list[Any]:
    """The complete cells at the start of a truncated notebook."""
    begin = re.search(r'"cells"\s*:\s*\[', text)
    at = begin.end() if begin else len(text)
    decoder, gap = json.JSONDecoder(), re.compile(r"[\s,]*")
    cells: list[Any] = []
    while True:
        space = gap.match(text, at)
        at = space.end() if space else at
        if not text.startswith("{", at):
            return cells
        try:
            cell, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return cells
        cells.append(cell)


def _cell(raw: dict[str, Any], notes: list[str]) -> Cell:
    source = _text(raw.get("source", raw.get("input", ""))).replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MOST_SOURCE:
        notes.append(f"a cell of more than {MOST_SOURCE:,} characters was cut off there")
        source = source[:MOST_SOURCE]
    kind = "code" if raw.get("cell_type") == "code" else "markdown"
    grade_id = clean(_path(raw.get("metadata"), "nbgrader", "grade_id"))
    outputs = [_output(o) for o in _list(raw.get("outputs")) if isinstance(o, dict)] if kind == "code" else []
    return Cell(kind, source, grade_id, clean(raw.get("id")), tuple(o for o in outputs if o is not None))


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
    shown = {kind: text for kind in _IMAGES if _BASE64.fullmatch(text := _text(data.get(kind))) and len(text) <= MOST_IMAGE}
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
