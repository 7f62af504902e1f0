"""Imports run one way: kit <- labs <- grader <- breakfix."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import labs

LAYERS = ("labs", "grader", "benchmarks", "breakfix")
MAY_IMPORT = {  # "labs" is labs/__init__.py alone: names(), find(), load(), ROOT; it loads no lab by itself
    "kit": {"kit", "labs"},
    "lab": {"kit", "labs"},  # and itself
    "labs": {"kit", "labs"},
    "grader": {"kit", "labs", "grader"},
    "benchmarks": {"kit", "labs", "grader", "benchmarks"},
    "breakfix": {"kit", "labs", "grader", "benchmarks", "breakfix"},
}


def part_of(module: str) -> str | None:
    """Which part of the house a module belongs to ("kit", "labs", the lab's own name, ...); None if it is not ours."""
    names = module.split(".")
    if names[0] not in LAYERS:
        return None
    if names[0] == "labs" and len(names) > 1 and names[1] == "kit":
        return "kit"
    if names[0] == "labs" and len(names) > 1 and names[1].startswith("lab"):
        return names[1]
    return names[0]


def imports_of(source: str, module: str, package: bool) -> set[str]:
    """Every module that the source imports, absolute; those only for type hints too, since they bind the design alike."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if package else module.split(".")[:-1]
            start = base[: len(base) - node.level + 1] if node.level else []
            target = ".".join([*start, *([node.module] if node.module else [])])
            found.add(target)
            found.update(f"{target}.{alias.name}" for alias in node.names if target == "labs")  # from labs import kit
    return found


def breaches(source: str, module: str, package: bool = False) -> set[str]:
    """The imports of a module that go the wrong way."""
    own = part_of(module)
    assert own is not None
    above_labs = own in ("grader", "benchmarks", "breakfix")
    allowed = MAY_IMPORT["lab"] | {own} if is_lab(own) else MAY_IMPORT[own]
    parts = {name: part_of(name) for name in imports_of(source, module, package)}
    return {name for name, part in parts.items() if part and part not in allowed and not (is_lab(part) and above_labs)}


def is_lab(part: str) -> bool:
    """Is this part of the house one lab?"""
    return part.startswith("lab") and part != "labs"


def modules() -> list[tuple[Path, str, bool]]:
    """Each module of the product: file, dotted name, whether it is a package. Not the notebooks' sources: no modules."""
    found = []
    for layer in LAYERS:
        for path in sorted((labs.ROOT / layer).rglob("*.py")):
            if path.name == "notebook.py":
                continue
            names = path.relative_to(labs.ROOT).with_suffix("").parts
            package = names[-1] == "__init__"
            found.append((path, ".".join(names[:-1] if package else names), package))
    return found


@pytest.mark.parametrize(("path", "module", "package"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_run_one_way(path: Path, module: str, package: bool) -> None:
    """No module imports from above it, and no lab imports another lab."""
    assert breaches(path.read_text(encoding="utf-8"), module, package) == set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labs.kit.measure.stats", "from labs.lab06_retries import LAB"),
        ("labs.kit.measure.stats", "def f():\n    import grader.judge"),
        ("labs.kit.measure.stats", "from labs import lab06_retries"),
        ("labs.kit.measure.stats", "from ...lab06_retries.checks import CHECKS"),
        ("labs.lab06_retries.checks", "from labs.lab01_blocking import service"),
        ("labs.lab06_retries.checks", "import breakfix.start"),
        ("labs", "from grader import judge"),
        ("grader.judge", "from breakfix.cli import main"),
        ("grader.judge", "import benchmarks"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    """An import the wrong way is seen, however it is written."""
    assert breaches(source, module) != set()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labs.lab06_retries.checks", "from labs.kit.measure.stats import goodput\nfrom labs.lab06_retries import service"),
        ("labs.kit.notebook.learner", "import labs\nfrom labs import ROOT"),
        ("grader.judge", "from labs.kit.judging.evaluate import evaluate\nimport nbgrader"),
        ("breakfix.cli", "from grader.build import build_labs\nfrom labs.lab06_retries import LAB"),
    ],
)
def test_a_right_import_is_left_alone(module: str, source: str) -> None:
    """What the design allows is no breach."""
    assert breaches(source, module) == set()
