"""Two fingerprints: of all that a run depends on, and of all that a verdict depends on. Every cache uses them.

A run depends on four things:

- the toolchain (`plan.toolchain`);
- the package `worlds` and the packages of the kit that it imports, with all their files;
- the lab's declaration of its system: services, entry, database, paced links;
- the lab's run-time files: the modules of its services and of its request function, broken.py, and each module that one of
  these, or the repair, imports. Files of the lab that are not Python, such as a table of prices, count too.

A run does not depend on charts, notebook, judging, the chapter, the runbook and the other repairs. Importing a lab's module
also runs the lab's `__init__`, but nothing of that reaches a service; so `__init__` and its imports count only if one of
those modules imports a name from it.

A verdict depends on the run, on the lab's scenarios and how it varies them, on its checks with the modules of their judging
functions, and on the packages `measure` and `judging` of the kit.

For a function from the kit, such as a closure that the kit made for the lab, the files of the lab on which it depends are
unknown. Then the whole import closure of the lab's `__init__` counts: too much rather than too little.

A process reads each file once: the text belongs to the imported code, also if the file changes afterwards.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import cache, partial
from inspect import unwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from labs.kit.model.lab import Check, Lab
from labs.kit.model.parsing import parsed
from labs.kit.worlds.plan import toolchain

KIT = Path(__file__).resolve().parent.parent
_KIT_NAME = __name__.rsplit(".", 2)[0]
_NO_DATA = {".py", ".pyc", ".md", ".ipynb"}


def run_fingerprint(lab: Lab, source: str, *made_by: Callable[..., Any]) -> str:
    """64 hex digits that depend on all that a simulated run of this lab depends on, except its scenario and seed.

    Args:
        source: the repair.
        made_by: the lab's functions that make the kept result from runs, such as a phase map.
    """
    system = (lab.name, lab.services, lab.entry, lab.database, sorted(lab.paced.items()))
    files = _run_files(lab, source) | _files(_roots(lab, made_by))
    return digest(toolchain(), repr(system), source, *_texts(files), *kit_texts("worlds"))


def verdict_fingerprint(lab: Lab, source: str, more: Path | None = None) -> str:
    """64 hex digits that depend on all that a verdict on a repair depends on, except the seeds.

    Args:
        source: the repair.
        more: a folder whose Python files also take part in the judging, such as the autograder's.
    """
    functions: list[Callable[..., Any]] = [lab.vary, lab.doubt, *(check.judge for check in lab.checks)]
    declared = (sorted(lab.scenarios.items()), [_values(check) for check in lab.checks])
    extra = _texts(_python(more)) if more else ()
    return digest(run_fingerprint(lab, source, *functions), repr(declared), *kit_texts("judging"), *extra)


def digest(*parts: str) -> str:
    """SHA-256 of the texts, in hex; the boundaries between the texts count as well."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace")
        whole.update(b"%d:" % len(data) + data)
    return whole.hexdigest()


def forget() -> None:
    """Clear all that was read, for tests that change files."""
    for kept in (_text, _imports, kit_texts):
        kept.cache_clear()


def _values(check: Check) -> list[Any]:
    return [getattr(check, field.name) for field in fields(check) if field.name != "judge"]


# The kit ---------------------------------------------------------------------------------------------------------------


@cache
def kit_texts(package: str) -> tuple[str, ...]:
    """The sources of one package of the kit, of all packages that it imports, and of `labs.kit.model`."""
    return tuple(_texts(file for name in sorted(_packages(package)) for file in _python(KIT / name)))


def _packages(package: str) -> set[str]:
    found, left = set(), {package}
    while left:
        found.add(name := left.pop())
        for file in _python(KIT / name):
            parts = (module.removeprefix(f"{_KIT_NAME}.").split(".") for module in _imports(file) if _of_kit(module))
            left |= {first for first, *_ in parts if (KIT / first).is_dir()} - found
    return found


def _of_kit(module: str) -> bool:
    return module.startswith(f"{_KIT_NAME}.")


