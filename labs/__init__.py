"""The labs of Break/Fix: one folder a lab, found by its name, and labs from elsewhere, found by an entry point.

A package with `labNN_word = "package"` (or "package:LAB") in the entry point group `breakfix.labs` brings a lab that is
listed, built, checked and graded like ours. docs/elsewhere.md shows how.

Importing this package is cheap on purpose: it loads neither the kit nor matplotlib, and `names()` loads no lab.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from labs.kit.model.lab import Lab
    from labs.kit.notebook.learner import Learner

__version__ = "0.1.0"

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
GROUP = "breakfix.labs"
"""The entry point group of labs from elsewhere."""
BUILT = "built"
"""Folder in the package of a lab from elsewhere that holds its solutions/ and notebooks/."""
NAME_FORM = "labNN_word, in lower case, such as lab20_pricing"
_NAME = re.compile(r"lab\d\d_[a-z0-9_]+")
_VALUE = re.compile(r"(\w+(?:\.\w+)*)(?::(\w+))?")


class UnknownLab(ValueError):
    """No lab has that name."""


class BrokenLab(ValueError):
    """A lab that does not load; the message is one line with file or entry point, value and remedy."""


class Elsewhere(NamedTuple):
    """Where a lab that is not in this folder comes from."""

    package: str
    variable: str  # the name of its Lab in the package
    distribution: str  # the installed package that brings it
    entry: str  # the entry point, for messages


def is_name(name: str) -> bool:
    """Is it of the form of a lab's name, as lab06_retries?"""
    return _NAME.fullmatch(name) is not None


def ours() -> list[str]:
    """The names of the labs in this folder, in the order of the course."""
    return sorted(p.name for p in FOLDER.iterdir() if is_name(p.name) and (p / "__init__.py").exists())


def elsewhere() -> dict[str, Elsewhere]:
    """The labs that other packages bring, by name. Loads none of them."""
    own = ours()
    return {name: found for name, found in _entry_points(tuple(sys.path))[0].items() if name not in own}


def names() -> list[str]:
    """The names of all labs, in the order of the course. Loads none of them."""
    return sorted([*ours(), *elsewhere()])


def problems() -> list[str]:
    """What keeps a folder or an entry point from being a lab, as far as it shows without loading one: a line each."""
    told = []
    for path in sorted(FOLDER.iterdir()):
        if not path.name.lower().startswith("lab") or not path.is_dir() or not any(path.glob("*.py")):
            continue
        if not is_name(path.name):
            told.append(f"the folder {path} has a name of another form than a lab's; call it {NAME_FORM}")
        elif not (path / "__init__.py").exists():
            told.append(f"the folder {path} has no __init__.py, so it is no lab; write one that sets LAB, or move it away")
    found, bad = _entry_points(tuple(sys.path))
    for name in set(ours()) & set(found):
        told.append(f"{found[name].entry}: a lab of Break/Fix has that name already; give yours another number or word")
    return told + bad


def find(name: str) -> str:
    """The full name of the lab that `name` stands for: "lab06_retries", or just "lab06" or "retries".

    Raises:
        UnknownLab: naming the valid ones.
    """
    known = names()
    matches = [n for n in known if name in (n, *n.split("_", 1))]
    if len(matches) == 1 or name in known:
        return name if name in known else matches[0]
    if matches:
        raise UnknownLab(f"{name!r} stands for more than one lab: {', '.join(matches)}; give the whole name")
    raise UnknownLab(f"unknown lab {name!r}; the labs are: {', '.join(known)}")


def package(name: str) -> str:
    """The package that holds the lab of this name: labs.NAME, or that of its entry point."""
    found = None if name in ours() else elsewhere().get(name)
    return found.package if found else f"labs.{name}"


