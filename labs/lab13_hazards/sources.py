"""Sources that a linter meets sooner or later: modules of the standard library, unusual syntax, a long module."""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Iterator
from pathlib import Path

from labs.lab13_hazards.twins import secret

LONG = "a module of 3,000 lines"
STANDARD = (
    "argparse", "ast", "bdb", "cgitb", "codecs", "configparser", "contextlib", "copy", "csv", "dataclasses", "enum",
    "fractions", "ftplib", "functools", "heapq", "http.client", "imaplib", "inspect", "queue", "sched", "selectors", "shutil",
    "smtplib", "socketserver", "string", "subprocess", "tempfile", "textwrap", "threading", "zipfile",
)  # fmt: skip
"""Of these, those that this Python has."""
UNUSUAL = {
    "an empty file": "",
    "calls of calls": "table = {}\nasync def f():\n    table['a']()()[0]().b()\n    (lambda: 1)()\n    (await g())()\n",
    "imports of all kinds": "from . import a\nfrom .. import b as c\nfrom .d import e\nfrom os.path import *\nimport os.path\n",
    "functions in a circle": "def a():\n    return b()\ndef b():\n    return a()\nasync def c():\n    return a()\n",
    "a method in a circle": "class A:\n    async def run(self):\n        return self.step()\n    def step(self):\n        return self.step()\n",
    "match": "def f(x):\n    match x:\n        case {'a': [*_, y], **rest}:\n            return y, rest\n        case str() | None:\n            return x\n",
    "a walrus": "async def f(q):\n    while (item := await q.get()) is not None:\n        print(f'{item!r:>{10}}')\n",
    "coroutines in coroutines": "async def f(xs):\n    async def g():\n        return [y async for y in xs if await h(y)]\n    return await g()\n",
    "targets of all kinds": "a = b, *c = [1, 2]\nd: int\ne: dict = {}\n(f := 1)\nfor a, (b, e['x']) in []: pass\nwith open('x') as (g, h): pass\n",
    "groups of exceptions": "async def f():\n    try:\n        await g()\n    except* (OSError, ValueError) as error:\n        raise\n",
    "arguments of all kinds": "def f(a, /, b=[], *c, d={}, **e): return f(*c, **e)\nasync def g(*, a=None): return f(**{'timeout': 1})\n",
    "a class in a function": "def f():\n    global CACHE\n    CACHE = {}\n    class A:\n        rows = []\n        def g(self):\n            nonlocal_ = self.rows\n    return A\n",
    "type parameters": "type Pair[T] = tuple[T, T]\ndef f[T](x: T) -> T:\n    return x\nclass A[T]:\n    pass\n",
}


def all_of(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Name and source of each; what this Python cannot parse is left out."""
    for name in STANDARD:
        path = Path(os.__file__).parent / f"{name.replace('.', '/')}.py"
        if path.is_file():
            yield f"the module {name}", path.read_text(encoding="utf-8")
    for name, source in UNUSUAL.items():
        try:
            ast.parse(source)
        except SyntaxError:
            continue
        yield name, source
    yield LONG, long_module(rng)


def long_module(rng: random.Random) -> str:
    """Three hundred functions of eight lines; each calls the next, and a coroutine in a hundred calls the first of its hundred."""
    named = [secret(rng) for _ in range(300)]
    parts = []
    for number, name in enumerate(named):
        following = named[number + 1] if number % 50 < 49 else "print"
        parts.append(
            f"{'async ' if number % 100 == 0 else ''}def {name}(orders, prices):\n"
            "    total = 0\n"
            "    for order in orders:\n"
            "        price = prices.get(order.name, 0)\n"
            "        if price > 10 and order.count:\n"
            "            total += price * order.count\n"
            f"    {following}(orders, prices)\n"
            "    return {'total': total, 'orders': len(orders)}\n\n\n"
        )
    return "".join(parts)