def _python(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


# The lab ---------------------------------------------------------------------------------------------------------------


def _run_files(lab: Lab, source: str) -> set[Path]:
    """The lab's run-time files: see the module's docstring."""
    roots = _roots(lab, [lab.request, *([lab.wrong] if lab.wrong else [])]) | {
        service.app.partition(":")[0] for service in lab.services
    }
    broken = lab.folder / "broken.py"
    begun = {broken} if broken.is_file() else set()
    near = next((name for name in roots if not _of_kit(name)), f"labs.{lab.name}")
    return _files(roots | _local(near, _imports_of(source, near, False)), begun, near) | set(_data(lab.folder))


def _roots(lab: Lab, functions: Iterable[Callable[..., Any]]) -> set[str]:
    """The modules that define these functions; the lab's whole package if one of them comes from the kit."""
    found = set()
    for function in functions:
        if any(function is Lab.__dataclass_fields__[name].default for name in ("vary", "doubt")):
            continue
        while isinstance(function, partial):
            function = function.func
        module = getattr(unwrap(function), "__module__", None) or ""
        if module.startswith(f"{_KIT_NAME}.judging."):  # a gate of the kit: whoever asks for verdicts counts that package
            continue
        own = module and _source(module) and not module.startswith(_KIT_NAME)
        found.add(module if own else _package(lab))
    return found


def _package(lab: Lab) -> str:
    """The dotted name of the lab's package."""
    home = str(lab.folder / "__init__.py")
    return next((name for name, module in list(sys.modules.items()) if getattr(module, "__file__", "") == home), "")


def _files(modules: Iterable[str], begun: Iterable[Path] = (), near: str = "") -> set[Path]:
    """The files of these modules and of all that they import below the same top-level package."""
    found = set(begun)
    left = set(modules)
    for file in begun:
        left |= _local(near, _imports(file, near))
    seen = set()
    while left:
        seen.add(module := left.pop())
        if source := _source(module):
            found.add(source)
            left |= _local(module, _imports(source, module)) - seen
    return found


def _local(module: str, imported: Iterable[str]) -> set[str]:
    """The imported names that may be modules of the same top-level package, without those of the kit."""
    top = module.partition(".")[0]
    return {name for name in imported if name.partition(".")[0] == top and name != _KIT_NAME and not _of_kit(name)}


def _source(module: str) -> Path | None:
    """The file of a module, found without importing it; None if there is none, or if the name is not a module."""
    top, *parts = module.split(".")
    package: ModuleType | None = sys.modules.get(top)
    if not parts and package is not None and getattr(package, "__file__", None):
        return Path(str(package.__file__))
    for folder in getattr(package, "__path__", ()):
        at = Path(folder, *parts)
        for file in (at / "__init__.py", at.with_name(f"{at.name}.py")):
            if file.is_file():
                return file
    return None


def _data(folder: Path) -> Iterator[Path]:
    """The lab's data files: neither code nor text for people."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder).parts
        if file.suffix not in _NO_DATA and file.is_file() and not any(part.startswith((".", "__")) for part in inside):
            yield file


# Files -----------------------------------------------------------------------------------------------------------------


def _texts(files: Iterable[Path]) -> list[str]:
    """Name and text of each file, in an order that does not depend on the files' folder."""
    return sorted(_text(file) for file in files)


@cache
def _text(file: Path) -> str:
    return f"{file.parent.name}/{file.name}\0{file.read_bytes().decode('utf-8', 'surrogateescape')}"


@cache
def _imports(file: Path, module: str = "") -> frozenset[str]:
    return _imports_of(file.read_text(encoding="utf-8"), module, file.name == "__init__.py")


def _imports_of(source: str, module: str, package: bool) -> frozenset[str]:
    """Dotted names of all modules that a source imports, at any place in it."""
    try:
        tree = parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()  # such a repair does not run, so it imports nothing
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if package else module.split(".")[:-1]
            start = base[: len(base) - node.level + 1] if node.level else []
            target = ".".join([*start, *([node.module] if node.module else [])])
            inside = [f"{target}.{alias.name}" for alias in node.names]
            found.update(name if _source(name) else target for name in inside)  # a module of that package, or a name in it
    return frozenset(found)
