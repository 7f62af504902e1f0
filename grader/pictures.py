"""Two drawings of one chart: are they the same picture to the eye?

Pixels differ where nobody sees it. How much memory a simulated host holds hangs by a few hundred bytes on the folder that
the project lies in (labs/kit/simulated/memory.py says why), and that shades the edge of a line. So a picture is compared
by its pixels, with room for a shade, and everything else in a notebook to the byte.
"""

from __future__ import annotations

import base64
import io

from nbformat import NotebookNode
from PIL import Image, ImageChops

SHADE = 48
"""Levels of 255 by which a colour may differ at any pixel. Measured on lab02's chart of memory, whose axis goes to 55 MB:
a line moved by 256 bytes changes up to 22 levels (a neighbour in the palette of 256), by 10 kB 28, by 100 kB 149."""


def alike(one: str, other: str) -> bool:
    """Whether two PNG pictures, in base64, have the same size and differ nowhere by more than SHADE; else False."""
    if one == other:
        return True
    try:
        mine, theirs = (Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB") for data in (one, other))
    except (ValueError, OSError):  # cut short, or no picture at all
        return False
    if mine.size != theirs.size:
        return False
    return all(highest <= SHADE for _, highest in ImageChops.difference(mine, theirs).getextrema())  # type: ignore[misc]


def keep_old(old: NotebookNode, new: NotebookNode) -> None:
    """Put the old notebook's pictures into the new one wherever they are alike, so that nothing is rewritten for a shade."""
    before = {cell.get("id"): cell.get("outputs", []) for cell in old.cells}
    for cell in new.cells:
        for mine, theirs in zip(before.get(cell.get("id"), []), cell.get("outputs", []), strict=False):
            here, there = (output.get("data", {}).get("image/png") for output in (mine, theirs))
            if isinstance(here, str) and isinstance(there, str) and alike(here, there):
                theirs["data"]["image/png"] = here
