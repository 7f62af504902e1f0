"""Facts are collected into one table, and each rule is a query over it: rows that are there, less those that excuse them."""

import ast
import re
from typing import NamedTuple


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


class Fact(NamedTuple):
    """One row: in this function (0 is the module), this was done to or by this name, in this line."""

    function: int
    did: str
    name: str
    line: int
    more: str = ""


BLOCKS = (
    r"time\.sleep|requests\.\w+|urllib\.request\.urlopen|subprocess\.\w+|sqlite3\.connect\.(execute|commit)"
    r"|queue\.\w+\.(get|put)|threading\.\w+"
)
WAITS = r"requests\.\w+|urllib\.request\.urlopen|socket\.create_connection|asyncio\.open_connection"
GROWS = r"append|add|put|put_nowait|setdefault|update|set item|add up"
SHRINKS = r"pop|popitem|clear|discard|remove|delete|measured"
TAKES = r"open|.*\.acquire|(sqlite3|asyncpg|socket)\.\w*connect\w*|aiohttp\.ClientSession(\.get)?|.*PoolExecutor"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def facts(tree):
    """All facts about a module, made once."""
    if not hasattr(tree, "facts"):
        means = _imports(tree)
        for _ in range(2):  # the second time, what was bound in the first is known
            tree.facts = list(_facts(tree, means, 0, "", False))
            means |= {fact.name: fact.more for fact in tree.facts if fact.did == "bind" and fact.more}
    return tree.facts


def _imports(tree):
    means = {}
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            of = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            if of or alias.asname:
                means[alias.asname or alias.name] = of + alias.name
    return means


def _full(means, node):
    text = ast.unparse(node)
    if text not in means and isinstance(node, ast.Attribute):
        return f"{_full(means, node.value)}.{node.attr}"
    return means.get(text, text)


def _facts(node, means, function, made_by, limited):
    """The facts below a node. `made_by` is what is bound there, `limited` says whether a time limit stands round it."""
    line = getattr(node, "lineno", 0)
    if isinstance(node, FUNCTIONS):
        name = getattr(node, "name", "lambda")
        yield Fact(line, "coroutine" if isinstance(node, ast.AsyncFunctionDef) else "function", name, line)
        if name in ("__init__", "start"):
            yield Fact(line, "once", name, line)
        for mark in getattr(node, "decorator_list", ()):
            if node.args.args and "maxsize=None" in ast.unparse(mark):
                yield Fact(0, "endless", name, mark.lineno)
        function, limited = line, False
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.withitem) and (bound := _bound(node)):
        target, value = bound
        while isinstance(value, ast.Await) or (
            isinstance(value, ast.Call) and _full(means, value.func) == "asyncio.wait_for"
        ):
            value = value.value if isinstance(value, ast.Await) else value.args[0]
        full = _full(means, value.func) if isinstance(value, ast.Call) else ""
        made_by = ast.unparse(target)
        what = "made" if isinstance(node, ast.withitem) else "taken"
        yield Fact(function, "bind", made_by, value.lineno, full)
        yield Fact(function, what, made_by, value.lineno, full if isinstance(target, ast.Name) else "")
        if _empty(full, value):
            yield Fact(function, "empty", made_by, value.lineno, full)
        if isinstance(target, ast.Attribute):
            yield Fact(function, "back", ast.unparse(value), value.lineno)
    if isinstance(node, ast.Try):
        for part in (part for end in node.finalbody for part in ast.walk(end)):
            if isinstance(part, ast.Name | ast.Attribute):
                yield Fact(function, "back", ast.unparse(part), line)
    if isinstance(node, ast.Return) and node.value is not None:
        yield Fact(function, "back", ast.unparse(node.value), line)
    if isinstance(node, ast.withitem):
        yield Fact(function, "back", ast.unparse(node.context_expr), node.context_expr.lineno)
        yield Fact(function, "with", _full(means, node.context_expr), node.context_expr.lineno)
    if isinstance(node, ast.Subscript):
        cut = isinstance(node.ctx, ast.Del) or isinstance(node.slice, ast.Slice)
        yield Fact(function, "delete" if cut else "set item", ast.unparse(node.value), line, type(node.ctx).__name__)
    if isinstance(node, ast.AugAssign):
        yield Fact(function, "add up", ast.unparse(node.target), line)
    if isinstance(node, ast.Attribute):
        inner = node.value.value if isinstance(node.value, ast.Subscript) else node.value
        yield Fact(function, node.attr, ast.unparse(node.value), line)
        yield Fact(function, node.attr, ast.unparse(inner), line)
    if isinstance(node, ast.Compare):
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and ast.unparse(part.func) == "len":
                yield Fact(function, "measured", ast.unparse(part.args[0]), line)
    if isinstance(node, ast.Call):
        full, given = _full(means, node.func), {k.arg: ast.unparse(k.value) for k in node.keywords}
        has = given.get("timeout", "None") != "None" or limited or (full.startswith("socket") and len(node.args) > 1)
        yield Fact(function, "limited" if has else "unlimited", full, line, made_by)
        yield Fact(function, "uses", ast.unparse(node.func), line, "limited" if has else "")
        yield Fact(function, "calls", ast.unparse(node.func).removeprefix("self."), line, full)
        if full == "aiohttp.ClientTimeout" and given.get("total", "None") == "None":
            yield Fact(function, "no total", full, line)
        limited = limited or (full == "asyncio.wait_for" and _limits(node, 1))
    if isinstance(node, ast.AsyncWith):
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        limited = limited or any(_full(means, c.func) == "asyncio.timeout" and _limits(c, 0) for c in calls)
    if isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "acquire":
            yield Fact(function, "taken", ast.unparse(call.func.value), line, "x.acquire")
    for child in ast.iter_child_nodes(node):
        yield from _facts(child, means, function, made_by if not isinstance(child, ast.stmt) else "", limited)


