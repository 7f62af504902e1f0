"""labs/LAB/notebook.py -> solutions/LAB/LAB.ipynb, executed -> notebooks/LAB/LAB.ipynb, the release for learners.

The cells of notebook.py (jupytext percent). Typed: `breakfix={"role": ...}`; generated: all of nbgrader's metadata.
  role "fix"        code, left empty: the solution shows fixes/REFERENCE.py, the release broken.py, under %%fix
  role "diagnosis"  code, the right answer as a dict, shown under %%diagnosis; the release asks, with None throughout
  role "check"      code, `lab.check("NAME")` and "check": "NAME"; points from the lab; a gate's cell is not graded;
                    the diagnosis is judged after a repair, so `lab.check("diagnosis")` follows the others;
                    if live runs judge, the cell's output is not kept
  role "predict"    code, the author's prediction; learners get "blank" instead; not graded
  role "answer"     code, the same for anything else that learners fill in
  role "live"       code, a run in the live world, or its presentation; its outputs are not kept; "id" names it
  role "operator"   code, left empty, in a lab with runbook_graded: the RUNBOOK of fixes/REFERENCE.py, the release that of
                    broken.py, under %%runbook; judged with the repair
  role "runbook"    markdown, left empty: the solution shows runbook.md; graded by hand, "points": N
No role: text and code for everybody. "id" names a cell, which predict and answer need if they occur more than once; a cell
without a name gets a hash of its text, so ids stay the same when other cells are added or removed.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import hashlib
import re
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

import labs
from grader import stamps
from grader.execute import KERNELSPEC, ExecutionFailed, addresses, execute
from grader.pictures import keep_old, keep_old_kinds
from grader.preprocessors import release
from labs.kit.judging.diagnosis import answer_text, judge_diagnosis
from labs.kit.judging.runbook_cell import alone, as_cell, parted
from labs.kit.model.lab import BROKEN, REFERENCE, Lab
from labs.kit.model.verdict import Status

SOLUTIONS, NOTEBOOKS = "solutions", "notebooks"
HEADINGS = ("Symptom", "Signal", "First five minutes", "Fix", "Prevention")
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class BuildError(ValueError):
    """A chapter cannot be built; the message names lab and cell, and says what is expected."""


def build_labs(names: list[str], check: bool, to: Path | None = None, live: bool = False) -> list[str]:
    """Build the notebooks of some labs, or of all of this repository if `names` is empty.

    Args:
        check: write nothing; compare the results with the existing files: to the byte, pictures as the eye sees them. Where
            they were built with another toolchain, outputs only have to be of the same kinds.
        to: the parent folder of solutions/ and notebooks/; by default `labs.home` of each lab.
        live: also make the live runs of each page that live runs do not judge (see `contents`).

    Returns:
        The files written; with `check`, one line for each difference.

    Raises:
        BuildError, labs.UnknownLab, labs.BrokenLab: then nothing of the lab is written.
    """
    chosen = [labs.find(name) for name in names] or labs.ours()
    told: list[str] = []
    for name in chosen:
        home = to or labs.home(name)
        keep = keep_old_kinds if check and stamps.built_elsewhere(home, name) else keep_old
        for path, built in contents(labs.load(name), live).items():
            text = _with_old_outputs(home / path, built, keep)
            shown = path if home == labs.ROOT else home / path
            if check:
                told += _difference(shown, home / path, text)
            else:
                _write(home / path, text)
                told.append(str(shown))
        if not check and home == labs.home(name):
            _write(home / stamps.STAMPS, stamps.renewed(name))
    return told + (strangers() if check and not names else [])


def contents(lab: Lab, live: bool = False) -> dict[Path, str]:
    """The generated files of a lab, by their path below its home. Executes the solution. Raises BuildError.

    A page that is judged by live runs is always executed without them: they would be made again for the verdicts.
    """
    try:
        solution = execute(source(lab), live and not lab.judged_live)
    except ExecutionFailed as error:
        raise BuildError(f"{lab.name}: {error}") from error
    _insist_on_full_marks(lab, solution)
    return {
        Path(SOLUTIONS, lab.name, f"{lab.name}.ipynb"): written(solution),
        Path(NOTEBOOKS, lab.name, f"{lab.name}.ipynb"): written(release(solution)),
    }


def written(nb: NotebookNode) -> str:
    """A notebook as the text of its file."""
    nbformat.validate(nb)
    return str(nbformat.writes(nb)) + "\n"


def source(lab: Lab) -> NotebookNode:
    """The solution of a lab, not yet executed. Raises BuildError."""
    file = lab.folder / "notebook.py"
    if not file.is_file():
        raise BuildError(f"{lab.name}: there is no {file}; every lab has a chapter")
    nb = jupytext.read(file, fmt=FORMAT)
    nb.nbformat, nb.nbformat_minor = 4, 5
    about = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}, "breakfix": {"lab": lab.name}}
    nb.metadata = nbformat.from_dict(about)
    seen: set[str] = set()
    for cell in nb.cells:
        given = dict(cell.metadata.get("breakfix", {}))
        role = given.get("role")
        if role is None:
            cell.metadata.pop("breakfix", None)
        else:
            where = f"{lab.name}: the {role!r} cell {cell.source[:40]!r}"
            if role not in ROLES:
                raise BuildError(f"{where}: unknown role; the valid ones are: {', '.join(ROLES)}")
            kind, fill = ROLES[role]
            if cell.cell_type != kind:
                raise BuildError(f"{where} is a {cell.cell_type} cell; expected a {kind} cell")
            fill(lab, cell, given, where)
        cell["id"] = _cell_id(lab, cell, given, seen)
    _insist_on_complete(lab, nb)
    return nb


# The cell of each role -------------------------------------------------------------------------------------------------


def _fix(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    _must_be_empty(cell, where, f"the reference repair is fixes/{lab.reference}.py")
    shown, blank = (alone(lab, lab.fix(name)).source.rstrip("\n") for name in (REFERENCE, BROKEN))
    cell.source = f"%%fix\n{shown}"
    _learners(cell, "fix", f"%%fix\n{blank}")


def _operator(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    if not lab.runbook_graded:
        raise BuildError(f"{where}: {lab.name} grades no runbook; its declaration needs runbook_graded=True")
    _must_be_empty(cell, where, f"the runbook is RUNBOOK of fixes/{lab.reference}.py")
    cell.source, blank = (as_cell(parted(lab.fix(name).source)[1]) for name in (REFERENCE, BROKEN))
    _learners(cell, "operator", blank)


def _diagnosis(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    verdict = judge_diagnosis(lab.diagnosis, cell.source)
    if verdict.status is not Status.PASS:
        raise BuildError(f"{where} is not the right answer: {verdict.message}")
    cell.source = "%%diagnosis\n" + answer_text(cell.source)
    _learners(cell, "diagnosis", blank_diagnosis(lab))


def blank_diagnosis(lab: Lab) -> str:
    """The learners' form of the diagnosis: each question, with None as its answer."""
    lines = ["%%diagnosis", "{"]
    for question in lab.diagnosis.fields:
        asked = f"{question.ask} ({question.form})" if question.form else question.ask
        lines += [f"    # {line}" for line in textwrap.wrap(asked, 100)]
        lines.append(f'    "{question.name}": None,')
    return "\n".join([*lines, "}"])


