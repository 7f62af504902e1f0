"""One visitor with a stack of scopes: what surrounds a node is known when it is met; the rest is settled at the end."""

import ast
import re
from typing import NamedTuple


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


BLOCKS = re.compile(
    r"time\.sleep|(requests|subprocess)\.\w+|urllib\.request\.urlopen|sqlite3\.connect\.\w+|queue\.\w+\.(get|put|join)"
)
NETWORK = re.compile(r"requests\.\w+|urllib\.request\.urlopen|(socket\.create|asyncio\.open)_connection")
EMPTY = re.compile(
    r"(\{\}|\[\]|(set|dict|list)\(\)|collections\.(defaultdict|Counter|deque)\(.*\)|(asyncio|queue)\.\w*Queue\(.*\))"
)
TAKEN = re.compile(r"open|.*\.acquire|(sqlite3|asyncpg|socket)\.\w*connect\w*|aiohttp\.ClientSession(\.get)?|.*PoolExecutor")
MORE = ("append", "add", "put", "put_nowait", "setdefault", "update", "extend")
LESS = ("pop", "popitem", "clear", "discard", "remove")
ONCE = ("__init__", "start")


class Scope:
    """A function, or the module: its calls, what it takes, and what it gives back."""

    def __init__(self, node, outer):
        self.node, self.outer = node, outer
        self.name = getattr(node, "name", "")
        self.coroutine = isinstance(node, ast.AsyncFunctionDef)
        self.blocking, self.called, self.taken, self.back = [], set(), [], set()


