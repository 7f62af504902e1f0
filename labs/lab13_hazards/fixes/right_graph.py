"""What each name means, from the imports and from what made it; which function calls which; and what guards a thing."""

import ast
import re
from collections import Counter, defaultdict
from typing import NamedTuple


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = re.compile(
    r"time\.sleep|requests\.\w+|urllib\.request\.urlopen|socket\.create_connection|subprocess\.(run|call|check_\w+)"
    r"|sqlite3\.connect(\.(execute|executemany|commit))?|queue\.\w+\.(get|put|join)|threading\.\w+\.(acquire|wait)"
)
LOCKS = re.compile(r"threading\.\w+")
ASKS = re.compile(r"requests\.(get|post|put|request)|urllib\.request\.urlopen|socket\.create_connection")
HTTP = ("get", "post", "put", "patch", "delete", "head", "request")
LIMITS = ("asyncio.timeout", "asyncio.wait_for")
LIMIT_AT = {"urllib.request.urlopen": 2, "socket.create_connection": 1, "asyncio.wait_for": 1, "asyncio.timeout": 0}
"""The place of the time limit among the arguments."""
QUEUES = re.compile(r"(asyncio|queue)\.\w*Queue|collections\.deque")
CONTAINERS = re.compile(r"dict|list|set|collections\.(defaultdict|Counter|OrderedDict)")
GROWS = {"append", "appendleft", "add", "extend", "update", "setdefault", "insert", "put", "put_nowait", "[]=", "+="}
SHRINKS = {"pop", "popitem", "popleft", "clear", "discard", "remove", "del", "="}
STARTUP = ("__init__", "start", "setup")
TAKES = re.compile(
    r"open|(.*\.)?acquire|(sqlite3|asyncpg)\.connect|socket\.(socket|create_connection)|subprocess\.Popen"
    r"|aiohttp\.ClientSession(\.(get|post|put|request))?|concurrent\.futures\.\w+Executor"
)


