"""The option --fix: a repair by name, or from a Python file or a notebook."""

from __future__ import annotations

from pathlib import Path

from breakfix.commands.shell import BadInput, complain
from labs.kit.model.lab import Fix, Lab, UnknownName

MOST_BYTES = 50_000_000
"""The largest size of a file with a repair; without a bound, /dev/zero would be read for ever."""


def find_fix(lab: Lab, given: str, about: str) -> Fix:
    """The repair for `--fix GIVEN`: a name that ships with the lab has priority over a file of the same name.

    Args:
        about: the command, for messages on standard error.

    Raises:
        BadInput: there is no such name, and no such file that can be read.
    """
    if given in lab.fix_names():
        return lab.fix(given)
    path = Path(given)
    if not path.exists() and path.suffix not in (".py", ".ipynb") and len(path.parts) == 1:
        raise BadInput(f"{UnknownName('repair', given, lab.fix_names())}; or give a file, FILE.py or FILE.ipynb")
    if path.suffix in (".ipynb", ".json") or ".ipynb." in path.name:
        return Fix(path.name, _from_notebook(lab, path, about))
    return Fix(path.name, _from_python(path, _read(path, MOST_BYTES)))


def _read(path: Path, most: int) -> bytes:
    advice = "--fix takes broken, reference, the name of a repair, or the path of a file"
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"cannot read the repair {str(path)!r} ({error.strerror}); {advice}") from error
    if len(raw) > most:
        raise BadInput(f"{path} is larger than {most // 1_000_000} MB; expected the source of a repair, or a notebook")
    return raw


def _from_python(path: Path, raw: bytes) -> str:
    from labs.kit.judging.fix_cell import cut_fix

    try:
        return cut_fix(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}); save the repair as UTF-8") from error


def _from_notebook(lab: Lab, path: Path, about: str) -> str:
    """The repair cell of a notebook, found as the grader finds it: both must judge the same code."""
    import nbformat

    from breakfix.copies import release
    from grader.mending import MOST_READ
    from grader.rebuild import asks, rebuild
    from grader.salvage import salvage
    from labs.kit.judging.fix_cell import cut_fix

    raw = _read(path, MOST_READ)
    found = salvage(raw)
    if not found.cells:
        expected = f"expected a notebook of {lab.name} as JupyterLab saves it"
        raise BadInput(f"{path} has no cells that can be read ({found.notes[-1]}); {expected}")
    if found.lab and found.lab != lab.name:
        raise BadInput(f"{path} is a notebook of {found.lab}, not of {lab.name}; name the lab that it is of")
    known = nbformat.reads(release(lab.name).read_text(encoding="utf-8"), as_version=4)
    notebook, notes = rebuild(known, raw)
    for note in notes:
        complain(about, f"{path}: {note}")
    if why := asks(notebook).get("fix"):
        raise BadInput(f"{path} has no repair that can be judged: {why}")
    return cut_fix(next(cell.source for cell in notebook.cells if cell.get("id") == "fix"))
