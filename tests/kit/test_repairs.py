"""Repairs as edits of a sibling: the text that comes out, and what is said of a file that is no such edit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import labs
from labs.kit.judging.expectations import Expectations, expectations
from labs.kit.model.lab import Lab
from labs.kit.model.repairs import RepairError, edit_in, edited, resolved
from tests.kit import learner_lab

WHOLE = '''\
"""A bound of 15."""

import asyncio
from collections import deque

LOSES = {"calm": "slow"}
KNIFE_EDGE = "by a hair"

BOUND = 15
TIMEOUT_S = 0.4


def offer(jobs: deque) -> bool:
    return len(jobs) < BOUND
'''
EDIT = '''\
"""A bound of 60."""

LIKE = "right_bound"
LOSES = {"recovers": "too_late"}
CHANGED = {
    "BOUND = 15": "BOUND = 60",
    """\\
    return len(jobs) < BOUND""": """\\
    return len(jobs) <= BOUND""",
}
'''


def put_together(name: str, **files: str) -> str:
    """The repair of that name, where `broken` and `right_bound` are the whole text above and `files` are beside them."""
    texts = {"right_bound": WHOLE, **files}
    return resolved(name, {"broken": WHOLE, **texts}.__getitem__, sorted(texts), "lab99_tiny/fixes")


def complaint(name: str, **files: str) -> str:
    """What is said of a repair that cannot be put together: one line."""
    with pytest.raises(RepairError) as told:
        put_together(name, **files)
    assert "\n" not in str(told.value)
    return str(told.value)


# the text that comes out ---------------------------------------------------------------------------------------------


def test_an_edit_is_its_sibling_with_its_own_words() -> None:
    """The edits are made; docstring and LOSES are the edit's own, and the sibling's KNIFE_EDGE is gone with its LOSES."""
    assert put_together("wrong_bound_60", wrong_bound_60=EDIT) == (
        WHOLE.replace("15", "60")
        .replace("< BOUND", "<= BOUND")
        .replace('LOSES = {"calm": "slow"}\nKNIFE_EDGE = "by a hair"\n', 'LOSES = {"recovers": "too_late"}\n')
    )


def test_an_edit_without_words_loses_nothing() -> None:
    """Neither LOSES nor KNIFE_EDGE of the sibling is taken over; its docstring is, where the edit has none."""
    text = put_together("right_20", right_20='LIKE = "right_bound"\nCHANGED = {"BOUND = 15": "BOUND = 20"}\n')
    assert expectations(text) == Expectations({}, None)
    assert text.startswith('"""A bound of 15."""\n\nimport asyncio\nfrom collections import deque\n\nBOUND = 20\n')


def test_an_edit_says_all_that_a_whole_repair_may_say() -> None:
    """LOSES over several lines, KNIFE_EDGE and LIVE_MAY_DIFFER stand in the text as they stand in the file."""
    said = 'LOSES = {\n    "a": "b",  # why\n}\nKNIFE_EDGE = "near"\nLIVE_MAY_DIFFER = {"a": "less fair"}\n'
    text = put_together("edge", edge=f'LIKE = "broken"\n{said}CHANGED = {{"BOUND = 15": "BOUND = 20"}}\n')
    assert f"deque\n\n{said}\nBOUND" in text
    assert expectations(text) == Expectations({"a": "b"}, "near", {"a": "less fair"})


def test_an_edit_of_an_edit() -> None:
    """Its old texts are those of the sibling as it was put together."""
    more = 'LIKE = "wrong_bound_60"\nLOSES = {"c": "d"}\nCHANGED = {"BOUND = 60": "BOUND = 70"}\n'
    text = put_together("wrong_70", wrong_bound_60=EDIT, wrong_70=more)
    assert "BOUND = 70" in text
    assert "<= BOUND" in text
    assert expectations(text).loses == {"c": "d"}


def test_edits_are_made_in_order() -> None:
    """The second is made in what the first has left."""
    assert edited("a b", {"a": "c", "c b": "d"}, "here") == "d"


def test_a_sibling_without_imports_or_docstring() -> None:
    """What the edit says comes first then."""
    assert put_together("w", base="X = 1\n", w='"""W."""\n\nLIKE = "base"\nLOSES = {"a": "b"}\nCHANGED = {"1": "2"}\n') == (
        '"""W."""\n\nLOSES = {"a": "b"}\nX = 2\n'
    )


@pytest.mark.parametrize("text", [WHOLE, "this is (no Python", '"""\nLIKE = "broken"\n"""\n', "CHANGED_S = 3\n"])
def test_another_file_is_whole(text: str) -> None:
    """It is taken as it is, also if it does not parse or if the words stand in a string."""
    assert put_together("wrong_it", wrong_it=text) == text


# bad input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"BOUND = 16": "x"}, "the old text 'BOUND = 16' is missing"),
        ({"BOUND": "x"}, "the old text 'BOUND' stands 2 times"),
        ({"": "x"}, "the old text '' is empty"),
        ({"BOUND = 15": "x", "15": "y"}, "the old text '15' stands 0 times"),
    ],
)
def test_an_old_text_stands_exactly_once(changes: dict[str, str], said: str) -> None:
    """Else nothing is changed, and the line says where, which text, and what to do."""
    with pytest.raises(RepairError) as told:
        edited(WHOLE.replace('"""A bound of 15."""', ""), changes, "the curve")
    assert str(told.value).startswith("the curve: ")
    assert said.replace("stands 0 times", "is missing") in str(told.value)
    assert ": give it more" in str(told.value) or ": copy it" in str(told.value)


def test_a_long_old_text_is_shortened() -> None:
    """The line stays one that can be read."""
    with pytest.raises(RepairError, match=r"'x{50,56}\.\.\.'") as told:
        edited("", {"x" * 5000: ""}, "here")
    assert len(str(told.value)) < 250


EXPECTED = 'LIKE = "right_bound"\nCHANGED = {"BOUND = 15": "BOUND = 20"}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'LIKE = "right_bound"\nCHANGED = {"BOUND = 14": ""}',
            "in the text of right_bound: the old text 'BOUND = 14' is missing",
        ),
        (
            'LIKE = "right_bond"\nCHANGED = {"a": "b"}',
            "LIKE is 'right_bond', which is not there; the valid ones: broken, right_b",
        ),
        ('LIKE = "reference"\nCHANGED = {"a": "b"}', "LIKE is 'reference', which is not there"),
        ('LIKE = "wrong_it"\nCHANGED = {"a": "b"}', "LIKE 'wrong_it' closes a circle"),
        ('LIKE = 3\nCHANGED = {"a": "b"}', "LIKE is 3; expected the name of a sibling"),
        ('LIKE = name\nCHANGED = {"a": "b"}', "LIKE in line 1 is no literal"),
        ('CHANGED = {"a": "b"}', "CHANGED without LIKE"),
        ('LIKE = "right_bound"', "LIKE without CHANGED"),
        ('LIKE = "right_bound"\nCHANGED = {}', "CHANGED is {}; expected"),
        ('LIKE = "right_bound"\nCHANGED = ["a"]', "CHANGED is ['a']; expected"),
        ('LIKE = "right_bound"\nCHANGED = {"a": 1}', "CHANGED is {'a': 1}; expected"),
        ('LIKE = "right_bound"\nCHANGED = {"a": "b", "a": "c"}', "holds the old text 'a' 2 times"),
        ('LIKE = "right_bound"\nCHANGED = {**{"a": "b"}}', "CHANGED in line 2 is no literal"),
        (EXPECTED + "import os", "line 3 is 'import os'"),
        (EXPECTED + "X = 1", "line 3 is 'X = 1'"),
        (EXPECTED + 'LIKE = "broken"', "line 1 is"),
        (EXPECTED + '"a string that is no docstring"', "line 3 is"),
        (EXPECTED + "CHANGED |= {}", "line 3 is 'CHANGED |= {}'"),
        ('LIKE = "right_bound"\nCHANGED = {', "not Python"),
        ('LIKE = "right_bound"\nCHANGED = {"BOUND = 15": "BOUND ="}', "with its edits it is not Python"),
    ],
)
def test_a_file_that_is_no_edit_as_it_must_be(text: str, said: str) -> None:
    """One line that names the file, what stands there, and what was expected."""
    told = complaint("wrong_it", wrong_it=text)
    assert told.startswith("lab99_tiny/fixes/wrong_it.py")
    assert said in told


def test_a_circle_of_edits() -> None:
    """It is found, and one of its files is named."""
    files = {a: f'LIKE = "{b}"\nCHANGED = {{"x": "y"}}\n' for a, b in (("a", "b"), ("b", "c"), ("c", "a"))}
    assert complaint("a", **files).startswith("lab99_tiny/fixes/c.py: LIKE 'a' closes a circle")


def test_the_file_at_fault_is_named() -> None:
    """Also where it is the sibling of the repair that was asked for."""
    bad = EDIT.replace("BOUND = 15", "BOUND = 14")
    more = 'LIKE = "bad"\nCHANGED = {"BOUND = 60": "BOUND = 70"}\n'
    assert complaint("wrong_70", bad=bad, wrong_70=more).startswith("lab99_tiny/fixes/bad.py, in the text of right_bound: ")


def test_an_edit_is_never_run() -> None:
    """Its literals are read; a call among them is refused."""
    assert "no literal" in complaint("w", w='LIKE = exit()\nCHANGED = {"a": "b"}\n')


# the labs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", labs.names())
def test_every_repair_is_put_together(name: str) -> None:
    """Each is Python, keeps what its file says of itself, and goes back to a whole file in at most two steps."""
    lab = labs.load(name)
    for repair in lab.fix_names()[2:]:
        source = lab.fix(repair).source
        ast.parse(source)
        file = (lab.folder / "fixes" / f"{repair}.py").read_text(encoding="utf-8")
        edit = edit_in(file, repair)
        assert edit is None or edit.like == lab.like(repair)
        said = file if edit is None else "\n".join(edit.said)
        assert expectations(source) == expectations(said), repair
        assert ast.get_docstring(ast.parse(source)) == ast.get_docstring(ast.parse(file)) is not None, repair
        assert "broken" in (lab.like(repair), lab.like(lab.like(repair)), lab.like(lab.like(lab.like(repair)))), repair


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab with one right repair, written for this test."""
    yield learner_lab.install(tmp_path)
    learner_lab.remove(tmp_path)


def test_a_lab_hands_out_its_edits_whole(lab: Lab) -> None:
    """`fix` puts them together, `like` names what they change, and a bad file harms no other."""
    folder = lab.folder / "fixes"
    old = lab.fix("right_twice").source.strip().splitlines()[-1]
    (folder / "wrong_good.py").write_text(
        f'LIKE = "right_twice"\nLOSES = {{"a": "b"}}\nCHANGED = {{{old!r}: "    return 0"}}\n'
    )
    (folder / "wrong_bad.py").write_text('LIKE = "right_twice"\nCHANGED = {"nowhere": ""}\n')
    assert lab.fix("wrong_good").source.endswith("    return 0\n")
    assert lab.like("wrong_good") == "right_twice"
    assert lab.like("right_twice") == lab.like("broken") == "broken"
    with pytest.raises(RepairError, match=rf"{lab.name}/fixes/wrong_bad.py, in the text of right_twice: "):
        lab.fix("wrong_bad")
