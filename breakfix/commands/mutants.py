"""Mutants of a repair: copies with one small slip each, of the kinds that people make.

A mutator is a function of one node of the syntax tree that yields edits of the text, so a mutant differs from its repair in
one place only. `KINDS` lists the mutators.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

LIMITS = {
    "timeout", "total", "connect", "sock_connect", "sock_read", "command_timeout",
    "limit", "limit_per_host", "maxsize", "max_size", "maxlen", "max_workers",
}  # fmt: skip
"""The keywords that limit how long something waits, or how much of it there is."""
QUEUES = {"Queue", "LifoQueue", "PriorityQueue"}
TIMEOUTS = {"timeout", "timeout_at"}
RELEASES = {
    "release",
    "close",
    "aclose",
    "cancel",
    "shutdown",
    "clear",
    "discard",
    "remove",
    "pop",
    "task_done",
    "set_result",
}
OPPOSITE = {
    ast.Lt: ("<", ">="), ast.GtE: (">=", "<"), ast.Gt: (">", "<="), ast.LtE: ("<=", ">"), ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}  # fmt: skip
ERRORS = range(400, 600)
"""Statuses of HTTP: nobody takes one ten times too big."""
UNSEEN = {"annotation", "returns"}
"""The fields of the tree in which there is no slip: annotations."""

Placed = ast.stmt | ast.expr | ast.keyword
Edit = tuple[int, int, str]
"""(first byte, byte after the last, new text)."""


@dataclass(frozen=True)
class Mutant:
    """A repair with one slip.

    `where` is the enclosing class and function, "" at the top level; "Intake.offer#2" if the same slip is made there for the
    second time. `line` is the first line that changes. `before` and `after` are the changed lines, as one line each.
    """

    kind: str
    where: str
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it in its repair, also if lines above it come or go."""
        return self.where, self.kind, self.before, self.after


class Source:
    """The text of a repair, its tree, and the places of the tree's nodes in it."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.data = text.encode()
        self._starts = [0]
        for line in self.data.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.parent = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def start(self, node: Placed) -> int:
        """The node's first byte."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: Placed) -> int:
        """The byte after the node."""
        return self._starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def text(self, node: Placed) -> str:
        """The text of a node."""
        return self.data[self.start(node) : self.end(node)].decode()

    def replaced(self, node: Placed, text: str) -> Edit:
        """The edit that puts a text in the place of a node."""
        return self.start(node), self.end(node), text

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes round a node, from the inside out."""
        while node in self.parent:
            node = self.parent[node]
            yield node

    def where(self, node: ast.AST) -> str:
        """The enclosing class and function, such as "Intake.offer"; "" at the top level."""
        scopes = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        return ".".join(reversed([each.name for each in self.above(node) if isinstance(each, scopes)]))


def limit(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A limit taken from a wait or a queue."""
    if isinstance(node, ast.With | ast.AsyncWith) and _called(node.items[0].context_expr) in TIMEOUTS:
        yield from _without(node, source)
    if not isinstance(node, ast.Call):
        return
    if _called(node) == "wait_for" and node.args:
        yield source.replaced(node, source.text(node.args[0]))
    elif _called(node) in QUEUES and len(node.args) == 1:
        yield source.replaced(node.args[0], "")
    else:
        for keyword in node.keywords:
            if keyword.arg in LIMITS:
                yield _argument_left_out(node, keyword, source)


