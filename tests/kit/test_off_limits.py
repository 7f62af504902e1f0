"""A repair that imports its judge is told so, and is not run."""

from __future__ import annotations

import pytest

import labs
from labs.kit.judging.evaluate import evaluate
from labs.kit.judging.off_limits import off_limits
from labs.kit.model.lab import Fix
from labs.kit.model.verdict import Status


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import asyncio\nfrom labs.kit.worlds.simulated.host import kernel\n", "labs.kit.worlds.simulated.host.kernel"),
        ("x = 1\nimport labs.kit.worlds.run as r\n", "labs.kit.worlds.run"),
        ("x = 1\nfrom labs.kit import judging\n", "labs.kit.judging"),
        ("x = 1\nfrom labs.lab01_blocking.fixes.right_all import *\n", "labs.lab01_blocking.fixes.right_all.*"),
        ("def f():\n    from grader import private\n", "grader.private"),
        ("import sys\nk = sys.modules['labs.kit.worlds.simulated.host.kernel']\n", "labs.kit.worlds.simulated.host.kernel"),
    ],
)
def test_the_judge_and_the_repairs_of_the_course_are_off_limits(source: str, name: str) -> None:
    """Wherever the import stands, and also where the name is only a text."""
    assert off_limits(source) == (2, name)


@pytest.mark.parametrize(
    "source",
    [
        '"""Not like labs.kit.worlds.run."""\n# import grader\n',
        "from labs.kit import Env\nfrom labs.lab01_blocking.signing import Key\n",
        "import grader_of_eggs\nname = 'grader'\n",
        "from . import grader\n",
        "def f(:\n",
        "x = '\x00'",
    ],
)
def test_what_a_repair_may_say_and_import_is_not(source: str) -> None:
    """The lab's own modules and the door of the kit; a docstring, a comment, a name alone; what is not Python."""
    assert off_limits(source) is None


@pytest.mark.parametrize("name", labs.names())
def test_no_repair_of_ours_needs_them(name: str) -> None:
    """Right or wrong, and the broken code."""
    lab = labs.load(name)
    assert [fix for fix in lab.fix_names() if off_limits(lab.fix(fix).source)] == []


def test_such_a_repair_is_not_run() -> None:
    """Each check says which line, and gives nothing."""
    lab = labs.load("lab01_blocking")
    source = f"from labs.kit.worlds.simulated.host import kernel\n{lab.fix('reference').source}"
    verdicts = evaluate(lab, Fix("mine", source), (0,), progress=lambda done, of: pytest.fail("it was run"))
    assert {(v.status, v.points) for v in verdicts} == {(Status.TAMPERED, 0.0)}
    assert verdicts[0].message.startswith("Line 1 imports labs.kit.worlds.simulated.host.kernel, which belongs to the judge")
