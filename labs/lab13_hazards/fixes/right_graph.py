"""What each name means, from the imports and from what made it; which function calls which; and what guards a thing."""

import ast
import re
from collections import Counter
from typing import NamedTuple


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HTTP = ("get", "post", "put", "patch", "delete", "head", "request", "ws_connect")
BLOCKS = re.compile(
    r"time\.sleep|requests\.\w+|requests\.Session\.\w+|urllib\.request\.urlopen|socket\.create_connection"
    r"|subprocess\.(run|call|check_call|check_output)|sqlite3\.connect(\.(execute|executemany|executescript|commit))?"
    r"|queue\.\w+\.(get|put|join)|threading\.\w+\.(acquire|wait)"
)
TIMEOUT_AT = {"urllib.request.urlopen": 2, "socket.create_connection": 1, "asyncio.wait_for": 1, "asyncio.timeout": 0}
"""The place of the time limit among the arguments, where it has one."""
LIMITS = ("asyncio.timeout", "asyncio.timeout_at", "asyncio.wait_for")
STARTUP = ("__init__", "start", "setup")
GROWS = ("append", "appendleft", "add", "extend", "update", "setdefault", "insert", "put", "put_nowait")
SHRINKS = ("pop", "popitem", "clear", "discard", "remove", "popleft")
QUEUES = re.compile(r"(asyncio|queue)\.(\w*Queue)|collections\.deque")
CONTAINERS = re.compile(r"dict|list|set|collections\.(defaultdict|Counter|OrderedDict)")
TAKES = re.compile(
    r"open|(.*\.)?acquire|sqlite3\.connect|asyncpg\.(connect|create_pool)|socket\.(socket|create_connection)"
    r"|aiohttp\.ClientSession(\.(get|post|put|request))?|subprocess\.Popen|concurrent\.futures\.\w+Executor"
)


class Module:
    """What the rules ask about one module."""

    def __init__(self, tree):
        self.nodes = list(ast.walk(tree))
        self.parent = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        self.functions = {node.name: node for node in self.nodes if isinstance(node, FUNCTIONS)}
        self.means = {}  # "sleep": "time.sleep"; "self.session": "aiohttp.ClientSession"
        for node in self.nodes:
            if isinstance(node, ast.Import):
                self.means |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.ImportFrom):
                self.means |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for target, value in self.bound():
            if isinstance(value, ast.Call):
                self.means[ast.unparse(target)] = self.full(value.func)
        for node in self.nodes:
            if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name | ast.Attribute):
                self.means.setdefault(node.arg, self.full(node.annotation))
        self.sites = {}  # of each function of the module: its calls
        for call in self.calls:
            if self.called(call):
                self.sites.setdefault(self.called(call), []).append(call)

    def bound(self):
        """Names and attributes with what they are bound to; `await` and `wait_for` are looked through."""
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield target, self.bare(node.value)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                yield node.optional_vars, self.bare(node.context_expr)

    def bare(self, value):
        while isinstance(value, ast.Await) or (isinstance(value, ast.Call) and self.full(value.func) == "asyncio.wait_for"):
            value = value.value if isinstance(value, ast.Await) else value.args[0]
        return value

    def full(self, node):
        """The full name of an expression, as far as it is known: "time.sleep", "aiohttp.ClientSession.get"."""
        text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if text in self.means:
            return self.means[text]
        return f"{self.full(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else text

    def called(self, call):
        """The function of this module that is called by its name, or as a method of self; else None."""
        of = call.func
        own = isinstance(of, ast.Attribute) and ast.unparse(of.value) in ("self", "cls")
        return self.functions.get(of.attr if own else getattr(of, "id", None))

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
            node = left.pop()
            yield node
            if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
                left += ast.iter_child_nodes(node)

    def has_limit(self, call):
        """Is a time limit among the arguments of this call?"""
        at = TIMEOUT_AT.get(self.full(call.func), len(call.args))
        given = [keyword.value for keyword in call.keywords if keyword.arg in ("timeout", "delay")] + call.args[at:]
        return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)

    def limited(self, call, depth=3):
        """Is the call limited by its arguments, by something round it, or by all that call its function?"""
        for node in (call, *self.above(call)):
            round_it = [item.context_expr for item in node.items] if isinstance(node, ast.With | ast.AsyncWith) else [node]
            for one in round_it:
                if isinstance(one, ast.Call) and (one is call or self.full(one.func) in LIMITS) and self.has_limit(one):
                    return True
        sites = self.sites.get(self.function(call), [])
        return depth > 0 and bool(sites) and all(self.limited(site, depth - 1) for site in sites)


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
        if function in seen:
            continue
        seen.add(function)
        for node in m.body(function):
            if isinstance(node, ast.With) and any(m.full(i.context_expr).startswith("threading.") for i in node.items):
                yield node.lineno, "an asyncio.Lock lets others run while it waits"
            if isinstance(node, ast.Call) and not isinstance(m.parent[node], ast.Await):
                if BLOCKS.fullmatch(m.full(node.func)):
                    yield node.lineno, f"{m.full(node.func)} blocks the event loop: await asyncio.to_thread(...)"
                if isinstance(m.called(node), ast.FunctionDef):
                    left.append(m.called(node))


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    m = module(tree)
    for call in m.calls:
        name = m.full(call.func)
        asks = re.fullmatch(rf"requests\.(Session\.)?({'|'.join(HTTP)})|urllib\.request\.urlopen|socket\.create_connection", name)
        if (asks and not m.has_limit(call)) or (name == "asyncio.open_connection" and not m.limited(call)):
            yield call.lineno, f"{name} waits for ever: give it a timeout"
        elif name.startswith("httpx.") and any(k.arg == "timeout" and ast.unparse(k.value) == "None" for k in call.keywords):
            yield call.lineno, "the timeout is switched off here"
        elif name == "aiohttp.ClientTimeout" and not call.args:
            total = [keyword.value for keyword in call.keywords if keyword.arg in ("total", None)]
            if all(ast.unparse(value) == "None" for value in total):
                yield call.lineno, "without total, an answer that drips goes on for ever"
        elif name == "aiohttp.ClientSession" and not m.has_limit(call):
            kept = [ast.unparse(target) for target, value in m.bound() if value is call]
            uses = [c for c in m.calls if isinstance(c.func, ast.Attribute) and c.func.attr in HTTP]
            uses = [c for c in uses if ast.unparse(c.func.value) in kept]
            if not uses or not all(m.limited(use) for use in uses):
                yield call.lineno, "this session waits 300 s: timeout=aiohttp.ClientTimeout(total=...)"


