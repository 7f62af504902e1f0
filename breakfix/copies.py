"""The learner's working copy: one folder per lab under work/, and the start page with links to them.

A learner never works on the release itself: JupyterLab rewrites a notebook when it saves it, and the release must stay as it
is in git. An edited copy is never overwritten; a newer release is put beside it only on request.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import labs
from labs.kit.notebook.progress import FILE as PROGRESS
from labs.kit.notebook.progress import summary
from labs.kit.notebook.workspace import write_atomic

START_PAGE = "START.md"
_LEDGER = ".breakfix/copied.json"


class NotBuilt(ValueError):
    """A lab has no release yet."""


def release(lab: str, notebooks: Path | None = None) -> Path:
    """The released notebook of a lab. Raises NotBuilt and labs.BrokenLab."""
    path = (notebooks or labs.home(lab) / "notebooks") / lab / f"{lab}.ipynb"
    if not path.is_file():
        raise NotBuilt(f"{lab} has no notebook at {path}; `breakfix build {lab}` makes it")
    return path


def bring(lab: str, work: Path, *, notebooks: Path | None = None, fresh: bool = False, today: date | None = None) -> str:
    """Put the release of a lab into the working copy, unless the learner's own edit is there already.

    An unedited copy is replaced by each new release. With `fresh` an edited copy is renamed, with the date.

    Returns:
        The news for the learner; "" if there is none.

    Raises:
        NotBuilt: the lab has no release.
        WorkFolderError, OSError: the working copy cannot be read or written.
    """
    new = release(lab, notebooks).read_bytes()
    path = work / lab / f"{lab}.ipynb"
    ledger = _read_ledger(work)
    news = ""
    if path.exists():
        mine = path.read_bytes()
        if mine == new:
            return ""
        if fresh:
            aside = _free_name(path, today or date.today())
            path.replace(aside)
            news = f"The newest {lab} is in place; your own notebook is kept beside it as {aside.name}."
        elif _sha(mine) == ledger.get(lab):
            news = f"{lab} has a newer release. You had not changed your copy, so it is the newest now."
        elif ledger.get(lab, _sha(new)) != _sha(new):
            return f"{lab} has a newer release than yours. `breakfix start {lab} --fresh` gets it, and keeps yours too."
        else:
            return ""
    write_atomic(path, new)
    write_atomic(work / _LEDGER, json.dumps({**ledger, lab: _sha(new)}, indent=1, sort_keys=True))
    return news


def write_start_page(work: Path) -> Path:
    """Write JupyterLab's first page: the course, the labs with the learner's progress, and the steps of a lab.

    Raises:
        WorkFolderError: the working copy cannot be written.
    """
    rows = [_row(row) for row in summary()]
    path = work / START_PAGE
    write_atomic(path, _PAGE.replace("LABS", "\n".join(rows) or "| | There is no lab yet. | | | |"))
    return path


REFERENCE = ("docs/*.md", "solutions/*/*.ipynb")
"""What a learner may want to read beside the notebooks, in the folder of the course."""


def bring_reference(work: Path, course: Path = labs.ROOT) -> None:
    """Copy the course's docs and solutions into the working copy, to be read only: JupyterLab shows nothing outside of it.

    Raises:
        WorkFolderError, OSError: the working copy cannot be written.
    """
    for pattern in REFERENCE:
        for path in course.glob(pattern):
            copy = work / path.relative_to(course)
            if not copy.exists() or copy.read_bytes() != path.read_bytes():
                write_atomic(copy, path.read_bytes())
                copy.chmod(0o444)


def changed_at(work: Path) -> float:
    """When the progress of any lab was last changed, in seconds of the epoch; 0 where there is none."""
    return max((path.stat().st_mtime for path in work.glob(f"*/{PROGRESS}")), default=0.0)


_PAGE = """# Break/Fix

Each lab is one production failure. You reproduce it, measure it, repair it, and prove that the repair holds.

| | Lab | The failure | Minutes | You |
|---|---|---|---|---|
LABS

Open a lab with a click on its name.

## How a lab goes

1. Run the cells from the top: **Shift+Enter** runs one and goes on. A cell that takes a while says so beforehand.
2. Write down your prediction before you run the system; being wrong is half of the lesson. Predictions are never scored.
3. Read the signals and find the cause. Answer the diagnosis.
4. Repair the code in the cell that begins with `%%fix`, and run it. Earlier versions are kept.
5. Run the cells below it: before and after, then the verdicts. A verdict says what was measured, what the goal is, and
   what to look at. Repair again until it holds.
6. Stuck? Hints open one at a time, and cost nothing.

## Good to know

- These notebooks are your own copy. Nothing that you do here changes the course's files, and nothing overwrites yours.
- The menu **Run > Run All Cells** always reaches the end, with a repair or without one.
- The last column follows your work within seconds: close this page and open it again from the file list to see it.
- The folders `docs` and `solutions` in the file list are copies to read; the solutions tell everything.
- Something does not work? Open **File > New > Terminal** and run `breakfix doctor`.
"""


def _row(progress: dict[str, Any]) -> str:
    lab = labs.load(progress["lab"])
    reached = progress["state"]
    if progress["points"]:
        reached += f", {progress['points']:g} of {progress['max_points']:g} points"
    cells = [lab.name[3:5], f"[{lab.title}]({lab.name}/{lab.name}.ipynb)", lab.failure, str(lab.minutes), reached]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _read_ledger(work: Path) -> dict[str, str]:
    """The release from which each copy was made (SHA-256 by lab). A lost or damaged ledger only means fewer news."""
    try:
        found = json.loads((work / _LEDGER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _free_name(path: Path, today: date) -> Path:
    number = 1
    while (name := path.with_name(f"{path.stem}-{today}{f'-{number}' if number > 1 else ''}{path.suffix}")).exists():
        number += 1
    return name


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
