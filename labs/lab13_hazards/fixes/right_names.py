"""Names are looked up: in the imports, and in what made them. Then each rule is a list of full names, and its guards."""

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
    r"time\.sleep|requests\.\w+|urllib\.request\.urlopen|subprocess\.(run|call|check_call|check_output)"
    r"|sqlite3\.connect\.(execute|commit)|queue\.\w+\.(get|put)|threading\.\w+\.acquire"
)
ASKS = re.compile(r"requests\.\w+|urllib\.request\.urlopen|socket\.create_connection|asyncio\.open_connection")
QUEUES = re.compile(r"(asyncio|queue)\.\w*Queue|collections\.deque")
CONTAINERS = re.compile(r"dict|list|set|collections\.(defaultdict|Counter|OrderedDict)")
TAKES = re.compile(
    r"open|(.*\.)?acquire|(sqlite3|asyncpg)\.connect|aiohttp\.ClientSession(\.get)?|concurrent\.futures\.\w+Executor"
)
GROWS = {"append", "add", "put", "put_nowait", "setdefault", "update", "[]=", "+="}
SHRINKS = {"pop", "popitem", "clear", "discard", "remove", "del"}


def walk(tree):
    """All nodes; each knows its parent, and the innermost function round it."""
    if not hasattr(tree, "nodes"):
        tree.nodes, tree.inside = list(ast.walk(tree)), None
        for node in tree.nodes:
            for child in ast.iter_child_nodes(node):
                child.parent, child.inside = node, node if isinstance(node, (*FUNCTIONS, ast.Lambda)) else node.inside
    return tree.nodes


def bound(tree):
    """Names and attributes, each with what it is bound to, without `await` and `wait_for`."""
    for node in walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.withitem):
            if isinstance(node, ast.withitem):
                target, value = node.optional_vars, node.context_expr
            else:
                target, value = node.targets[0] if isinstance(node, ast.Assign) else node.target, node.value
            while isinstance(value, ast.Await) or waits(tree, value):
                value = value.value if isinstance(value, ast.Await) else value.args[0]
            if target is not None and value is not None:
                yield target, value


def waits(tree, node):
    """Is it a call of wait_for?"""
    return isinstance(node, ast.Call) and full(tree, node.func) == "asyncio.wait_for"


def given(call, at):
    """Is an argument from this one on something else than None?"""
    return any(ast.unparse(one) != "None" for one in [*call.args[at:], *(k.value for k in call.keywords)])


def names(tree):
    """What names mean: "pause" is "time.sleep", "self.session" is "aiohttp.ClientSession"."""
    if not hasattr(tree, "names"):
        tree.names = {}
        for node in walk(tree):
            if isinstance(node, ast.ImportFrom):
                tree.names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                tree.names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        for target, value in bound(tree):
            if isinstance(value, ast.Call):
                tree.names[ast.unparse(target)] = full(tree, value.func)
    return tree.names


def full(tree, node):
    """The full name of an expression, as far as it is known."""
    text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    if text in names(tree) or not isinstance(node, ast.Attribute):
        return names(tree).get(text, text)
    return f"{full(tree, node.value)}.{node.attr}"


def blocking(tree):
    """A call that blocks the event loop: in a coroutine, or in a function that a coroutine calls."""
    calls, locks = defaultdict(list), defaultdict(list)
    for node in walk(tree):
        if isinstance(node, ast.Call) and not isinstance(node.parent, ast.Await | ast.Lambda):
            calls[node.inside].append(node)
        elif isinstance(node, ast.With):
            for item in node.items:
                if full(tree, item.context_expr).startswith("threading."):
                    locks[node.inside].append(item.context_expr)
    functions = {node.name: node for node in walk(tree) if isinstance(node, FUNCTIONS)}
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
    while left:
        function = left.pop()
        for lock in locks[function] if function not in seen else ():
            yield lock.lineno, "this lock blocks the event loop: asyncio.Lock"
        for call in calls[function] if function not in seen else ():
            if BLOCKS.fullmatch(full(tree, call.func)):
                yield call.lineno, f"{full(tree, call.func)} blocks the event loop: await asyncio.to_thread(...)"
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef):
                left.append(called)
        seen.add(function)