def grows(tree):
    """A container that lives on, and only grows."""
    m = module(tree)
    for node in m.nodes:
        for mark in node.decorator_list if isinstance(node, FUNCTIONS) else ():
            made = ast.unparse(mark)
            endless = m.full(mark) == "functools.cache" or "maxsize=None" in made or made.endswith("(None)")
            if endless and (node.args.args or node.args.vararg):
                yield node.lineno, "this cache keeps an entry for each argument: give it a maxsize"
    for target, value in m.bound():
        lives_on = isinstance(target, ast.Attribute) or m.function(target) is None
        kind = m.full(value.func) if isinstance(value, ast.Call) else type(value).__name__.lower()
        if not lives_on or isinstance(target, ast.Tuple):
            continue
        if QUEUES.fullmatch(kind):
            place = 1 if kind == "collections.deque" else 0
            given = [k.value for k in value.keywords if k.arg in ("maxlen", "maxsize")] + value.args[place:]
            if not any(ast.unparse(size) not in ("0", "None") for size in given) and _only_grows(m, target, ()):
                yield value.lineno, "this queue has no bound: what comes faster than it goes stays"
        elif CONTAINERS.fullmatch(kind) and not getattr(value, "keys", 0) and not getattr(value, "elts", 0):
            if _only_grows(m, target, SHRINKS):
                yield value.lineno, "this only grows: give it a bound, or remove what is done with"


def _only_grows(m, target, shrinks):
    """Is something added to the target at each call, and nothing compared with its size, or removed?"""
    name, added = ast.unparse(target), False
    for node in m.nodes:
        function = m.function(node) if isinstance(node, ast.Attribute | ast.Subscript | ast.Name | ast.Call) else None
        if function is None or function.name in STARTUP:
            continue
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == name:
            if node.attr in shrinks:
                return False
            added |= node.attr in GROWS
        elif isinstance(node, ast.Attribute) and node.attr in GROWS and isinstance(node.value, ast.Subscript):
            added |= ast.unparse(node.value.value) == name
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == name:
            if isinstance(node.ctx, ast.Del) or (isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Slice)):
                return False
            added |= isinstance(node.ctx, ast.Store) and not isinstance(node.slice, ast.Constant)
        elif isinstance(node, ast.Call) and ast.unparse(node) in (f"len({name})", f"{name}.qsize()"):
            if any(isinstance(above, ast.Compare) for above in m.above(node)):
                return False
        elif isinstance(getattr(node, "ctx", None), ast.Store) and ast.unparse(node) == name:
            if not isinstance(m.parent[node], ast.AugAssign):
                return False
            added = True
    return added


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    m = module(tree)
    for target, value in m.bound():
        function = m.function(target)
        if isinstance(target, ast.Name) and function and isinstance(value, ast.Call) and TAKES.fullmatch(m.full(value.func)):
            if not isinstance(m.parent[target], ast.withitem) and not _given_back(m, function, target.id):
                yield value.lineno, f"{target.id} is not given back on each way out: with, or try and finally"
    for node in m.nodes:
        call = m.bare(node.value) if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "acquire" and m.function(node):
            if not _given_back(m, m.function(node), ast.unparse(call.func.value)):
                yield node.lineno, "release this in a finally, or use with"


def _given_back(m, function, name):
    for node in m.body(function):
        if isinstance(node, ast.Try) and any(name in map(ast.unparse, ast.walk(end)) for end in node.finalbody):
            return True
        if isinstance(node, ast.withitem | ast.Return) and name in (
            ast.unparse(part) for part in [getattr(node, "context_expr", None) or getattr(node, "value", None)] if part
        ):
            return True
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == name and isinstance(node.targets[0], ast.Attribute):
            return True
    return False


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
MUTED = re.compile(r"#\s*noqa:\s*((?:BF\d+[,\s]*)+)-\s*\w")


def gate(before, after):
    """The findings that stop a change: those whose line's text did not stand there before, or not so often."""
    stops = []
    for path, source in after.items():
        known = Counter((f.code, text) for f, text in _findings(path, before.get(path, "")))
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
