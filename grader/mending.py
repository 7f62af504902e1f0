"""Reads a damaged notebook file: its text, both sides of a merge conflict, and the cells that remain.

A submission may be hostile: this module only parses, evaluates nothing, and bounds everything that it reads.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 50_000_000
"""The largest text that is parsed. From a longer file, the outputs are removed first."""
MOST_READ = 200_000_000
"""The largest part of a file that is read."""
MOST_DAMAGED = 20
"""After so many damaged cells the rest of a file is not read, because each may need a search through all of it."""
MOST_ODD = 100_000
"""A file with more errors of UTF-8 than this is read as Windows-1252 throughout."""

_MARKER = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: [^\n]*)?\r?$", re.MULTILINE)
_CELLS = re.compile(r'"cells"\s*:\s*\[')
_CELL = re.compile(r'\{\s*"cell_type"\s*:')
_GAP = re.compile(r"[\s,]*")
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_TEXT = re.compile(rf'{_STRING}|"(?:[^"\\]++|\\.)*+|\]', re.DOTALL)
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]".encode(), re.DOTALL)
_OTHER_FILES = ((b"PK", "a ZIP archive"), (b"%PDF", "a PDF"), (b"\x1f\x8b", "a compressed file"), (b"<", "a web page"))
_JSON = json.JSONDecoder(strict=False)


@dataclass(frozen=True)
class Piece:
    """One cell of the file. `whole` is False if its JSON is broken, so that part of its text may be missing."""

    cell: dict[str, Any]
    whole: bool = True


@dataclass(frozen=True)
class Pieces:
    """The cells of a notebook, and its metadata. `whole` is False if the file as a whole is not valid JSON."""

    cells: tuple[Piece, ...]
    metadata: object = None
    whole: bool = True
    version: int = 4


# From bytes to text -------------------------------------------------------------------------------------------------------


def text_of(raw: bytes, notes: list[str]) -> str:
    """The text of a file. Conversions are added to the notes."""
    encoding = json.detect_encoding(raw[:4]).removesuffix("-sig")
    if encoding != "utf-8" and raw.strip(b"\0"):
        notes.append(f"the file was saved as {encoding[:6].upper()} and was converted")
        raw = raw.decode(encoding, "replace").encode("utf-8", "replace")
    if len(raw) > MOST_BYTES:
        raw = _of_bearable_size(raw, notes)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(raw):  # otherwise the file was truncated within a character
            notes.append("part of the file is not UTF-8 text; that part was read as Windows-1252")
        if raw.decode("utf-8", "replace").count("\ufffd") > MOST_ODD:  # each error costs a function call
            return raw.decode("cp1252", "replace")
        return raw.decode("utf-8", "breakfix-windows")


def _windows(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as Windows-1252, the encoding of older editors, so that no letter is lost."""
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return ("" if error.end == len(error.object) else wrong.decode("cp1252", "replace")), error.end


codecs.register_error("breakfix-windows", _windows)


def _of_bearable_size(raw: bytes, notes: list[str]) -> bytes:
    size, most = f"{len(raw) / 1e6:,.0f} MB", f"{MOST_BYTES / 1e6:g} MB"
    kept, left_out = without(raw, "outputs"), "outputs"
    if len(kept) > MOST_BYTES:
        kept, left_out = without(kept, "attachments"), "outputs and pasted pictures"
    if len(raw) > MOST_READ or len(kept) > MOST_BYTES:
        notes.append(f"the file is larger than {most}, even without {left_out}; the rest was not read")
        return kept[:MOST_BYTES]
    notes.append(f"the file has {size}, more than {most}: {left_out} were removed, the text of all cells was read")
    return kept


def without(raw: bytes, key: str) -> bytes:
    """A notebook's JSON with an empty value for that key in every cell. A truncated value is removed up to the end."""
    start = re.compile(rf'"{key}"\s*:\s*(?=[\[{{])'.encode())
    kept = bytearray()
    at = 0
    while found := start.search(raw, at):
        kept += raw[at : found.end()]
        kept += b"[]" if raw[found.end()] == ord("[") else b"{}"
        at = _end_of_value(raw, found.end())
    kept += raw[at:]
    return bytes(kept)


def _end_of_value(raw: bytes, at: int) -> int:
    depth = 0
    for token in _BRACKETS.finditer(raw, at):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if depth == 0:
            return token.end()
    return len(raw)


