"""Whether a repair has changed what is not its own: the constants, functions and classes of the lab and of the kit.

A lab's conventions (what a line costs, how large a page is) are in the process that runs the repair. Who changes them there
repairs nothing. As all that a host says of itself, this counts only against it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

PLAIN = (int, float, str, bytes, bool, tuple, frozenset)


def belongings(app: str) -> dict[str, Any]:
    """The constants, functions, classes and methods of all loaded modules of `labs` and of the package of the service `app`,
    by their names."""
    ours = ("labs", app.partition(".")[0])
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in ours]
    return {name: value for module in modules for name, value in _of(module.__name__, vars(module), module.__name__)}


def changed(before: dict[str, Any], now: dict[str, Any]) -> str:
    """The name of something that is no longer what it was; "" if all is."""
    for name, value in before.items():
        other = now.get(name)
        if other is not value and not (type(value) in PLAIN and type(other) is type(value) and other == value):
            return name
    return ""


def _of(prefix: str, held: Any, module: str, depth: int = 2) -> Iterator[tuple[str, Any]]:
    for name, value in list(held.items()):
        if isinstance(value, FunctionType) or (name.isupper() and type(value) in PLAIN):
            yield f"{prefix}.{name}", value
        elif depth > 1 and isinstance(value, type) and value.__module__ == module:
            yield f"{prefix}.{name}", value
            yield from _of(f"{prefix}.{name}", vars(value), module, depth - 1)
