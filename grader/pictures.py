"""Two drawings of one chart: are they the same picture to the eye?

Pixels differ where nobody sees it. How much memory a simulated host holds depends by a few hundred bytes on the folder
that the project lies in (see memory_meter.py of the simulated world), and that shades the edge of a line. So a picture is
compared by its pixels, with room for a shade, and everything else in a notebook to the byte.
"""

from __future__ import annotations

import base64
import io

from nbformat import NotebookNode
from PIL import Image, ImageChops

AREA = 4
"""Pixels, each way, that are averaged before two pictures are compared. A single pixel does not do: pictures are drawn to
256 colours, and which 256 they are depends on every pixel, so that a shade in one corner can change a pixel in another by 86
levels of 255 (measured: all readings of lab02's chart of memory changed by 256 bytes, on an axis to 235 MB)."""
SHADE = 20
"""Levels of 255 by which the average of an area may differ. Measured on that chart: readings changed by 256 bytes to 100 kB
(0.1 of a pixel) change it by up to 12, by 300 kB 25, by 1 MB 75, one reading alone by 1 MB 62."""


def alike(one: str, other: str) -> bool:
    """Whether two PNG pictures, in base64, have the same size, and no area of them differs by more than SHADE."""
    if one == other:
        return True
    try:
        mine, theirs = (Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for data in (one, other))
    except (ValueError, OSError):  # cut short, or no picture at all
        return False
    if mine.size != theirs.size:
        return False
    difference = ImageChops.difference(_by_areas(mine), _by_areas(theirs))
    return all(highest <= SHADE for _, highest in difference.getextrema())  # type: ignore[misc]


def _by_areas(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.resize((max(width // AREA, 1), max(height // AREA, 1)), Image.Resampling.BOX)


def keep_old(old: NotebookNode, new: NotebookNode) -> None:
    """Put the old notebook's pictures into the new one wherever they are alike, so that nothing is rewritten for a shade."""
    before = {cell.get("id"): cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        for mine, theirs in zip(before.get(cell.get("id"), []), cell.get("outputs", []), strict=False):
            here, there = (output.get("data", {}).get("image/png") for output in (mine, theirs))
            if isinstance(here, str) and isinstance(there, str) and alike(here, there):
                theirs["data"]["image/png"] = here
