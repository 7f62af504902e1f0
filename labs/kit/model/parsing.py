"""Parsing of Python sources, one at a time.

CPython 3.11 has one depth counter for all threads: parsing in two of them at once fails with "AST constructor recursion
depth mismatch" (seen twice in tables of repairs). Runs are made in threads, and each reads what its repair says.
"""

from __future__ import annotations

import ast
import threading

_one_at_a_time = threading.Lock()


def parsed(source: str) -> ast.Module:
    """The syntax tree of a source. Raises what `ast.parse` raises: SyntaxError, ValueError, RecursionError, MemoryError."""
    with _one_at_a_time:
        return ast.parse(source)
