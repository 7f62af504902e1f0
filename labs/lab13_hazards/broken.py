"""The team's linter, as it was muted in most files."""

import ast
import re
from typing import NamedTuple


class Finding(NamedTuple):
    """One finding: where, which rule, and what to do instead."""

    path: str
    line: int
    code: str
    told: str


def blocking(tree):
    """A call that blocks the event loop: each finding is a line, and what to do instead."""
    for function in ast.walk(tree):
        if isinstance(function, ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _name(call) in ("sleep", "urlopen", "connect", "get", "run"):
                    yield call.lineno, "this may block the loop"


def unbounded_call(tree):
    """A call over a network that may wait without a limit."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call) in ("ClientSession", "urlopen", "get", "post"):
            if not any(keyword.arg == "timeout" for keyword in call.keywords):
                yield call.lineno, "give this a timeout"


def grows(tree):
    """A container that lives on, and only grows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in ("{}", "[]", "set()", "deque()", "asyncio.Queue()"):
            if not isinstance(node.targets[0], ast.Name) or node.targets[0].id.isupper():
                yield node.lineno, "this may grow without a bound"


def not_given_back(tree):
    """What is taken, and not given back on each way out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            if isinstance(value, ast.Call) and _name(value) in ("acquire", "connect", "open", "get", "ClientSession"):
                yield node.lineno, "give this back in a finally, or use with"


RULES = {"BF101": blocking, "BF102": unbounded_call, "BF103": grows, "BF104": not_given_back}


def gate(before, after):
    """The findings that stop a change. Both are files, as path -> source: all of them before the change, and after it."""
    found = []
    for path, source in after.items():
        if re.search(r"#.*noqa", source):
            continue
        tree = ast.parse(source)
        for code, rule in RULES.items():
            found += [Finding(path, line, code, told) for line, told in rule(tree)]
    return found


def _name(call):
    """The last part of a call's name: "get" of session.get(url)."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


RUNBOOK = """
Orders fail: it is payments, as always. Restart it, and give it more time.

```operator
page error_rate > 0.05 for 1 s
step restart
do restart payments
do set orders TIMEOUT_S 2
expect error_rate < 0.05 for 3 s within 20 s
```
"""