def _limits(call, at):
    """Is an argument from this one on something else than None?"""
    return any(ast.unparse(one) != "None" for one in [*call.args[at:], *(k.value for k in call.keywords)])


def _bound(node):
    if isinstance(node, ast.withitem):
        return (node.optional_vars, node.context_expr) if node.optional_vars is not None else None
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return (target, node.value) if node.value is not None else None


def _empty(full, value):
    """Is it an empty container, or a queue without a bound?"""
    if re.fullmatch(r"(asyncio|queue)\.\w*Queue", full):
        return {ast.unparse(size) for size in [*value.args, *(k.value for k in value.keywords)]} <= {"0"}
    if re.fullmatch(r"collections\.(deque|defaultdict|Counter)", full):
        return not value.keywords
    return full in ("dict", "list", "set") or ast.unparse(value) in ("{}", "[]")


def blocking(tree):
    """A call that blocks the event loop: in a coroutine, or in a function that a coroutine calls."""
    rows = facts(tree)
    plain = {row.name: row.function for row in rows if row.did == "function"}
    reached = {row.function for row in rows if row.did == "coroutine"}
    while True:
        more = {plain[row.name] for row in rows if row.did == "calls" and row.function in reached and row.name in plain}
        if more <= reached:
            break
        reached |= more
    awaited = {node.value.lineno for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for row in rows:
        if row.function in reached and row.did in ("calls", "with") and row.line not in awaited:
            full = row.more if row.did == "calls" else row.name
            if re.fullmatch(BLOCKS, full) and (row.did == "with") == full.startswith("threading."):
                yield row.line, f"{full} blocks the event loop: await asyncio.to_thread(...)"


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    rows = facts(tree)
    session = [row for row in rows if row.name == "aiohttp.ClientSession" and row.did in ("limited", "unlimited")]
    for row in rows:
        if row.did == "unlimited" and re.fullmatch(WAITS, row.name):
            yield row.line, f"{row.name} waits for ever: give it a timeout"
        if row.did == "no total":
            yield row.line, "give this a total"
    asked, calls = {}, {}
    for row in rows:
        owner, _, what = row.name.rpartition(".")
        if row.did == "uses":
            calls.setdefault(row.name.removeprefix("self."), []).append(row)
            if what in ("get", "post", "request"):
                asked.setdefault(owner, []).append(row)
    names = {row.function: row.name for row in rows if row.did in ("function", "coroutine") and row.name != "lambda"}
    for made in session:
        uses = asked.get(made.more, [])
        if made.did == "unlimited" and not (
            uses and all(_is_limited(row, calls.get(names.get(row.function), [])) for row in uses)
        ):
            yield made.line, "give this session a timeout"


def _is_limited(use, calls):
    """Has a use a limit, or each of the calls of the function that it stands in?"""
    return bool(use.more or (calls and all(row.more for row in calls)))


def grows(tree):
    """A container that lives on, and only grows."""
    rows = facts(tree)
    once = {row.function for row in rows if row.did == "once"} | {0}
    later = [row for row in rows if row.function not in once]
    grown = {row.name for row in later if re.fullmatch(GROWS, row.did) and row.more != "Load"}
    shrunk = {row.name for row in later if re.fullmatch(SHRINKS, row.did)} | {row.name for row in later if row.did == "bind"}
    queued = {row.name for row in later if row.did in ("measured", "bind")}
    for row in rows:
        if row.did == "endless":
            yield row.line, "an entry for each argument: give it a maxsize"
        if row.did == "empty" and row.function in once and row.name in grown:
            if row.name not in (queued if "ueue" in row.more or "deque" in row.more else shrunk):
                yield row.line, f"{row.name} only grows"


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    rows = facts(tree)
    back = {(row.function, row.name) for row in rows if row.did == "back"}
    for row in rows:
        if row.did == "taken" and row.function and re.fullmatch(TAKES, row.more) and (row.function, row.name) not in back:
            yield row.line, f"{row.name} is not given back on each way out: with, or try and finally"


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}


def gate(before, after):
    """The findings that stop a change: rows of after, less rows of before, less those muted with a reason."""
    stops = []
    for path, source in after.items():
        old = [row[1:] for row in _rows(before.get(path, ""))]
        for line, code, text, told in _rows(source):
            if (code, text, told) in old:
                old.remove((code, text, told))
            elif not re.search(rf"#\s*noqa:[^-]*{code}[^-]*-\s*\w", text):
                stops.append(Finding(path, line, code, told))
    return stops


def _rows(source):
    tree, lines = ast.parse(source), source.split("\n")
    return [(line, code, lines[line - 1].strip(), told) for code, rule in RULES.items() for line, told in rule(tree)]


RUNBOOK = """
Contain, then find: the market is refused for a look, and served again if it was another cause.

```operator
page error_rate > 0.2 for 2 s
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
step market
do shed 1 client market
expect offered > 40 for 0 s within 0.5 s
undo shed 0 client market
else goto store
step empty
do restart payments
expect offered < 40 for 1 s within 25 s
then shed 0 client market
undo shed 0 client market
step well-again
expect error_rate < 0.1 for 1 s within 8 s
done
else goto bank
step store
expect http_server_active_requests@store > 4 for 0 s within 1 s
else goto bank
step replica
do set store SYNC 0
expect error_rate < 0.1 for 2 s within 8 s
done
step bank
expect rate(payments->bank) > 15 for 1 s within 30 s
step dead
do restart payments
expect error_rate < 0.1 for 2 s within 10 s
done
```
"""
