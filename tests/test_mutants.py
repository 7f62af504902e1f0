"""The slips that `breakfix mutate` makes: what each kind does to a small source."""

from __future__ import annotations

import ast
import textwrap

import pytest

import labs
from breakfix.commands.mutants import evenly, mutants
from breakfix.commands.slips import KINDS

HEAD = "async def f(self, x):\n    "


def slips(kind: str, body: str) -> list[tuple[str, str]]:
    """What one kind makes of the body of a function: the changed lines before and after."""
    return [(m.before, m.after) for m in mutants(HEAD + textwrap.indent(body, "    ").lstrip()) if m.kind == kind]


@pytest.mark.parametrize(
    ("kind", "body", "made"),
    [
        ("limit", "y = await asyncio.wait_for(self.g(x), 2 * T)", ["y = await self.g(x)"]),
        ("limit", "y = wait_for(x, timeout=T)", ["y = x"]),
        ("limit", "y = Timeout(total=T, connect=C)", ["y = Timeout(connect=C)", "y = Timeout(total=T)"]),
        ("limit", "y = g(x, limit=T, name=x)", ["y = g(x, name=x)"]),
        ("limit", "y = asyncio.Queue(BOUND)", ["y = asyncio.Queue()"]),
        ("limit", "y = deque(x, maxlen=BOUND)", ["y = deque(x)"]),
        ("limit", "y = g(x, name=x)", []),
        ("limit", "y = asyncio.Queue()", []),
        ("number", "y = 15", ["y = 1", "y = 150"]),
        ("number", "y = 1", ["y = 10"]),
        ("number", "y = 0.5", ["y = 0.05", "y = 5"]),
        ("number", "y = 2.0", ["y = 0.2", "y = 20"]),
        (
            "number",
            'y = "SELECT a" " FROM b LIMIT 20"',
            ['y = "SELECT a" " FROM b LIMIT 2"', 'y = "SELECT a" " FROM b LIMIT 200"'],
        ),
        ("number", 'y = "the limit 20 of speed"', []),
        ("number", "y = 100_000", ["y = 10000", "y = 1000000"]),
        ("number", "y = 0\nu = 0.0\nz = x[1]\nw = True", []),
        ("number", "if x.status > 299:\n    g(x, 503, status=202)", []),
        ("number", 'y: Literal[3] = f"{x:.3f}"\nraise Refused(3)', []),
        ("release", "self.lock.release()", ["pass"]),
        ("release", "await self.session.close()", ["pass"]),
        ("release", "y = self.jobs.pop()", []),
        ("release", "try:\n    g(x)\nfinally:\n    self.places -= 1", ["pass"]),
        ("statement", "self.keep(x)\nreturn x", ["pass"]),
        ("statement", "self.held += x", ["pass"]),
        ("statement", "self.held[x] = y", ["pass"]),
        ("statement", "y = x", []),
        ("statement", "await g(x)", []),
        ("statement", "if x:\n    return None", ["pass"]),
        ("statement", "while x:\n    if g(x):\n        break\n    x -= 1", ["pass", "pass"]),
        ("statement", "for y in x:\n    if y:\n        continue\n    g(y)", ["pass", "pass"]),
        ("swallowed", "raise Failed(x)", ["pass"]),
        ("swallowed", "try:\n    g(x)\nexcept Failed:\n    h(x)\n    k(x)", ["pass"]),
        ("swallowed", "try:\n    g(x)\nexcept Failed:\n    pass", []),
        ("await", "y = await g(x)", ["y = g(x)"]),
        ("await", "await g(x)", ["g(x)"]),
        ("await", "await self.session.close()", []),
    ],
)
def test_each_kind_of_slip(kind: str, body: str, made: list[str]) -> None:
    """A kind makes exactly these slips of this text."""
    assert [after for _, after in slips(kind, body)] == made