class Module:
    """What the rules ask about one module."""

    def __init__(self, tree):
        self.nodes = list(ast.walk(tree))
        self.parent = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        self.functions = {node.name: node for node in self.nodes if isinstance(node, FUNCTIONS)}
        self.means = {}  # "pause": "time.sleep"; "self.session": "aiohttp.ClientSession"
        for node in self.nodes:
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                full = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
                if alias.asname or isinstance(node, ast.ImportFrom):
                    self.means[alias.asname or alias.name] = full
        self.bound = list(self._bound())
        for target, value in self.bound:
            if isinstance(value, ast.Call):
                self.means[ast.unparse(target)] = self.full(value.func)
        for node in self.nodes:
            if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name | ast.Attribute):
                self.means.setdefault(node.arg, self.full(node.annotation))
        self.sites = defaultdict(list)  # a function of this module: its calls
        for call in self.calls:
            self.sites[self.called(call)].append(call)

    def _bound(self):
        """Names and attributes, each with what it is bound to."""
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                yield (node.targets[0] if isinstance(node, ast.Assign) else node.target), self.bare(node.value)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                yield node.optional_vars, self.bare(node.context_expr)

    def bare(self, value):
        """Without the `await` and the `wait_for` round it."""
        while isinstance(value, ast.Await) or (isinstance(value, ast.Call) and self.full(value.func) == "asyncio.wait_for"):
            value = value.value if isinstance(value, ast.Await) else value.args[0]
        return value

    def full(self, node):
        """The full name of an expression, as far as it is known: "time.sleep", "aiohttp.ClientSession.get"."""
        text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if text in self.means or not isinstance(node, ast.Attribute):
            return self.means.get(text, text)
        return f"{self.full(node.value)}.{node.attr}"

    def called(self, call):
        """The function of this module that is called by its name, or as a method of self; else None."""
        own = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "self"
        return self.functions.get(call.func.attr if own else getattr(call.func, "id", None))

    def above(self, node):
        while node in self.parent:
            node = self.parent[node]
            yield node

    def function(self, node):
        return next((above for above in self.above(node) if isinstance(above, FUNCTIONS)), None)

    def body(self, function):
        """The nodes that run when the function runs: not those of functions inside of it."""
        left = list(function.body)
        while left:
            yield (node := left.pop())
            if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
                left += ast.iter_child_nodes(node)

    def has_limit(self, call):
        """Is a time limit among its arguments?"""
        at = LIMIT_AT.get(self.full(call.func), len(call.args))
        given = [k.value for k in call.keywords if k.arg == "timeout"] + call.args[at:]
        return any(ast.unparse(value) != "None" for value in given)

    def limited(self, call, depth=3):
        """Is the call limited by its arguments, by something round it, or by all that call its function?"""
        for node in (call, *self.above(call)):
            for one in [item.context_expr for item in node.items] if isinstance(node, ast.AsyncWith) else [node]:
                if isinstance(one, ast.Call) and (one is call or self.full(one.func) in LIMITS) and self.has_limit(one):
                    return True
        sites = self.sites.get(self.function(call), [])
        return depth > 0 and bool(sites) and all(self.limited(site, depth - 1) for site in sites)

    def touched(self):
        """What happens to each name and attribute in functions: method names, and "[]=", "del", "+=", "=", "len"."""
        words = defaultdict(set)
        for node in self.nodes:
            if not isinstance(node, ast.Attribute | ast.Subscript | ast.Name | ast.Call):
                continue
            function, store = self.function(node), isinstance(getattr(node, "ctx", None), ast.Store)
            if function is None or function.name in STARTUP:
                continue
            if isinstance(node, ast.Attribute):
                words[ast.unparse(node.value)].add(node.attr)
                if isinstance(node.value, ast.Subscript) and node.attr in GROWS:
                    words[ast.unparse(node.value.value)].add(node.attr)
            if isinstance(node, ast.Subscript):
                cut = isinstance(node.ctx, ast.Del) or (store and isinstance(node.slice, ast.Slice))
                new = store and not isinstance(node.slice, ast.Constant)
                words[ast.unparse(node.value)].add("del" if cut else "[]=" if new else "[]")
            elif store:
                words[ast.unparse(node)].add("+=" if isinstance(self.parent[node], ast.AugAssign) else "=")
            elif isinstance(node, ast.Call) and any(isinstance(above, ast.Compare) for above in self.above(node)):
                size = node.func.value if getattr(node.func, "attr", "") == "qsize" else (node.args or [node.func])[0]
                words[ast.unparse(size)].add("len")
        return words


def module(tree):
    """The module of a tree, made once."""
    if not hasattr(tree, "module"):
        tree.module = Module(tree)
    return tree.module


def blocking(tree):
    """A call that blocks the event loop: in a coroutine, or in a function that a coroutine calls."""
    m = module(tree)
    left, seen = [node for node in m.nodes if isinstance(node, ast.AsyncFunctionDef)], set()
    while left:
        function = left.pop()
        for node in m.body(function) if function not in seen else ():
            if isinstance(node, ast.With) and any(LOCKS.fullmatch(m.full(item.context_expr)) for item in node.items):
                yield node.lineno, "everybody waits for this lock: asyncio.Lock"
            if isinstance(node, ast.Call) and not isinstance(m.parent[node], ast.Await):
                if BLOCKS.fullmatch(m.full(node.func)):
                    yield node.lineno, f"{m.full(node.func)} blocks the event loop: await asyncio.to_thread(...)"
                if isinstance(m.called(node), ast.FunctionDef):
                    left.append(m.called(node))
        seen.add(function)


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    m = module(tree)
    for call in m.calls:
        name = m.full(call.func)
        if (ASKS.fullmatch(name) and not m.has_limit(call)) or (name == "asyncio.open_connection" and not m.limited(call)):
            yield call.lineno, f"{name} waits for ever: give it a timeout"
        elif name == "aiohttp.ClientTimeout" and not call.args:
            if all(ast.unparse(k.value) == "None" for k in call.keywords if k.arg in ("total", None)):
                yield call.lineno, "without total, an answer that drips goes on for ever"
        elif name == "aiohttp.ClientSession" and not m.has_limit(call):
            kept = [ast.unparse(target) for target, value in m.bound if value is call]
            uses = [c for c in m.calls if isinstance(c.func, ast.Attribute) and c.func.attr in HTTP]
            uses = [use for use in uses if ast.unparse(use.func.value) in kept]
            if not uses or not all(m.limited(use) for use in uses):
                yield call.lineno, "this session waits 300 s: timeout=aiohttp.ClientTimeout(total=...)"


