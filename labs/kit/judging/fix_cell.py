"""The repair cell: extracts its code, and reports errors in that code without a run.

Learner and grader share this module, so both see the same text with the same line numbers. Nothing here executes code.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

MAGIC_LINE = "# %%fix\n"
"""Line 1 of every fix.py: the line of the magic as a comment, so that fix.py:12 is line 12 of the cell."""

_BUILTINS = frozenset(dir(builtins)) - {"get_ipython", "display"}
# IPython adds get_ipython and display to the builtins of a notebook; the repair runs where neither exists.

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Problem:
    """One error in a repair. `line` is a line of the cell, counted from 1; 0 stands for the whole cell.

    If `blocks` is true, the repair cannot run at all. Any other problem is advice: the run decides.
    """

    line: int
    message: str
    blocks: bool = True

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


def cut_magic(name: str, cell_source: str) -> str | None:
    """The text below the first line that begins with `%%name`, or None if there is no such line.

    Line ends become "\\n". The indent of an indented magic is removed from the lines below it, as IPython does.
    """
    text = cell_source.replace("\r\n", "\n").replace("\r", "\n")
    found = re.search(rf"^([ \t]*)%%{name}(?![\w.]).*$\n?", text, re.MULTILINE)
    if found is None:
        return None
    body, indent = text[found.end() :], found[1]
    return re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) if indent else body


def cut_fix(cell_source: str) -> str:
    """The source of fix.py: the `%%fix` line as a comment, then the text below it. The line may be anywhere in the cell.

    A cell without a `%%fix` line is taken as it is. For blank code the result is a comment alone, or empty.
    """
    body = cut_magic("fix", cell_source)
    if body is not None:
        return with_magic_line(body)
    text = cell_source.replace("\r\n", "\n").replace("\r", "\n")
    return text + "\n" if text and not text.endswith("\n") else text


def with_magic_line(body: str) -> str:
    """The source of fix.py for a body that the notebook has already cut from its `%%fix` line."""
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    return MAGIC_LINE + (body if not body or body.endswith("\n") else body + "\n")


def without_magic_line(source: str) -> str:
    """The body of a fix.py: the inverse of `with_magic_line`."""
    return source.removeprefix(MAGIC_LINE)


def as_cell(source: str) -> str:
    """The text of the cell for a fix.py: its first line is the magic again."""
    return "%%fix\n" + without_magic_line(source).removesuffix("\n")


def problems(
    source: str, broken_source: str, notebook_names: Collection[str] = (), called: Collection[str] | None = None
) -> list[Problem]:
    """The problems of the repair `source`, by line; empty if there are none.

    The repair must be Python, must export the functions and classes (with their public methods) that `broken_source`
    exports, and must stand alone: each name in it must be defined in it, imported by it, or built in.

    Args:
        notebook_names: names defined in the learner's notebook, to distinguish a helper in another cell from a typo.
        called: the names that the system around the repair mentions, if they are known (see `names_called`). Other names
            may be missing; without `called`, no missing name blocks.
    """
    try:
        tree = _parse(source)
    except SyntaxError as error:
        return [_syntax_problem(error, source)]
    except (ValueError, RecursionError, MemoryError) as error:
        return [Problem(0, f"this is not Python that can be read: {error or type(error).__name__}")]
    broken = _parse(broken_source)
    found = [*_export_problems(tree, broken, called), *_stand_alone_problems(tree, frozenset(notebook_names))]
    return sorted(found, key=lambda p: (p.line, p.message))


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a string is a warning, not a reason to refuse the repair
        tree = ast.parse(source, "fix.py")
        compile(source, "fix.py", "exec", dont_inherit=True)  # finds errors that the grammar allows: return at top level
    return tree


def _syntax_problem(error: SyntaxError, source: str) -> Problem:
    line = error.lineno or 0
    lines = source.splitlines()
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    if text.startswith(("%", "!")):
        return Problem(line, f"`{text}` is a notebook command; the repair must be plain Python.")
    shown = f" in `{text}`" if text else ""
    return Problem(line, f"syntax error: {error.msg}{shown}")


# The names that the repair must export -----------------------------------------------------------------------------


def names_called(service_sources: Iterable[str]) -> frozenset[str]:
    """Every name that these sources read, as a name or as an attribute; this includes all that they use of a repair."""
    nodes = [node for source in service_sources for node in ast.walk(_parse(source))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(names | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


def _export_problems(tree: ast.Module, broken: ast.Module, called: Collection[str] | None) -> Iterator[Problem]:
    bound = dict(_bindings(tree.body))
    if "*" in bound:  # `from x import *` may define anything
        return
    for name, wanted in _bindings(broken.body):
        if name.startswith("_") or not isinstance(wanted, (*_FUNCTIONS, ast.ClassDef)):
            continue
        if called is not None and name not in called:
            continue
        if name in bound:
            yield from _difference(name, wanted, bound, tree, called)
        else:
            found = _missing(name, _kind(wanted), bound, _exported(broken))
            yield replace(found, blocks=called is not None)


def _difference(
    name: str, wanted: ast.AST, bound: dict[str, ast.AST], tree: ast.Module, called: Collection[str] | None
) -> Iterator[Problem]:
    if isinstance(wanted, ast.ClassDef):
        yield from _method_problems(name, wanted, bound, called)
    else:
        yield from _async_problems(name, wanted, bound[name], tree)


def _missing(name: str, kind: str, bound: dict[str, ast.AST], expected: Collection[str], where: str = "") -> Problem:
    spare = [other for other in bound if other not in expected]
    if close := difflib.get_close_matches(name, spare, n=1):
        line = getattr(bound[close[0]], "lineno", 0)
        return Problem(line, f"the service does not know `{close[0]}`. Did you mean `{name}`?", blocks=False)
    return Problem(0, f"`{name}` is missing: the service expects `{kind} {name}`{where}.", blocks=False)


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.ClassDef):
        return "class"
    return "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"


def _exported(module: ast.Module) -> list[str]:
    return [name for name, _ in _bindings(module.body)]


def _method_problems(
    name: str, wanted: ast.ClassDef, bound: dict[str, ast.AST], called: Collection[str] | None
) -> Iterator[Problem]:
    got = bound[name]
    methods = _all_methods(got, bound, frozenset()) if isinstance(got, ast.ClassDef) else None
    if methods is None:  # made by a call, an import or an assignment, or with a base from elsewhere: only a run can tell
        return
    expected = {n: f for n, f in _bindings(wanted.body) if isinstance(f, _FUNCTIONS) and not n.startswith("_")}
    for method, node in expected.items():
        if called is not None and method not in called:
            continue
        if method in methods:
            yield from _async_problems(method, node, methods[method], got)
        else:
            found = _missing(method, _kind(node), methods, expected, f" in class `{name}`")
            yield found if found.line else replace(found, line=getattr(got, "lineno", 0))


def _all_methods(cls: ast.ClassDef, bound: dict[str, ast.AST], seen: frozenset[str]) -> dict[str, ast.AST] | None:
    """The names in a class body and in its bases of the same cell; None if a base is outside the cell."""
    found: dict[str, ast.AST] = {}
    if cls.decorator_list:
        return None
    for base in cls.bases:
        node = bound.get(base.id) if isinstance(base, ast.Name) else None
        if isinstance(base, ast.Name) and base.id == "object":
            continue
        if not isinstance(node, ast.ClassDef) or node.name in seen:
            return None
        inherited = _all_methods(node, bound, seen | {cls.name})
        if inherited is None:
            return None
        found |= inherited
    found |= dict(_bindings(cls.body))
    return None if "__getattr__" in found else found


def _async_problems(name: str, wanted: ast.AST, got: ast.AST, scope: ast.AST) -> Iterator[Problem]:
    """A plain function where an async one is awaited, or the reverse. Decorated functions are not checked here."""
    if not isinstance(got, _FUNCTIONS) or got.decorator_list or getattr(wanted, "decorator_list", None):
        return
    if isinstance(wanted, ast.AsyncFunctionDef) and isinstance(got, ast.FunctionDef):
        if not _returns_awaitable(got, scope):
            yield Problem(got.lineno, f"`{name}` is awaited by the service: write `async def {name}`.", blocks=False)
    elif isinstance(wanted, ast.FunctionDef) and isinstance(got, ast.AsyncFunctionDef):
        yield Problem(got.lineno, f"`{name}` is called without await: write `def {name}`.", blocks=False)


def _returns_awaitable(function: ast.FunctionDef, scope: ast.AST) -> bool:
    """Does a plain function return the call of an async function, or of a function of asyncio?"""
    awaitable = {node.name for node in ast.walk(scope) if isinstance(node, ast.AsyncFunctionDef)}
    for node in ast.walk(function):
        call = node.value if isinstance(node, ast.Return) else None
        if isinstance(call, ast.Call):
            called = ast.unparse(call.func)
            if called.split(".")[-1] in awaitable or called.startswith("asyncio."):
                return True
    return False


def _bindings(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """The names that statements bind, each with its node: inside if, try, with and loops, but not inside functions."""
    for statement in body:
        if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
            yield statement.name, statement
            continue
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                yield alias.asname or alias.name.split(".")[0], statement
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _bindings(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from _bindings(handler.body)
        for case in getattr(statement, "cases", []):
            yield from _bindings(case.body)
        yield from _stored(statement)


def _stored(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem):
            for node in ast.walk(child):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id, node


# The names that the repair may use ---------------------------------------------------------------------------------


def _stand_alone_problems(tree: ast.Module, notebook_names: frozenset[str]) -> Iterator[Problem]:
    """Names that the cell uses and does not define. A name bound in any scope counts as defined: no false alarms."""
    bound = set(_names_bound_anywhere(tree))
    if "*" in bound:
        return
    told = set()
    uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    for node in sorted(uses, key=lambda n: (n.lineno, n.col_offset)):
        name = node.id
        if name in bound or name in _BUILTINS or name in told or name.startswith("__"):
            continue
        told.add(name)
        if name in notebook_names:
            message = f"`{name}` is defined in another cell. The repair runs by itself: define or import it here too."
        else:
            close = difflib.get_close_matches(name, sorted(bound | _BUILTINS), n=1, cutoff=0.8)
            remedy = f"Did you mean `{close[0]}`?" if close else "Define it or import it in this cell."
            message = f"`{name}` is used but not defined. {remedy}"
        yield Problem(node.lineno, message, blocks=False)


def _names_bound_anywhere(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.split(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        elif type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):  # `def f[T]` of Python 3.12
            yield getattr(node, "name")  # noqa: B009  Python 3.11 does not know these nodes
