"""The repair cell: what is cut out of it, and what is said of it at once."""

from __future__ import annotations

import pytest

import labs
from labs.kit.judging.fix_cell import (
    Problem,
    cut_fix,
    cut_magic,
    names_called,
    problems,
    with_magic_line,
    without_magic_line,
)
from labs.kit.notebook.repair_cell import RepairCell
from labs.kit.notebook.workspace import Workspace

BROKEN = '''
import random

RETRIES = 4


class Client:
    """Calls."""

    def __init__(self, url):
        self.url = url

    async def call(self, order):
        return order

    def close(self):
        pass


async def fetch(url):
    return url


def pause(n):
    return random.random() * n


def _private():
    pass
'''


def messages(source: str, *args: object) -> list[str]:
    """The problems of a source as text."""
    return [str(p) for p in problems(source, BROKEN, *args)]  # type: ignore[arg-type]  # tests pass what fits


def test_line_numbers_are_those_of_the_cell() -> None:
    """A mistake on line 3 of the cell is reported on line 3."""
    found = problems(cut_fix("%%fix\nx = 1\ny = )\n"), BROKEN)
    assert [(p.line, p.blocks) for p in found] == [(3, True)]
    assert "y = )" in found[0].message


@pytest.mark.parametrize(
    ("cell", "source"),
    [
        ("%%fix\na = 1", "# %%fix\na = 1\n"),
        ("%%fix\r\na = 1\r\nb = 2\r\n", "# %%fix\na = 1\nb = 2\n"),
        ("%%fix restore 3  # mine\na = 1\n", "# %%fix\na = 1\n"),
        ("import os\n\n%%fix\na = 1\n", "# %%fix\na = 1\n"),
        ("\n  %%fix\n  a = 1\n    # deep\n", "# %%fix\na = 1\n  # deep\n"),
        ("%%fix", "# %%fix\n"),
        ("%%fix\na = 1\n%%fix\n", "# %%fix\na = 1\n%%fix\n"),
        ("a = 1", "a = 1\n"),
        ("", ""),
        ("%%fixture\na = 1\n", "%%fixture\na = 1\n"),
    ],
)
def test_what_follows_the_magic_line_is_cut(cell: str, source: str) -> None:
    """The repair is what follows the first `%%fix` line, wherever it stands; a cell without one is taken whole."""
    assert cut_fix(cell) == source


def test_cutting_twice_changes_nothing() -> None:
    """A fix.py that is cut again stays as it is, so that cell and file have one hash."""
    source = cut_fix("%%fix\ndef f():\n    pass")
    assert cut_fix(source) == source == with_magic_line(without_magic_line(source))


def test_another_magic_can_be_cut() -> None:
    """The text under `%%diagnosis` is cut in the same way; None says that there is no such line."""
    assert cut_magic("diagnosis", "# mine\n%%diagnosis\n{1: 2}") == "{1: 2}"
    assert cut_magic("diagnosis", "{1: 2}") is None


def test_the_broken_code_has_no_problems() -> None:
    """The code to repair is itself well formed."""
    assert messages(BROKEN) == []


def test_constants_and_private_names_may_go() -> None:
    """Module constants and private functions are the repair's own business."""
    assert messages(BROKEN.replace("RETRIES = 4", "").replace("def _private():\n    pass", "")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("async def fetch", "async def fetsch", 20, "Did you mean `fetch`?"),
        ("class Client", "class Clients", 7, "Did you mean `Client`?"),
        ("async def call", "async def cal", 13, "Did you mean `call`?"),
        ("def pause(n):", "def wait_a_little(n):", 0, "`pause` is missing: the service expects `def pause`."),
        (
            "    def close(self):\n        pass\n",
            "",
            7,
            "`close` is missing: the service expects `def close` in class `Client`.",
        ),
        ("async def fetch", "def fetch", 20, "write `async def fetch`"),
        ("def pause", "async def pause", 24, "write `def pause`"),
        ("async def call", "def call", 13, "write `async def call`"),
    ],
)
def test_a_missing_or_misspelt_name_is_told(old: str, new: str, line: int, message: str) -> None:
    """A name that the broken code exports and the repair does not is named, with the likely slip and its line."""
    found = problems(BROKEN.replace(old, new), BROKEN)
    assert [p.line for p in found] == [line]
    assert message in found[0].message