@pytest.mark.parametrize(
    ("test", "turned"),
    [
        ("x < y", "x >= y"),
        ("x >= y", "x < y"),
        ("x > y", "x <= y"),
        ("x <= y", "x > y"),
        ("x == y", "x != y"),
        ("x is None", "x is not None"),
        ("x  is   not None", "x is None"),
        ("x not in y", "x in y"),
        ("(x) == (y)", "(x) != (y)"),
        ("not x", "x"),
        ("x", "not (x)"),
        ("x and y", "not (x and y)"),
        ("x < y < z", "not (x < y < z)"),
    ],
)
def test_a_condition_turned_round(test: str, turned: str) -> None:
    """Each form of a condition is turned into its opposite, in an `if`, a `while`, a choice and a comprehension."""
    for form in ("if {}: g()", "while {}: g()", "y = a if {} else b", "y = [a for a in b if {}]"):
        assert slips("condition", form.format(test)) == [
            (" ".join(form.format(test).split()), " ".join(form.format(turned).split()))
        ]
    assert slips("condition", "while True: g()") == []


@pytest.mark.parametrize(
    ("kind", "head", "made"),
    [
        ("with", "with self.lock:", "if True:"),
        ("with", "async with self.places:", "if True:"),
        ("with", "async with session.get(url) as answer:", "if [answer := await session.get(url)]:"),
        ("with", "with suppress(ValueError) as y:", "if [y := suppress(ValueError)]:"),
        ("limit", "async with asyncio.timeout(T):", "if True:"),
    ],
)
def test_a_with_left_out(kind: str, head: str, made: str) -> None:
    """The block stays as it is, and what the `with` binds is bound; a limit on time is a slip of its own kind."""
    assert slips(kind, f"{head}\n    return g(x)") == [(head, made)]


def test_a_call_over_several_lines_keeps_the_others() -> None:
    """Only the text of the slip changes, comments and lines round it stay; `before` and `after` are one line each."""
    source = "y = Session(\n    connector=c,  # one for all\n    timeout=Timeout(\n        total=T,\n    ),\n)\n"
    [outer, inner] = [m for m in mutants(source) if m.kind == "limit"]
    assert outer.source == "y = Session(\n    connector=c,  # one for all\n    \n)\n"
    assert inner.source == source.replace("total=T,", "")
    assert (outer.before, outer.after) == ("timeout=Timeout( total=T, ),", "")


def test_mutants_are_programs_of_their_own() -> None:
    """Each mutant of a lab's reference parses, differs from the reference and from all others, in a steady order."""
    for name in labs.ours():
        source = labs.load(name).fix("reference").source
        made = mutants(source)
        programs = {ast.dump(ast.parse(text)) for text in (source, *(m.source for m in made))}
        assert len(programs) == len(made) + 1
        assert len({m.key for m in made}) == len(made)
        assert [m.line for m in made] == sorted(m.line for m in made)
        assert {m.kind for m in made} <= KINDS.keys()
    assert made == mutants(source)


def test_the_same_slip_twice_in_a_function_has_two_names() -> None:
    """Each has its own line in survivors.py, and a line that comes above changes neither name."""
    source = "class A:\n    def f(self, x):\n        g(1)\n        if x:\n            g(1)\n"
    keys = [m.key for m in mutants(source) if m.kind == "statement"]
    assert keys == [("A.f", "statement", "g(1)", "pass"), ("A.f#2", "statement", "g(1)", "pass")]
    assert keys == [m.key for m in mutants(f"import a\n{source}") if m.kind == "statement"]


def test_letters_of_more_than_one_byte_move_nothing() -> None:
    """Places in the tree are bytes; text before them on the line may hold any letter."""
    assert [m.source for m in mutants('y = "für", 15\n')] == ['y = "für", 1\n', 'y = "für", 150\n']


def test_a_few_are_spread_over_the_repair() -> None:
    """At most so many, evenly, always the same; all of them where there are not more."""
    made = mutants("\n".join(f"y{i} = 1" for i in range(10)))
    assert [m.line for m in evenly(made, 4)] == [1, 3, 6, 8]
    assert evenly(made, 10) == evenly(made, 99) == made