def guard(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A lock, a place or another `with` left out."""
    if isinstance(node, ast.With | ast.AsyncWith) and _called(node.items[0].context_expr) not in TIMEOUTS:
        yield from _without(node, source)


def release(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A release or a `finally` left out."""
    if isinstance(node, ast.Try) and node.finalbody:
        yield source.start(node.finalbody[0]), source.end(node.finalbody[-1]), "pass"
    if isinstance(node, ast.Expr) and _alone(node) in RELEASES:
        yield source.replaced(node, "pass")


def condition(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A condition turned round."""
    if isinstance(node, ast.comprehension):
        tests = node.ifs
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.Constant):
        tests = [node.test]
    else:
        return
    for test in tests:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield source.replaced(test, source.text(test.operand))
        elif isinstance(test, ast.Compare) and len(test.ops) == 1:
            yield _turned(test, source)
        else:
            yield source.replaced(test, f"not ({source.text(test)})")


def number(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A number ten times too big, or ten times too small. Indices, 0 and statuses of HTTP are left alone."""
    value = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(node, ast.Constant) or not isinstance(value, int | float) or isinstance(value, bool) or not value:
        return
    above = source.parent[node]
    if isinstance(above, ast.Subscript) or value in ERRORS or "status" in _name_beside(above):
        return
    yield source.replaced(node, f"{value * 10:.12g}")
    if value != 1 or isinstance(value, float):
        yield source.replaced(node, str(max(1, value // 10)) if isinstance(value, int) else f"{value / 10:.12g}")


def statement(node: ast.AST, source: Source) -> Iterator[Edit]:
    """A statement left out. What would only leave a name undefined is left alone."""
    if not isinstance(node, ast.stmt):
        return
    if isinstance(node, ast.Expr):
        left_out = isinstance(node.value, ast.Call) and _alone(node) not in RELEASES  # without an await: see `forgotten`
    elif isinstance(node, ast.Assign):
        left_out = isinstance(node.targets[0], ast.Subscript) or _set_elsewhere(node.targets[0], source)
    elif isinstance(node, ast.Return | ast.Continue | ast.Break):
        nested = not isinstance(source.parent[node], ast.FunctionDef | ast.AsyncFunctionDef)
        left_out = nested and not _goes_there_anyway(node, source)
    else:
        left_out = isinstance(node, ast.AugAssign)
    if left_out:
        yield source.replaced(node, "pass")


def swallowed(node: ast.AST, source: Source) -> Iterator[Edit]:
    """An exception swallowed: one that is not raised, or whose handler does nothing."""
    if isinstance(node, ast.Raise):
        yield source.replaced(node, "pass")
    if isinstance(node, ast.ExceptHandler) and not _goes_there_anyway(node.body[0], source):
        yield source.start(node.body[0]), source.end(node.body[-1]), "pass"


def forgotten(node: ast.AST, source: Source) -> Iterator[Edit]:
    """An `await` forgotten; a release whose `await` is forgotten is a release left out."""
    if isinstance(node, ast.Await) and _alone(source.parent[node]) not in RELEASES:
        first = source.start(node)
        after = re.compile(rb"await\s*").match(source.data, first)
        if after:
            yield first, after.end(), ""


KINDS: dict[str, Callable[[ast.AST, Source], Iterator[Edit]]] = {
    "limit": limit,
    "with": guard,
    "release": release,
    "condition": condition,
    "number": number,
    "swallowed": swallowed,
    "statement": statement,
    "await": forgotten,
}


def mutants(text: str) -> list[Mutant]:
    """All mutants of a repair, in the order of its text; none is the same program as the repair or as another mutant.

    Raises:
        SyntaxError: the repair is not Python.
    """
    source = Source(text)
    edits = [
        (edit, order, kind, node)
        for node in _visited(source.tree)
        for order, (kind, mutator) in enumerate(KINDS.items())
        for edit in mutator(node, source)
    ]
    made: list[Mutant] = []
    alike: Counter[tuple[str, ...]] = Counter()
    known = {ast.dump(source.tree)}
    for edit, _, kind, node in sorted(edits, key=lambda each: each[:2]):
        mutant = _made(source, edit, kind, source.where(node))
        program = _program(mutant.source)
        if program is not None and program not in known:
            known.add(program)
            alike[mutant.key] += 1
            nth = alike[mutant.key]
            made.append(replace(mutant, where=f"{mutant.where}#{nth}") if nth > 1 else mutant)
    return made


def evenly(made: Sequence[Mutant], most: int) -> list[Mutant]:
    """At most `most` of the mutants, spread evenly over the repair; always the same ones."""
    if len(made) <= most:
        return list(made)
    return [made[index * len(made) // most] for index in range(most)]


def _visited(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes in which a slip may be: no annotation, no message of an exception, nothing inside of an f-string."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in UNSEEN or isinstance(node, ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _visited(child)


def _made(source: Source, edit: Edit, kind: str, where: str) -> Mutant:
    first, after, new = edit
    data = source.data
    begin = data.rfind(b"\n", 0, first) + 1
    end = data.find(b"\n", after)
    end = len(data) if end < 0 else end
    changed = data[begin:first] + new.encode() + data[after:end]
    whole = data[:begin] + changed + data[end:]
    line = data.count(b"\n", 0, first) + 1
    return Mutant(kind, where, line, _one_line(data[begin:end]), _one_line(changed), whole.decode())


def _one_line(data: bytes) -> str:
    return " ".join(data.decode().split())


def _program(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _called(node: ast.AST) -> str:
    """The last name of the called function, such as "wait_for"; "" if the node is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _alone(node: ast.AST) -> str | None:
    """The name of the function that a statement only calls; None for any other node."""
    if not isinstance(node, ast.Expr):
        return None
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    return _called(value) if isinstance(value, ast.Call) else None


def _without(node: ast.With | ast.AsyncWith, source: Source) -> Iterator[Edit]:
    """The block of a `with` without it, after `if True:`; what it binds is bound all the same, in a list that is true."""
    item = node.items[0]
    if len(node.items) > 1 or not isinstance(item.optional_vars, ast.Name | None):
        return
    colon = source.data.index(b":", source.end(item.optional_vars or item.context_expr))
    wait = "await " if isinstance(node, ast.AsyncWith) else ""
    bound = item.optional_vars and f"[{item.optional_vars.id} := {wait}{source.text(item.context_expr)}]"
    yield source.start(node), colon + 1, f"if {bound or True}:"


def _argument_left_out(call: ast.Call, keyword: ast.keyword, source: Source) -> Edit:
    given: list[Placed] = sorted([*call.args, *call.keywords], key=source.start)
    at = given.index(keyword)
    if at:
        return source.end(given[at - 1]), source.end(keyword), ""
    return source.start(keyword), source.start(given[1]) if len(given) > 1 else source.end(keyword), ""


def _turned(test: ast.Compare, source: Source) -> Edit:
    """A comparison with the opposite operator."""
    between = source.end(test.left), source.start(test.comparators[0])
    old, new = OPPOSITE[type(test.ops[0])]
    text = source.data[between[0] : between[1]].decode()
    return *between, re.sub(re.escape(old).replace(r"\ ", r"\s+"), new, text, count=1)


def _name_beside(above: ast.AST) -> str:
    """The name with which a number is compared, or as which it is given to a call; "" if there is none."""
    if isinstance(above, ast.keyword):
        return above.arg or ""
    if isinstance(above, ast.Compare):
        return " ".join(getattr(side, "attr", getattr(side, "id", "")) for side in (above.left, *above.comparators))
    return ""


def _set_elsewhere(target: ast.expr, source: Source) -> bool:
    """Is this an attribute that is set at another place too? Without that, leaving it out leaves it undefined."""
    if not isinstance(target, ast.Attribute):
        return False
    found = [n for n in source.parent if isinstance(n, ast.Attribute) and n.attr == target.attr]
    return sum(isinstance(n.ctx, ast.Store) for n in found) > 1 and not source.where(target).endswith("__init__")


def _goes_there_anyway(node: ast.stmt, source: Source) -> bool:
    """Does a `continue` stand at the end of its loop, or a `return` without a value at the end of its function?"""
    if not isinstance(node, ast.Continue) and not (isinstance(node, ast.Return) and node.value is None):
        return False
    ends = (ast.For, ast.AsyncFor, ast.While) if isinstance(node, ast.Continue) else (ast.FunctionDef, ast.AsyncFunctionDef)
    inside: ast.AST = node
    for above in source.above(node):
        if any(inside in block[:-1] for block in _blocks(above)):
            return False
        if isinstance(above, ends):
            return True
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            return False
        inside = above
    return False


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