def limit(call, name="timeout"):
    """Is a time limit among the arguments?"""
    return any(k.arg == name and ast.unparse(k.value) != "None" for k in call.keywords)


def limited(tree, call, below=()):
    """Has the call a limit, or what stands round it: `asyncio.timeout`, `wait_for`, or each call of its function?"""
    node = call
    while not limit(call) and node.inside:
        node = node.parent
        if waits(tree, node) and given(node, 1):
            return True
        for item in node.items if isinstance(node, ast.AsyncWith) else ():
            made = item.context_expr
            if isinstance(made, ast.Call) and full(tree, made.func) == "asyncio.timeout" and given(made, 0):
                return True
    function = call.inside
    if limit(call) or function is None or function in below:
        return limit(call)
    calls = calls_of(tree)[getattr(function, "name", "")]
    return bool(calls) and all(limited(tree, c, (*below, function)) for c in calls)


def calls_of(tree):
    """Where each function of the module is called, by its name or as a method of self."""
    if not hasattr(tree, "calls"):
        tree.calls = defaultdict(list)
        for node in walk(tree):
            if isinstance(node, ast.Call):
                tree.calls[ast.unparse(node.func).removeprefix("self.")].append(node)
    return tree.calls


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    calls = [node for node in walk(tree) if isinstance(node, ast.Call)]
    kept, requests = {value: ast.unparse(target) for target, value in bound(tree)}, defaultdict(list)
    for call in calls:
        if re.fullmatch(r"aiohttp\.ClientSession\.(get|post|request)", full(tree, call.func)):
            requests[ast.unparse(call.func.value)].append(call)
    loose = {name for name, uses in requests.items() if not all(limited(tree, use) for use in uses)}
    for call in calls:
        name = full(tree, call.func)
        if ASKS.fullmatch(name) and not (limited(tree, call) if name.startswith("asyncio") else limit(call)):
            if not (name.startswith("socket") and len(call.args) > 1):
                yield call.lineno, f"{name} waits for ever: give it a timeout"
        elif name == "aiohttp.ClientTimeout" and not limit(call, "total"):
            yield call.lineno, "without total, an answer that drips goes on for ever"
        elif name == "aiohttp.ClientSession" and not limit(call):
            if kept.get(call) not in requests or kept[call] in loose:
                yield call.lineno, "this session waits 300 s: timeout=aiohttp.ClientTimeout(total=...)"


def touched(tree):
    """What functions do with each name and attribute: method names, and "[]=", "del", "+=", "=", "len"."""
    words = defaultdict(set)
    for node in walk(tree):
        if getattr(node.inside, "name", "start") in ("start", "__init__"):
            continue
        store = isinstance(getattr(node, "ctx", None), ast.Store)
        if isinstance(node, ast.Attribute):
            inner = node.value.value if isinstance(node.value, ast.Subscript) and node.attr in GROWS else node.value
            words[ast.unparse(inner)].add(node.attr)
        if isinstance(node, ast.Subscript):
            cut = isinstance(node.ctx, ast.Del) or (store and isinstance(node.slice, ast.Slice))
            words[ast.unparse(node.value)].add("del" if cut else "[]=" if store else "[]")
        elif store:
            words[ast.unparse(node)].add("+=" if isinstance(node.parent, ast.AugAssign) else "=")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "len" and isinstance(node.parent, ast.Compare):
            words[ast.unparse(node.args[0])].add("len")
    return words


