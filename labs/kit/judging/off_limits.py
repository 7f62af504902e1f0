"""What a repair may not import: its judge, the worlds that it runs in, and the course's own repairs.

No repair has a use for them. Who hides the name passes here and meets what does not depend on names: the judge's own
witnesses (docs/simulated-world.md), and the sandbox.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_OFF_LIMITS = re.compile(r"(labs\.kit\.(worlds|judging)|labs\.lab\d\d_\w+\.(fixes|checks)|grader)(\.|$)")


def off_limits(source: str) -> tuple[int, str] | None:
    """The first import of what is off limits: its line and the module's name. A name in a string counts, docstrings apart.

    None if there is no such import, or if the source is not Python, which its run tells.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = ((line, name) for line, name in _named(tree) if _OFF_LIMITS.match(name))
    return min(found, default=None)


def _named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """All that the source may import, each with its line."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value if "." in node.value else ""
