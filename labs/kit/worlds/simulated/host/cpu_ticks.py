"""Charges virtual CPU time for plain Python in the repair, by ticks compiled into its syntax tree.

The ticks are coarse on purpose: one per function call, loop turn or comprehension item, weighted by the statements it runs.
Measured CPU time is never used, because it does not repeat. TICKS_A_CHARGE ticks are charged together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType
from typing import Any

from labs.kit.worlds.simulated.host.kernel import Kernel
from labs.kit.worlds.simulated.wire import SLICE_NS

TICK_NS = 60
"""The cost of one statement. CPython 3.11 runs simple statements in 20 to 100 ns on hardware of the 2020s."""
TICKS_A_CHARGE = 1_000
TICK = "__tick__"


class _Ticker(ast.NodeTransformer):
    def _tick(self, weight: int, at: ast.AST) -> ast.Call:
        call = ast.Call(ast.Name(TICK, ast.Load()), [ast.Constant(weight)], [])
        return ast.fix_missing_locations(ast.copy_location(call, at))

    def _with_tick(self, body: list[ast.stmt]) -> list[ast.stmt]:
        first = body[0]
        docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        at = 1 if docstring else 0
        tick = ast.copy_location(ast.Expr(self._tick(len(body), first)), first)
        return [*body[:at], tick, *body[at:]]

    def _block(self, node: Any) -> Any:
        self.generic_visit(node)
        node.body = self._with_tick(node.body)
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_For = visit_AsyncFor = visit_While = _block

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        node.ifs.insert(0, self._tick(1, node.iter))
        return node


def compile_with_ticks(source: str, filename: str) -> CodeType:
    """Compile `source` with calls to `__tick__(weight)`, which must return True. Raises SyntaxError or ValueError."""
    tree = _Ticker().visit(ast.parse(source, filename))
    # Without dont_inherit the repair would be compiled under this module's `from __future__ import annotations`.
    return compile(tree, filename, "exec", dont_inherit=True)


def counter(kernel: Kernel, most_ns: int, on_endless: Callable[[], None]) -> Callable[[int], bool]:
    """The `__tick__` of one host: adds up ticks, charges virtual CPU time for them, and detects an endless loop.

    After every 5 ms of CPU time it lets the other threads of its interpreter run, as the interpreter's own switch does.
    `on_endless` is called when the thread that made the counter, the event loop's, has computed for `most_ns` without
    one turn of the loop: an endless loop, or as good as one.
    """
    ticks = unswitched = since_turn = turns = 0
    loop_thread = kernel.current

    def charge(ns: int) -> None:
        nonlocal unswitched, since_turn, turns
        if kernel.current is loop_thread:
            since_turn = ns if kernel.turns != turns else since_turn + ns
            turns = kernel.turns
            if since_turn > most_ns:
                on_endless()
        unswitched += ns
        if unswitched >= SLICE_NS:
            unswitched = 0
            kernel.cpu(ns)
        else:
            kernel.cpu(ns, give_way=False)

    def tick(weight: int) -> bool:
        nonlocal ticks
        ticks += weight
        if ticks >= TICKS_A_CHARGE:
            due, ticks = ticks, 0
            charge(due * TICK_NS)
        return True

    return tick