def not_a_notebook(raw: bytes) -> str:
    """A description of a file without cells."""
    if not raw.strip():
        return f"the file is empty ({len(raw):,} bytes)"
    if not raw.strip(b"\0"):
        return f"the file contains only zero bytes ({len(raw):,})"
    kind = next((kind for start, kind in _OTHER_FILES if raw.lstrip().startswith(start)), "")
    return f"the file is {kind}, not a notebook" if kind else "the file contains no notebook cells"


# Merge conflicts -----------------------------------------------------------------------------------------------------


def has_marker(text: str) -> bool:
    """Whether the text has a line of a merge conflict, `<<<<<<<` or `>>>>>>>`. (A line of = may be a heading.)"""
    return any(found[1][0] in "<>" for found in _MARKER.finditer(text))


def sides(text: str) -> tuple[str, str]:
    """Both versions of a file with conflict markers: the file with the first side of each conflict, and with the second.

    Incomplete sets of markers are removed. No other line of a notebook file begins like a marker: its text is indented.
    """
    kept: dict[str, list[str]] = {"ours": [], "theirs": []}
    into: tuple[str, ...] = ("ours", "theirs")
    at = 0
    for found in _MARKER.finditer(text):
        for side in into:
            kept[side].append(text[at : found.start()])
        inside = len(into) < 2
        behind = {"<": ("ours",), "|": () if inside else into, "=": ("theirs",) if inside else into}
        into = behind.get(found[1][0], ("ours", "theirs"))
        at = found.end()
    for side in into:
        kept[side].append(text[at:])
    return "".join(kept["ours"]), "".join(kept["theirs"])


# From text to cells -------------------------------------------------------------------------------------------------------


def pieces(text: str) -> Pieces:
    """The cells of a notebook's text, however damaged. No content of the text raises an exception."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return Pieces(_left_over(text), whole=False)
    if not isinstance(notebook, dict):
        return Pieces((), whole=False)
    cells, version = notebook.get("cells"), 4
    if cells is None and isinstance(sheets := notebook.get("worksheets"), list):
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells, version = [cell for some in lists if isinstance(some, list) for cell in some], 3
    found = tuple(Piece(cell) for cell in cells if isinstance(cell, dict)) if isinstance(cells, list) else ()
    return Pieces(found, notebook.get("metadata"), version=version)


def _left_over(text: str) -> tuple[Piece, ...]:
    """The cells of a text that is not valid JSON: the intact ones, and the remains of the damaged ones."""
    begin = _CELLS.search(text)
    at = begin.end() if begin else 0
    found: list[Piece] = []
    damaged = 0
    while damaged < MOST_DAMAGED:
        space = _GAP.match(text, at)
        at = space.end() if space else at
        if text.startswith("{", at) and (begin or _CELL.match(text, at)):
            try:
                cell, at = _JSON.raw_decode(text, at)
                found.append(Piece(cell))
                continue
            except (ValueError, RecursionError):
                upto = _next_cell(text, at + 1)
                if remains := _remains(text[at:upto]):
                    found.append(Piece(remains, whole=False))
                damaged, at = damaged + 1, at + 1
        at = _next_cell(text, at)
        if at == len(text):
            break
    return tuple(found)


def _next_cell(text: str, at: int) -> int:
    """The start of the next cell, or the end of the text. An object after a colon is nbgrader's metadata, not a cell."""
    starts = (found.start() for found in _CELL.finditer(text, at))
    return next((start for start in starts if not text[max(start - 200, 0) : start].rstrip().endswith(":")), len(text))


def _remains(fragment: str) -> dict[str, Any]:
    """A cell with broken JSON: all fields that can still be parsed, and the readable part of its text."""
    cell: dict[str, Any] = {}
    for key in ("cell_type", "id", "metadata", "source", "input"):
        found = re.search(rf'"{key}"\s*:\s*', fragment)
        if found is None:
            continue
        try:
            cell[key] = _JSON.raw_decode(fragment, found.end())[0]
        except (ValueError, RecursionError):
            if key in ("source", "input"):
                cell[key] = "".join(_strings(fragment, found.end()))
    return cell


def _strings(fragment: str, at: int) -> list[str]:
    """The strings of a list that is truncated or lacks a comma; the last string may be truncated, too."""
    found: list[str] = []
    for token in _TEXT.finditer(fragment, at):
        if token[0] == "]":
            break
        found.append(_string(token[0]))
    return found


def _string(token: str) -> str:
    if len(token) > 1 and token.endswith('"'):
        with_end = [token]
    else:  # it may end within an escape sequence of at most six characters
        with_end = [token[: len(token) - less] + '"' for less in range(min(7, len(token)))]
    for candidate in with_end:
        try:
            return str(_JSON.decode(candidate))
        except ValueError:
            continue
    return token