def grows(tree):
    """A container that lives on, and only grows."""
    for node in walk(tree):
        if isinstance(node, FUNCTIONS) and "maxsize=None" in " ".join(map(ast.unparse, node.decorator_list)):
            yield node.decorator_list[0].lineno, "this keeps an entry for each argument: give it a maxsize"
    words = touched(tree)
    for target, value in bound(tree):
        if target.inside and not (isinstance(target, ast.Attribute) and target.inside.name in ("__init__", "start")):
            continue
        kind = full(tree, value.func) if isinstance(value, ast.Call) else type(value).__name__.lower()
        sizes = [ast.unparse(size) for size in value.args + [k.value for k in value.keywords]] if "." in kind else []
        queue = QUEUES.fullmatch(kind) and set(sizes) <= {"0"}
        container = CONTAINERS.fullmatch(kind) and not getattr(value, "keys", 0) and not getattr(value, "elts", 0)
        did = words[ast.unparse(target)]
        if (queue or container) and did & GROWS and not did & ({"len", "="} if queue else SHRINKS | {"len", "="}):
            yield value.lineno, f"{ast.unparse(target)} only grows: give it a bound, or remove what is done with"


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    ends = defaultdict(set)
    for node in walk(tree):
        if isinstance(node, ast.Try):
            ends[node.inside] |= {ast.unparse(part) for end in node.finalbody for part in ast.walk(end)}
        elif isinstance(node, ast.Return | ast.withitem):
            ends[node.inside].add(ast.unparse(getattr(node, "context_expr", None) or node.value or node))
    taken = [(t, value) for t, value in bound(tree) if isinstance(t, ast.Name) and not isinstance(t.parent, ast.withitem)]
    for node in walk(tree):
        if isinstance(node, ast.Await) and isinstance(node.parent, ast.Expr) and isinstance(node.value, ast.Call):
            taken.append((getattr(node.value.func, "value", node), node.value))
    for target, value in taken:
        if isinstance(value, ast.Call) and TAKES.fullmatch(full(tree, value.func)):
            if value.inside and ast.unparse(target) not in ends[value.inside]:
                yield value.lineno, f"{ast.unparse(target)} is not given back on each way out: with, or try and finally"


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}
MUTED = re.compile(r"#\s*noqa:\s*((?:BF\d+[,\s]*)+)-\s*\w")


def gate(before, after):
    """The findings that stop a change: those whose line's text did not stand there before, or not so often."""
    stops = []
    for path, source in after.items():
        known = Counter((finding.code, text) for finding, text in findings(path, before.get(path, "")))
        for finding, text in findings(path, source):
            known[finding.code, text] -= 1
            muted = MUTED.search(text)
            if known[finding.code, text] < 0 and not (muted and finding.code in muted[1]):
                stops.append(finding)
    return stops


def findings(path, source):
    """All findings in a file, each with the text of its line."""
    tree, lines = ast.parse(source), source.split("\n")
    for code, rule in RULES.items():
        for line, told in rule(tree):
            yield Finding(path, line, code, told), lines[line - 1].strip()


RUNBOOK = """
Orders fail. Ask first, then act: three causes look alike on the page, and only one of them is cured by a restart.

```operator
page error_rate > 0.2 for 2 s
step well
expect error_rate < 0.05 for 0 s within 0.5 s
done
step market
expect offered > 40 for 0 s within 0.5 s
else goto store
```

The market asks for more than the bank takes. Refuse it, empty the queue, and let it in again when it has stopped.

```operator
step refuse
do shed 1 client market
do restart payments
expect offered < 40 for 1 s within 25 s
then shed 0 client market
undo shed 0 client market
step again
expect error_rate < 0.1 for 2 s within 6 s
done
else goto bank
```

No order reaches payments: the store does not confirm them. The change is taken back; payments has nothing to do with it.

```operator
step store
expect rate(orders->payments) < 1 for 0 s within 0.5 s
else goto bank
step replica
do set store SYNC 0
expect error_rate < 0.1 for 2 s within 8 s
done
```

The bank. Is it back? While it stands, a restart only empties a queue that fills again. Then nobody waits for what is queued.

```operator
step bank
expect rate(payments->bank) > 15 for 1 s within 30 s
step empty
do restart payments
expect error_rate < 0.1 for 2 s within 10 s
done
```
"""
