"""Compares two drawings of one chart: are they the same picture to the eye?

Pixels may differ invisibly. The memory of a simulated host depends by a few hundred bytes on the project's folder (see
memory_meter.py of the simulated world), and this changes the shade of a line's edge. So pictures are compared by their
pixels, with a tolerance for shades, and everything else in a notebook to the byte; but with another toolchain, by kinds.
"""

from __future__ import annotations

import base64
import io

from nbformat import NotebookNode
from PIL import Image, ImageChops

AREA = 4
"""The side in pixels of the areas that are averaged before the comparison. Single pixels cannot be compared: a picture has
256 colours, which depend on every pixel, so a shade in one corner can change a pixel in another corner by 86 levels of 255
(measured: all readings of lab02's chart of memory changed by 256 bytes, on an axis to 235 MB)."""
SHADE = 30
"""The levels of 255 by which an area's average may differ. Measured on that chart: readings changed by 256 bytes to 100 kB
(0.1 of a pixel) change it by up to 12, by 300 kB 25, by 1 MB 75; one single reading changed by 1 MB changes it by 62. In
lab09, another process of the judge has changed readings of one run by 150 kB, and an area beside a steep line by 22."""


def alike(one: str, other: str) -> bool:
    """Do two PNG pictures, in base64, have the same size, and does no area differ by more than SHADE?"""
    if one == other:
        return True
    try:
        mine, theirs = (Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for data in (one, other))
    except (ValueError, OSError):  # a truncated picture, or no picture at all
        return False
    if mine.size != theirs.size:
        return False
    difference = ImageChops.difference(_by_areas(mine), _by_areas(theirs))
    return all(highest <= SHADE for _, highest in difference.getextrema())  # type: ignore[misc]


def _by_areas(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.resize((max(width // AREA, 1), max(height // AREA, 1)), Image.Resampling.BOX)


def keep_old(old: NotebookNode, new: NotebookNode) -> None:
    """Put the old notebook's pictures into the new one wherever they are alike, so that a shade changes no file."""
    before = {cell.get("id"): cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        for mine, theirs in zip(before.get(cell.get("id"), []), cell.get("outputs", []), strict=False):
            here, there = (output.get("data", {}).get("image/png") for output in (mine, theirs))
            if isinstance(here, str) and isinstance(there, str) and alike(here, there):
                theirs["data"]["image/png"] = here


def keep_old_kinds(old: NotebookNode, new: NotebookNode) -> None:
    """Put the old notebook's outputs into each cell of the new one that shows the same kinds of output.

    For notebooks from another toolchain: its records differ in single requests, and with them figures and charts.
    """
    before = {cell.get("id"): cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        there = before.get(cell.get("id"), [])
        if there and _kinds(there) == _kinds(cell.get("outputs", [])):  # a cell of text has not even an empty list
            cell["outputs"] = there


def _kinds(outputs: list[NotebookNode]) -> list[tuple[str, list[str]]]:
    return [(output["output_type"], sorted(output.get("data", {}))) for output in outputs]
