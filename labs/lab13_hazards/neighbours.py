"""Code as text beside the twins: harmless code that stands between them, and unusual syntax."""

from __future__ import annotations

NOISE = (
    '''\
def NAME(value):
    """Never call time.sleep(1) here, nor requests.get(url): a coroutine waits for this. CACHE = {} would grow."""
    return value + 1
''',
    """\
# requests.get(url) without a timeout waits for ever; so does urlopen(url), and lock.acquire() may.
def NAME(rows):
    found = []
    for row in rows:
        found.append(row)
    return found
""",
    """\
class NAME:
    sleep = "time.sleep(1)"

    def get(self, key):
        return {"key": key}

    async def handle(self, key):
        return self.get(key)
""",
    """\
def NAME(words):
    counted = {}
    for word in words:
        counted[word] = counted.get(word, 0) + 1
    return counted
""",
    """\
async def NAME(steps, settings):
    for step in steps:
        await step.run(settings.get("limit"))
    return len(steps)
""",
    """\
class NAME:
    def __init__(self, rows):
        self.rows = {}
        for row in rows:
            self.rows[row.name] = row

    def open(self, name):
        return self.rows[name]
""",
    """\
def NAME(pages, name):
    page = pages.open(name)
    return page.title
""",
    """\
class NAME:
    def __init__(self):
        self.asked = 0
        self.names = []

    def rename(self, names):
        self.asked += 1
        self.names = list(names)
""",
)
"""Harmless code that stands between snippets. NAME becomes a secret name."""

UNUSUAL = r"""
@ an empty file

@ calls of calls
table = {}
async def f():
    table['a']()()[0]().b()
    (lambda: 1)()
    (await g())()
@ imports of all kinds
from . import a
from .. import b as c
from .d import e
from os.path import *
import os.path
b(os.path.join('x', a.e()))
@ functions in a circle
def a():
    return b()
def b():
    return a()
async def c():
    return a()
@ a method in a circle
class A:
    async def run(self):
        return self.step()
    def step(self):
        return self.step()
@ match
def f(x):
    match x:
        case {'a': [*_, y], **rest}:
            return y, rest
        case str() | None:
            return x
@ a walrus
async def f(q):
    while (item := await q.get()) is not None:
        print(f'{item!r:>{10}}')
@ coroutines in coroutines
async def f(xs):
    async def g():
        return [y async for y in xs if await h(y)]
    return await g()
@ targets of all kinds
a = b, *c = [1, 2]
d: int
e: dict = {}
(f := 1)
for a, (b, e['x']) in []: pass
with open('x') as (g, h): pass
@ groups of exceptions
async def f():
    try:
        await g()
    except* (OSError, ValueError) as error:
        raise
@ arguments of all kinds
def f(a, /, b=[], *c, d={}, **e): return f(*c, **e)
async def g(*, a=None): return f(**{'timeout': 1})
@ a class in a function
def f():
    global CACHE
    CACHE = {}
    class A:
        rows = []
        def g(self):
            nonlocal_ = self.rows
    return A
@ type parameters
type Pair[T] = tuple[T, T]
def f[T](x: T) -> T:
    return x
class A[T]:
    pass
"""
"""Syntax that a rule meets sooner or later."""