@pytest.mark.parametrize(
    "change",
    [
        (
            "async def fetch(url):\n    return url",
            "def fetch(url):\n    return inner(url)\n\n\nasync def inner(url):\n    return url",
        ),
        ("async def fetch(url):", "import functools\n\n\n@functools.cache\ndef fetch(url):"),
        ("async def fetch(url):\n    return url", "fetch = Client.call"),
        ("async def fetch(url):\n    return url", "from os import remove as fetch"),
        ("async def fetch(url):", "if RETRIES:\n    fetch = None\nelse:\n  async def fetch(url):"),
        ("class Client:", "class Client(dict):"),
        ("    def close(self):\n        pass\n", "    close = __init__\n"),
        ("class Client:", "class Base:\n    def close(self): ...\n    async def call(self): ...\n\n\nclass Client(Base):"),
    ],
)
def test_other_ways_to_define_a_name_are_let_through(change: tuple[str, str]) -> None:
    """A name made by a wrapper, an import, an assignment or a base class counts as there."""
    assert messages(BROKEN.replace(*change)) == []


def test_a_star_import_may_define_anything() -> None:
    """Behind `from x import *` nothing can be said to be missing."""
    assert messages("from shop import *\nprint(fetsch)\n") == []


def test_only_what_the_service_calls_must_be_there() -> None:
    """Where the service's names are known, a helper that it does not mention may go, and what it calls blocks."""
    called = names_called(["def app(env):\n    client = env.repair().Client\n    client.call()\n"])
    shrunk = "class Client:\n    async def call(self, order):\n        return order\n"
    assert problems(shrunk, BROKEN, (), called) == []
    (found,) = problems("def fetch():\n    pass\n", BROKEN, (), called)
    assert found.blocks
    assert "`class Client`" in found.message


def test_a_helper_from_another_cell_is_named() -> None:
    """A name that only the notebook knows is reported where it is first used, with what to do."""
    source = BROKEN + "\n\ndef more():\n    return helper(1) + helper(2)\n"
    (found,) = problems(source, BROKEN, ["helper", "math"])
    assert found == Problem(
        33, "`helper` is defined in another cell. The repair runs by itself: define or import it here too.", blocks=False
    )


def test_a_slip_in_a_used_name_is_told() -> None:
    """A name defined nowhere is reported with the name it resembles; with none, the remedy is an import."""
    assert messages(BROKEN + "\nRETRYS = RETRIE\n") == ["line 31: `RETRIE` is used but not defined. Did you mean `RETRIES`?"]
    assert messages(BROKEN.replace("import random", "")) == [
        "line 25: `random` is used but not defined. Define it or import it in this cell."
    ]


def test_names_bound_in_any_way_are_known() -> None:
    """Arguments, comprehensions, except, with, match, walrus, global, lambda and built-in names raise no alarm."""
    source = """
def f(a, *b, c=1, **d):
    global counter
    counter = [x for x in range(3) if (y := x)]
    try:
        with open("f") as g:
            pass
    except OSError as error:
        print(error, g, y)
    match a:
        case {"k": v, **rest}:
            return v, rest
        case [first, *others] as whole:
            return first, others, whole
    return lambda z: z + len(b) + c + len(d) + counter[0], __name__


class K:
    def m(self):
        return __class__
"""
    assert messages(BROKEN + source) == []


@pytest.mark.parametrize("line", ["!pip install tenacity", "%time x = 1", "%%time"])
def test_notebook_commands_are_refused_by_name(line: str) -> None:
    """A notebook command in the repair is called that, not a syntax error."""
    assert messages(f"x = 1\n{line}\n") == [f"line 2: `{line}` is a notebook command; the repair must be plain Python."]


@pytest.mark.parametrize(
    "source", ["x = 1\0", "(" * 5000, "x = " + "-" * 100_000 + "1", "def f(:\n", "return 1\n", "\ud800 = 1"]
)
def test_what_cannot_be_read_is_one_problem(source: str) -> None:
    """Whatever the text, the answer is one problem that blocks, never an exception."""
    (found,) = problems(source, BROKEN)
    assert found.blocks


def test_a_doubtful_escape_is_no_problem() -> None:
    """What Python only warns of does not stop a repair."""
    assert messages(BROKEN + '\nPATTERN = "\\d"\n') == []


@pytest.mark.parametrize("name", labs.names())
def test_no_repair_that_ships_is_blamed(name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken code, reference and every repair in fixes/ of each lab raise no alarm: learners write such code too."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    lab = labs.load(name)
    cell = RepairCell(lab, Workspace(name))
    assert bool(cell.called) is any(service.runs_fix for service in lab.services)
    for fix in lab.fix_names():
        cell.adopt(with_magic_line(lab.fix(fix).source))
        assert cell.told() == (), fix
