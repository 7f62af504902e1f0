"""Steps counted: how often a render() calls height(). Runs the code in a process of its own, for it may be anybody's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from labs import ROOT

LINES = (5, 10, 20, 40)
LONGEST_S = 120.0
"""A busy machine takes long to start a process; only a render() without end takes longer."""


def heights(source: str, lines: Sequence[int] = LINES) -> list[int] | None:
    """Calls of height() that the render() in `source` makes for orders of so many lines; None if it cannot be told."""
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "labs.lab08_workers.counting"],
            input=json.dumps({"source": source, "lines": list(lines)}),
            capture_output=True, text=True, timeout=LONGEST_S, cwd=ROOT, check=False,
        )  # fmt: skip
        return [int(calls) for calls in json.loads(ended.stdout.splitlines()[-1])]
    except (subprocess.TimeoutExpired, ValueError, IndexError, TypeError):
        return None


def count(source: str, lines: Sequence[int]) -> list[int]:
    """Import `source` as a module and render an order of each length, height() counted, and all computing made free."""
    from labs.lab08_workers import rendering

    calls = 0
    free: Any = rendering
    free._compute = lambda seconds, at_least=0.0: None
    real = rendering.height

    def counted(line: str) -> int:
        nonlocal calls
        calls += 1
        return real(line)

    free.height = counted
    module = ModuleType("fix")
    exec(compile(source, "fix.py", "exec"), module.__dict__)  # noqa: S102 - in a process of its own
    found = []
    for length in lines:
        before = calls
        module.render("order-0", [f"{number} x tea, no. {length} {number}" for number in range(length)])
        found.append(calls - before)
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps(count(asked["source"], asked["lines"])))
