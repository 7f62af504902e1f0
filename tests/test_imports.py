"""Imports run one way: the kit's packages on their floors, then labs, grader, benchmarks, breakfix; no circle anywhere."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import labs
from labs import kit

BELOW = {
    # Each layer, and what it may import beside itself. `labs` is labs/__init__.py alone, which loads no lab by itself.
    "kit.model": {"labs"},
    "kit.measure": {"kit.model"},
    "kit.service": {"kit.model"},
    "kit.charts": {"kit.model", "kit.measure"},
    "kit.worlds": {"labs", "kit.model", "kit.measure", "kit.service"},
    "kit.judging": {"kit.model", "kit.measure", "kit.worlds"},
    "kit.notebook": {"labs", "kit.model", "kit.measure", "kit.service", "kit.charts", "kit.worlds", "kit.judging"},
    "town": {"labs", "kit"},
    "lab": {"labs", "kit", "town"},
}
PACKAGES = ("model", "measure", "service", "worlds", "charts", "judging", "notebook")
BELOW["kit"] = {f"kit.{package}" for package in PACKAGES}
BELOW["labs"] = {"kit.model", "kit.judging", "kit.notebook"}
BELOW["grader"] = {"lab", *BELOW["kit"], *BELOW["lab"]}
BELOW["benchmarks"] = {"grader", *BELOW["grader"]}
BELOW["breakfix"] = {"benchmarks", *BELOW["benchmarks"]}


def layer_of(module: str) -> str | None:
    """The layer of a module: "kit.model", "lab", "grader", ...; None if it is not ours."""
    names = module.split(".")
    if names[0] != "labs":
        return names[0] if names[0] in BELOW else None
    if len(names) == 1 or not names[1].startswith(("kit", "lab", "town")):
        return "labs"
    if names[1] == "town":
        return "town"
    if names[1].startswith("lab"):
        return "lab"
    return f"kit.{names[2]}" if len(names) > 2 and names[2] in PACKAGES else "kit"


def modules() -> dict[str, Path]:
    """Each module of the product by its dotted name. Not the notebooks' sources, the repairs or templates: no modules."""
    found = {}
    for top in ("labs", "grader", "benchmarks", "breakfix"):
        for path in sorted((labs.ROOT / top).rglob("*.py")):
            names = path.relative_to(labs.ROOT).with_suffix("").parts
            if path.name == "notebook.py" or {"fixes", "templates"} & set(names):
                continue
            found[".".join(names[:-1] if names[-1] == "__init__" else names)] = path
    return found


MODULES = modules()


def imports_of(source: str, module: str, package: bool = False) -> set[str]:
    """Every module that the source imports, absolute; lazy ones and those for type hints too: they bind the design alike."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if package else module.split(".")[:-1]
            start = base[: len(base) - node.level + 1] if node.level else []
            target = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{target}.{alias.name}"
                is_module = full in MODULES or (target == "labs" and alias.name.startswith("lab"))
                through_the_door = target == "labs.kit" and layer_of(module) in ("lab", "town")
                found.add(full if is_module and not through_the_door else target)
    return found


def breaches(source: str, module: str, package: bool = False) -> set[str]:
    """The imports of a module that go the wrong way."""
    own = layer_of(module)
    assert own is not None
    wrong = set()
    for name in imports_of(source, module, package):
        layer = layer_of(name)
        if layer is None or layer == own:
            # No lab imports another; what a lab takes of its own is its own matter.
            strange = own == "lab" and layer == own and name.split(".")[1] != module.split(".")[1]
            wrong |= {name} if strange else set()
        elif layer not in BELOW[own]:
            wrong.add(name)
    return wrong


@pytest.mark.parametrize("layer", sorted(BELOW))
def test_imports_run_one_way(layer: str) -> None:
    """No module of a layer imports from above it, no lab imports another lab, and labs take the kit through its one door."""
    found = {
        module: wrong
        for module, path in MODULES.items()
        if layer_of(module) == layer
        and (wrong := breaches(path.read_text(encoding="utf-8"), module, path.name == "__init__.py"))
    }
    assert found == {}


def test_every_module_belongs_to_a_layer() -> None:
    """A package beside the seven, or a module beside them, would be held by nobody."""
    beside = {p.name for p in (labs.FOLDER / "kit").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert beside == {*PACKAGES, "__init__.py"}


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other in a circle, by Tarjan's algorithm (SIAM J. Comput. 1, 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in sorted(imports.get(module, ())):
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            group = [stack.pop()]
            while group[-1] != module:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(imports):
        if module not in number:
            visit(module)
    return found


def test_no_circle_anywhere() -> None:
    """No two modules import each other, by whatever way round. The door imports all of the kit, and none of it the door."""
    imports: dict[str, set[str]] = defaultdict(set)
    for module, path in MODULES.items():
        if module in ("labs", "labs.kit"):
            continue
        found = imports_of(path.read_text(encoding="utf-8"), module, path.name == "__init__.py")
        imports[module] = {name for name in found if name in MODULES and name not in (module, "labs", "labs.kit")}
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    """A circle of three is seen, and a chain is none."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labs.kit.measure.stats", "from labs.lab06_retries import LAB"),
        ("labs.kit.measure.stats", "def f():\n    import grader.judge"),
        ("labs.kit.measure.stats", "from labs import lab06_retries"),
        ("labs.kit.measure.stats", "from ...lab06_retries.checks import CHECKS"),
        ("labs.kit.measure.stats", "from labs.kit.worlds import plan"),
        ("labs.kit.model.lab", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from labs.kit.charts import chart"),
        ("labs.kit.charts.chart", "from labs.kit import Run"),
        ("labs.lab06_retries.checks", "from labs.lab01_blocking import service"),
        ("labs.lab06_retries.checks", "from labs.kit.measure import stats"),
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
        ("labs.lab06_retries.checks", "from labs.kit import stats, check\nfrom labs.lab06_retries import service"),
        ("labs.kit.notebook.learner", "import labs\nfrom labs import ROOT"),
        ("grader.judge", "from labs.kit.judging.evaluate import evaluate\nimport nbgrader"),
        ("breakfix.cli", "from grader.build import build_labs\nfrom labs.lab06_retries import LAB"),
    ],
)
def test_a_right_import_is_left_alone(module: str, source: str) -> None:
    """What the design allows is no breach."""
    assert breaches(source, module) == set()


def test_the_door_has_what_it_names() -> None:
    """Each name of the door can be had, and a name that it lacks is refused with the page that lists them."""
    assert {name for name in dir(kit) if getattr(kit, name) is None} == set()
    with pytest.raises(AttributeError, match=r"docs/authoring\.md"):
        _ = kit.nothing