def grows(tree):
    """A container that lives on, and only grows."""
    m = module(tree)
    for function in m.functions.values():
        for mark in function.decorator_list if function.args.args else ():
            if m.full(mark) == "functools.cache" or "maxsize=None" in ast.unparse(mark):
                yield mark.lineno, "this keeps an entry for each argument: give it a maxsize"
    words = m.touched()
    for target, value in m.bound:
        name = ast.unparse(target)
        if m.function(target) and not (isinstance(target, ast.Attribute) and m.function(target).name in STARTUP):
            continue
        kind = m.full(value.func) if isinstance(value, ast.Call) else type(value).__name__.lower()
        if QUEUES.fullmatch(kind):
            sizes = [k.value for k in value.keywords] + value.args[kind == "collections.deque" :]
            bounded, shrinks = any(ast.unparse(size) not in ("0", "None") for size in sizes), {"="}
        else:
            bounded = not CONTAINERS.fullmatch(kind) or getattr(value, "keys", 0) or getattr(value, "elts", 0)
            shrinks = SHRINKS
        if not bounded and words[name] & GROWS and not words[name] & (shrinks | {"len"}):
            yield value.lineno, f"{name} only grows: give it a bound, or remove what is done with"


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    m = module(tree)
    taken = [(t.id, value) for t, value in m.bound if isinstance(t, ast.Name) and not isinstance(m.parent[t], ast.withitem)]
    for node in m.nodes:
        if isinstance(node, ast.Expr) and isinstance(call := m.bare(node.value), ast.Call):
            if getattr(call.func, "attr", "") == "acquire":
                taken.append((ast.unparse(call.func.value), call))
    ends = {}
    for name, value in taken:
        if isinstance(value, ast.Call) and TAKES.fullmatch(m.full(value.func)) and (function := m.function(value)):
            if function not in ends:
                ends[function] = {ast.unparse(part) for node in m.body(function) for part in _ends(node)}
            if name not in ends[function]:
                yield value.lineno, f"{name} is not given back on each way out: with, or try and finally"


def _ends(node):
    """What a node gives back, or hands on to who will."""
    if isinstance(node, ast.Try):
        return [part for end in node.finalbody for part in ast.walk(end) if isinstance(part, ast.Name | ast.Attribute)]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        return [node.value]
    if isinstance(node, ast.withitem):
        return [node.context_expr]
    return [node.value] if isinstance(node, ast.Return) and node.value else []


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
MUTED = re.compile(r"#\s*noqa:\s*((?:BF\d+[,\s]*)+)-\s*\w")


def gate(before, after):
    """The findings that stop a change: those whose line's text did not stand there before, or not so often."""
    stops = []
    for path, source in after.items():
        known = Counter((finding.code, text) for finding, text in _findings(path, before.get(path, "")))
        for finding, text in _findings(path, source):
            known[finding.code, text] -= 1
            muted = MUTED.search(text)
            if known[finding.code, text] < 0 and not (muted and finding.code in muted[1]):
                stops.append(finding)
    return stops


def _findings(path, source):
    tree, lines = ast.parse(source), source.split("\n")
    for code, rule in RULES.items():
        for line, told in rule(tree):
            yield Finding(path, line, code, told), lines[line - 1].strip()


RUNBOOK = """
Switches before restarts: retries off while the bank is away, then the queue is emptied, then all is given back.

```operator
page error_rate > 0.25 for 1.5 s
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
step store
expect rate(orders->payments) < 1 for 0 s within 0.5 s
else goto retries
step replica
do set store SYNC 0
expect error_rate < 0.1 for 2 s within 8 s
done
step retries
do set orders ATTEMPTS 1
do shed 1 client market
expect rate(payments->bank) > 15 for 1 s within 30 s
undo set orders ATTEMPTS 4
undo shed 0 client market
step queue
do restart payments
expect error_rate < 0.15 for 2 s within 10 s
then set orders ATTEMPTS 4
undo set orders ATTEMPTS 4
step crowd
expect offered < 40 for 1 s within 25 s
then shed 0 client market
undo shed 0 client market
```
"""