def _check(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    name = given.get("check", "")
    names = [c.name for c in lab.checks] + ["diagnosis"]
    if name not in names:
        raise BuildError(f"{where} names the check {name!r}; the valid ones are: {', '.join(names)}")
    line = f'lab.check("{name}")'
    if cell.source.strip() != line:
        raise BuildError(f"{where}: a check cell holds nothing but {line}")
    cell.source = line
    check = None if name == "diagnosis" else lab.check(name)
    worth = lab.diagnosis.points if check is None else check.points
    if check is None or not check.gate:
        cell.metadata["nbgrader"] = _nbgrader(f"check_{name}", grade=True, points=worth)
    cell.metadata["breakfix"] = {"role": "check", "check": name}
    if check is not None and check.part:
        cell.metadata["breakfix"]["part"] = "operator"
    if lab.judged_live:
        cell.metadata["breakfix"]["world"] = "live"
    else:
        cell.metadata["tags"] = ["nbval-check-output"]


def _form(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    if not isinstance(given.get("blank"), str):
        raise BuildError(f'{where} has no "blank": the text that learners get in its place')
    _learners(cell, given.get("id", given["role"]), given["blank"])


def _live(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    if not given.get("id"):
        raise BuildError(f'{where} has no "id"')
    cell.metadata["breakfix"] = {"role": "live"}


def _runbook(lab: Lab, cell: NotebookNode, given: dict[str, Any], where: str) -> None:
    _must_be_empty(cell, where, "the model entry is runbook.md")
    points = given.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
        raise BuildError(f'{where} has "points": {points!r}; expected what it is worth when graded by hand, such as 2')
    file = lab.folder / "runbook.md"
    text = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    missing = [h for h in HEADINGS if not re.search(rf"^#+ {h}\s*$", text, re.MULTILINE | re.IGNORECASE)]
    if missing:
        raise BuildError(f"{where}: {file} lacks the headings {', '.join(missing)}")
    cell.source = text
    _learners(cell, "runbook", "\n\n".join(f"### {h}" for h in HEADINGS), points=points)


ROLES: dict[str, tuple[str, Callable[[Lab, NotebookNode, dict[str, Any], str], None]]] = {
    "fix": ("code", _fix),
    "diagnosis": ("code", _diagnosis),
    "check": ("code", _check),
    "predict": ("code", _form),
    "answer": ("code", _form),
    "live": ("code", _live),
    "operator": ("code", _operator),
    "runbook": ("markdown", _runbook),
}


def _must_be_empty(cell: NotebookNode, where: str, instead: str) -> None:
    if any(line.strip() and not line.startswith(("#", "%%")) for line in cell.source.splitlines()):
        raise BuildError(f"{where} must be empty: {instead}")


def _learners(cell: NotebookNode, grade_id: str, blank: str, points: float | None = None) -> None:
    """Make the cell one that the learner fills in; it is graded by hand if it has points."""
    cell.metadata["nbgrader"] = _nbgrader(grade_id, grade=points is not None, solution=True, points=points)
    cell.metadata["breakfix"] = {"role": cell.metadata["breakfix"]["role"], "blank": blank}


def _nbgrader(grade_id: str, *, grade: bool = False, solution: bool = False, points: float | None = None) -> dict[str, Any]:
    """nbgrader's complete metadata. Its schema forbids other keys, so the course's own keys are under `breakfix`."""
    made: dict[str, Any] = {
        "schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution,
        "locked": not solution, "task": False,
    }  # fmt: skip
    return made if points is None else {**made, "points": points}


def _cell_id(lab: Lab, cell: NotebookNode, given: dict[str, Any], seen: set[str]) -> str:
    """An id that does not depend on the cells around it: a name, or else a hash of the text."""
    named = cell.metadata.get("nbgrader", {}).get("grade_id") or given.get("id")
    if not named and given.get("role") == "check":
        named = f"gate_{given['check']}"
    if named:
        if not _ID.fullmatch(str(named)):
            raise BuildError(f"{lab.name}: the id {named!r} may hold letters, digits, - and _ only, 64 at most")
        if named in seen:
            raise BuildError(f'{lab.name}: two cells have the id {named!r}; give one of them an "id" of its own')
        cell_id = str(named)
    else:
        cell_id = base = "t-" + hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        number = 1
        while cell_id in seen:
            number += 1
            cell_id = f"{base}-{number}"
    seen.add(cell_id)
    return cell_id


# Requirements of a chapter ---------------------------------------------------------------------------------------------


def _insist_on_complete(lab: Lab, nb: NotebookNode) -> None:
    ids = {c.id for c in nb.cells}
    wanted = [
        "fix",
        *["operator"] * lab.runbook_graded,
        "diagnosis",
        "check_diagnosis",
        *(f"check_{c.name}" for c in lab.checks if not c.gate),
    ]
    missing = [w for w in wanted if w not in ids]
    if missing:
        raise BuildError(f"{lab.name}: notebook.py has no cell for {', '.join(missing)}; every graded point needs one")


def _insist_on_full_marks(lab: Lab, nb: NotebookNode) -> None:
    """Raise BuildError unless the solution earns every point and shows only output that repeats in the next build."""
    for cell in nb.cells:
        if found := addresses(cell):
            raise BuildError(f"{lab.name}: cell {cell.id!r} shows a memory address ({found[0]}), which no two runs share")
        about = cell.metadata.get("breakfix", {})
        if about.get("role") != "check":
            continue
        if about.get("world") == "live":  # the verdicts of live runs are not kept; tests judge the reference instead
            cell.outputs = []
            continue
        # nbval can compare a cell only if it shows just its verdict: a cell without output counts as right, and nbval
        # cannot follow a display that is updated.
        kinds = [o.output_type for o in cell.outputs]
        if kinds != ["execute_result"]:
            raise BuildError(f"{lab.name}: cell {cell.id!r} shows {kinds}; a check cell shows one result, its verdict")
        points, most = cell.outputs[0].data.get("text/plain"), cell.metadata.get("nbgrader", {}).get("points")
        if most is not None and points != f"{most:g}":
            raise BuildError(f"{lab.name}: the solution earns {points} of {most:g} points in cell {cell.id!r}")


# Files -----------------------------------------------------------------------------------------------------------------


def _write(path: Path, text: str) -> None:
    """Replace a file atomically: a reader gets the old notebook or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, suffix=".part", delete=False
    ) as part:
        part.write(text)
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)


def _difference(path: Path, file: Path, text: str) -> list[str]:
    """The difference between a file and its expected text, in a line that names the file `path`."""
    if not file.is_file():
        return [f"{path} is missing; run `breakfix build`"]
    there = file.read_text(encoding="utf-8")
    if there == text:
        return []
    return [f"{path} is not what its notebook.py gives ({_first_difference(there, text)}); run `breakfix build`"]


def _with_old_outputs(file: Path, built: str, keep: Callable[[NotebookNode, NotebookNode], None]) -> str:
    """The built notebook, with the file's outputs wherever `keep` puts them into it."""
    try:
        old, new = nbformat.read(file, as_version=4), nbformat.reads(built, as_version=4)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):  # the first build, or a file that is no notebook
        return built
    keep(old, new)
    return written(new)


def _first_difference(there: str, built: str) -> str:
    """The first difference between two notebooks, in words."""
    try:
        old, new = nbformat.reads(there, as_version=4), nbformat.reads(built, as_version=4)
    except (ValueError, AttributeError, nbformat.ValidationError):
        return "it is no notebook"
    if [c.get("id") for c in old.cells] != [c.id for c in new.cells]:
        return "other cells"
    for mine, theirs in zip(old.cells, new.cells, strict=True):
        for part in ("cell_type", "source", "metadata", "outputs", "execution_count"):
            if mine.get(part) != theirs.get(part):
                return f"cell {theirs.id!r}: {part}{_first_line(str(mine.get(part)), str(theirs.get(part)))}"
    return "the notebook's own metadata or layout"


def _first_line(there: str, built: str) -> str:
    """Some characters of both from their first difference on: a reader of a remote build has only its log."""
    parted = (at for at, (one, other) in enumerate(zip(there, built, strict=False)) if one != other)
    start = max(next(parted, min(len(there), len(built))) - 40, 0)
    return f", there {there[start : start + 120]!r}, now {built[start : start + 120]!r}"


def strangers() -> list[str]:
    """Generated notebooks whose lab no longer exists."""
    known = labs.names()
    folders = [p for tree in (SOLUTIONS, NOTEBOOKS) for p in sorted((labs.ROOT / tree).glob("*")) if p.is_dir()]
    return [f"{p.relative_to(labs.ROOT)} belongs to no lab; delete it" for p in folders if p.name not in known]
