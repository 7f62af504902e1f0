"""Sources that a linter meets sooner or later: modules of the standard library, unusual syntax, a long module."""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Iterator
from pathlib import Path

from labs.lab13_hazards.neighbours import UNUSUAL
from labs.lab13_hazards.snippets import blocks
from labs.lab13_hazards.twins import secret

LONG, FILES, SESSIONS, ONE_NAME = (
    "a module of 3,000 lines", "a function that opens 300 files", "300 methods with a session each",
    "a name bound 1,000 times",
)  # fmt: skip
SHAPES = (LONG, FILES, SESSIONS, ONE_NAME)
"""Sources that are long in one way each: a rule may take so long for each thing, and no longer for each pair of them."""
STANDARD = (
    "bdb", "codecs", "configparser", "contextlib", "csv", "dataclasses", "ftplib", "functools", "http/client", "queue",
    "shutil", "smtplib", "socketserver", "string", "textwrap", "threading",
)  # fmt: skip
"""Of these, those that this Python has."""


def all_of(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Name and source of each; what this Python cannot parse is left out."""
    for name in STANDARD:
        path = Path(os.__file__).parent / f"{name}.py"
        if path.is_file():
            yield f"the module {name}", path.read_text(encoding="utf-8")
    for name, lines in blocks(UNUSUAL):
        source = "\n".join(lines) + "\n"
        try:
            ast.parse(source)
        except SyntaxError:
            continue
        yield name, source
    yield LONG, long_module(rng)
    name, file = secret(rng), secret(rng)
    opened = (f"    {name}_{i} = open({file})\n    {name}_{i}.write('x')\n    {name}_{i}.close()\n" for i in range(300))
    yield FILES, f"def {name}({file}):\n{''.join(opened)}"
    asked = (
        f"    async def {name}_{i}(self, {file}):\n"
        f"        async with aiohttp.ClientSession() as {name}:\n"
        f"            return await {name}.get({file})\n"
        for i in range(300)
    )
    yield SESSIONS, f"import aiohttp\n\nclass {name}:\n{''.join(asked)}"
    yield ONE_NAME, f"def {name}({file}):\n" + f"    {file} = {file}\n" * 1000


def long_module(rng: random.Random, functions: int = 300) -> str:
    """Three hundred functions of eight lines. Each calls the next, fifty in a row; one in a hundred is a coroutine."""
    named = [secret(rng) for _ in range(functions)]
    parts = []
    for number, name in enumerate(named):
        following = named[number + 1] if number % 50 < 49 and number + 1 < functions else "print"
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