def folder(name: str) -> Path:
    """Where the files of the lab of this name are. Loads no lab of ours. Raises BrokenLab."""
    found = None if name in ours() else elsewhere().get(name)
    if found is None:
        return FOLDER / name
    try:
        spec = importlib.util.find_spec(found.package)
    except (Exception, SystemExit) as error:  # another's package: whatever it raises is told in one line
        raise _does_not_load(name, error) from error
    if spec is None or spec.origin is None or not spec.submodule_search_locations:
        raise BrokenLab(
            f"{found.entry}: there is no package {found.package!r} with an __init__.py; correct the entry point, or "
            f"install {found.distribution} again"
        )
    return Path(spec.origin).parent


def home(name: str) -> Path:
    """The folder whose solutions/ and notebooks/ hold what is built of a lab: ours, or one in the lab's own package."""
    return ROOT if name in ours() or name not in elsewhere() else folder(name) / BUILT


def load(name: str) -> Lab:
    """The lab called `name`. Raises UnknownLab and BrokenLab."""
    name = find(name)
    found = None if name in ours() else elsewhere()[name]
    variable = found.variable if found else "LAB"
    where = folder(name) / "__init__.py"
    try:
        module = importlib.import_module(package(name))
    except (Exception, SystemExit) as error:
        raise _does_not_load(name, error) from error
    from labs.kit.judging.audit import audited
    from labs.kit.model.lab import Lab

    lab = getattr(module, variable, None)
    about = f"{where}{f' ({found.entry})' if found else ''}"
    if not isinstance(lab, Lab):
        given = f"a {type(lab).__name__}" if hasattr(module, variable) else "missing"
        raise BrokenLab(f"{about}: {variable} is {given}; expected {variable} = Lab(...), see docs/authoring.md")
    if lab.name != name:
        raise BrokenLab(f"{about}: {variable} is called {lab.name!r}; expected the name {name!r}, as where it is found")
    return audited(lab)


def load_all() -> tuple[list[Lab], list[str]]:
    """Every lab that loads, in the order of the course, and a line for each folder or entry point that is none."""
    loaded, told = [], problems()
    for name in names():
        try:
            loaded.append(load(name))
        except BrokenLab as error:
            told.append(str(error))
    return loaded, told


def open_lab(name: str) -> Learner:
    """Open a lab in a notebook: registers `%%fix` and `%%diagnosis`, returns the learner's handle on the lab."""
    from labs.kit.notebook.learner import Learner

    return Learner.open(load(name))


def _does_not_load(name: str, error: BaseException) -> BrokenLab:
    """What to tell of a lab whose import raised `error`."""
    import traceback

    found = elsewhere().get(name)
    what = found.entry if found else str(FOLDER / name / "__init__.py")
    if isinstance(error, SyntaxError):
        where = f"{error.filename}, line {error.lineno}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [f for f in frames if f.filename != __file__ and "importlib" not in f.filename]
        where = f"{theirs[-1].filename}, line {theirs[-1].lineno}" if theirs else ""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    remedy = f"mend it, or uninstall {found.distribution}" if found else "mend it, or move the folder away"
    return BrokenLab(f"{what} does not load: {said}{f' ({where})' if where else ''}; {remedy}")


@lru_cache(maxsize=4)
def _entry_points(path: tuple[str, ...]) -> tuple[dict[str, Elsewhere], list[str]]:
    """The labs that packages installed on `path` (sys.path) bring, and a line for each entry point that is none."""
    from importlib.metadata import entry_points

    found: dict[str, Elsewhere] = {}
    told = []
    given = [(each.dist.name if each.dist else "?", each) for each in entry_points(group=GROUP)]
    for distribution, each in sorted(given, key=lambda pair: (pair[1].name, pair[0])):
        entry = f'the entry point {each.name} = "{each.value}" of {distribution}'
        value = _VALUE.fullmatch(each.value)
        if not is_name(each.name):
            told.append(f"{entry}: {each.name!r} is no name of a lab; call it {NAME_FORM}, in its pyproject.toml")
        elif value is None:
            told.append(f'{entry}: the value names no Lab; expected "package" or "package:LAB", in its pyproject.toml')
        elif each.name in found:
            told.append(f"{entry}: {found[each.name].distribution} brings a lab of that name already; uninstall one of them")
        else:
            found[each.name] = Elsewhere(value[1], value[2] or "LAB", distribution, entry)
    return found, told