class Linter(ast.NodeVisitor):
    """Visits a module once. `found` has (code, line, what to do)."""

    def __init__(self, tree):
        self.found, self.means = [], {}
        self.scopes, self.all = [Scope(tree, None)], []
        self.limits = 0  # so many time limits stand round the node
        self.loose, self.bound_uses, self.made = [], {}, {}
        self.grown, self.shrunk, self.awaited = {}, set(), set()
        self.sites = {}  # a function's name: is each call of it inside a time limit?
        self.visit(tree)
        self.settle()

    # What names mean

    def visit_Import(self, node):
        for alias in node.names:
            self.means[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]

    def visit_ImportFrom(self, node):
        for alias in node.names:
            self.means[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def full(self, node):
        text = ast.unparse(node)
        if text in self.means:
            return self.means[text]
        return f"{self.full(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else text

    # Scopes

    def visit_FunctionDef(self, node):
        for mark in node.decorator_list:
            if node.args.args and (self.full(mark) == "functools.cache" or "maxsize=None" in ast.unparse(mark)):
                self.found.append(("BF103", mark.lineno, "an entry for each argument: give it a maxsize"))
        for argument in node.args.args:
            if argument.annotation is not None:
                self.means[argument.arg] = self.full(argument.annotation)
        self.inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self.inside(node)

    def inside(self, node):
        scope, limits = Scope(node, self.scopes[-1]), self.limits
        self.scopes.append(scope)
        self.all.append(scope)
        self.limits = 0
        self.generic_visit(node)
        self.scopes.pop()
        self.limits = limits

    # Statements

    def visit_Assign(self, node):
        self.bind(node.targets[0], node.value, node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.bind(node.target, node.value, node)
        self.generic_visit(node)

    def bind(self, target, value, node):
        name, scope = ast.unparse(target), self.scopes[-1]
        while isinstance(value, ast.Await) or (isinstance(value, ast.Call) and self.full(value.func) == "asyncio.wait_for"):
            value = value.value if isinstance(value, ast.Await) else value.args[0]
        call = self.full(value.func) if isinstance(value, ast.Call) else ""
        if call:
            self.means[name] = call
            if isinstance(target, ast.Name) and scope.name and TAKEN.fullmatch(call):
                scope.taken.append((name, node.lineno))
        made = f"{call}({ast.unparse(value).partition('(')[2]}" if call else ast.unparse(value)
        kept = scope.outer is None or (isinstance(target, ast.Attribute) and scope.name in ONCE)
        if kept and EMPTY.fullmatch(made) and "maxlen" not in made:
            size = re.search(r"Queue\((?:maxsize=)?(\w*)\)", made)
            if not size or size[1] in ("", "0"):
                self.made.setdefault(name, (node.lineno, bool(size) or "deque" in call))
        elif scope.name not in ONCE and scope.outer is not None:
            self.shrunk.add(name)
        if isinstance(target, ast.Attribute) and isinstance(value, ast.Name):
            scope.back.add(value.id)
        if call == "aiohttp.ClientSession" and isinstance(value, ast.Call):
            value.bound_to = name

    def visit_AugAssign(self, node):
        self.grow(ast.unparse(node.target))
        self.generic_visit(node)

    def visit_Delete(self, node):
        self.shrunk |= {ast.unparse(target.value) for target in node.targets if isinstance(target, ast.Subscript)}
        self.generic_visit(node)

    def visit_Subscript(self, node):
        if isinstance(node.ctx, ast.Store) and not isinstance(node.slice, ast.Constant):
            self.grow(ast.unparse(node.value))
        self.generic_visit(node)

    def grow(self, name):
        if self.scopes[-1].name not in ("", *ONCE):
            self.grown[name] = True

    def visit_Attribute(self, node):
        base = node.value.value if isinstance(node.value, ast.Subscript) and node.attr in MORE else node.value
        if node.attr in MORE:
            self.grow(ast.unparse(base))
        elif node.attr in LESS:
            self.shrunk.add(ast.unparse(base))
        self.generic_visit(node)

    def visit_Compare(self, node):
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and part.args and ast.unparse(part.func) == "len":
                self.shrunk |= {ast.unparse(part.args[0]), f"queue {ast.unparse(part.args[0])}"}
        self.generic_visit(node)

    def visit_Try(self, node):
        for statement in node.finalbody:
            self.scopes[-1].back |= {
                ast.unparse(part) for part in ast.walk(statement) if isinstance(part, ast.Name | ast.Attribute)
            }
        self.generic_visit(node)

    def visit_Return(self, node):
        if node.value is not None:
            self.scopes[-1].back.add(ast.unparse(node.value))
        self.generic_visit(node)

    def visit_With(self, node):
        limits = 0
        for item in node.items:
            text = self.full(item.context_expr.func) if isinstance(item.context_expr, ast.Call) else ""
            limits += text == "asyncio.timeout" and ast.unparse(item.context_expr.args[0]) != "None"
            self.scopes[-1].back.add(ast.unparse(item.context_expr))
            if text and item.optional_vars is not None:
                self.means[ast.unparse(item.optional_vars)] = text
                item.context_expr.bound_to = ast.unparse(item.optional_vars)
            if isinstance(node, ast.With) and self.full(item.context_expr).startswith("threading."):
                self.scopes[-1].blocking.append((node.lineno, "a lock of threads"))
        self.limits += limits
        self.generic_visit(node)
        self.limits -= limits

    visit_AsyncWith = visit_With

    def visit_Expr(self, node):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "acquire":
            self.scopes[-1].taken.append((ast.unparse(call.func.value), node.lineno))
        self.generic_visit(node)

    def visit_Await(self, node):
        self.awaited.add(node.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        name, scope = self.full(node.func), self.scopes[-1]
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        limited = self.limits > 0 or given.get("timeout", "None") != "None"
        own = ast.unparse(node.func).removeprefix("self.")
        self.sites.setdefault(own, []).append(limited)
        if node not in self.awaited:
            scope.called.add(own)
            if BLOCKS.fullmatch(name):
                scope.blocking.append((node.lineno, name))
        if NETWORK.fullmatch(name) and not limited and not (name.startswith("socket") and len(node.args) > 1):
            self.found.append(("BF102", node.lineno, "this waits for ever: give it a timeout"))
        elif name == "aiohttp.ClientTimeout" and given.get("total", "None") == "None":
            self.found.append(("BF102", node.lineno, "give this a total"))
        elif name == "aiohttp.ClientSession" and "timeout" not in given:
            self.loose.append((node, getattr(node, "bound_to", "")))
        elif name.startswith("aiohttp.ClientSession."):
            self.bound_uses.setdefault(ast.unparse(node.func.value), []).append((limited, scope.name))
        until = [ast.unparse(one) for one in [*node.args[1:], *(keyword.value for keyword in node.keywords)]]
        limits = name == "asyncio.wait_for" and until not in ([], ["None"])
        self.limits += limits
        self.generic_visit(node)
        self.limits -= limits

    # The end

    def settle(self):
        functions = {scope.name: scope for scope in self.all if scope.name}
        left, seen = [scope for scope in self.all if scope.coroutine], set()
        while left:
            scope = left.pop()
            if scope not in seen:
                seen.add(scope)
                self.found += [
                    ("BF101", line, f"{what} blocks the event loop: asyncio.to_thread") for line, what in scope.blocking
                ]
                left += [functions[name] for name in scope.called if name in functions and not functions[name].coroutine]
        for node, name in self.loose:
            uses = self.bound_uses.get(name, [])
            if not uses or not all(limited or all(self.sites.get(function, [False])) for limited, function in uses):
                self.found.append(("BF102", node.lineno, "give this session a timeout"))
        for name, (line, queue) in self.made.items():
            if name in self.grown and (f"queue {name}" if queue else name) not in self.shrunk:
                self.found.append(("BF103", line, f"{name} only grows"))
        for scope in self.all:
            self.found += [
                ("BF104", line, f"{name}: with, or finally") for name, line in scope.taken if name not in scope.back
            ]


def _rule(code):
    def rule(tree):
        if not hasattr(tree, "linted"):
            tree.linted = Linter(tree).found
        return [(line, told) for found, line, told in tree.linted if found == code]

    return rule


blocking, unbounded_call, grows, not_given_back = (_rule(code) for code in ("BF101", "BF102", "BF103", "BF104"))
RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}


def gate(before, after):
    """The findings that stop a change: the surplus over those with the same text before."""
    stops = []
    for path, source in after.items():
        old = [(finding.code, text) for finding, text in _findings(path, before.get(path, ""))]
        for finding, text in _findings(path, source):
            if (finding.code, text) in old:
                old.remove((finding.code, text))
            elif not re.search(rf"# noqa:[^-]*{finding.code}[^-]* - \w", text):
                stops.append(finding)
    return stops


def _findings(path, source):
    lines = source.split("\n")
    for code, line, told in Linter(ast.parse(source)).found:
        yield Finding(path, line, code, told), lines[line - 1].strip()


RUNBOOK = """
A bound on the queue of payments in place of a restart: what nobody waits for any more is worked off, and no more comes.

```operator
page error_rate > 0.25 for 1 s
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
step store
expect rate(orders->payments) < 1 for 0 s within 0.5 s
else goto market
step replica
do set store SYNC 0
expect error_rate < 0.1 for 2 s within 8 s
done
step market
expect offered > 40 for 0 s within 0.5 s
else goto bound
step refuse
do shed 1 client market
do restart payments
expect offered < 40 for 1 s within 25 s
then shed 0 client market
undo shed 0 client market
step again
expect error_rate < 0.1 for 2 s within 8 s
done
step bound
do set payments BOUND 8
expect error_rate < 0.1 for 2 s within 30 s
then set payments BOUND 0
undo set payments BOUND 0
```
"""
