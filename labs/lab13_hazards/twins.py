"""Twins: a short module with a hazard, and the same one after the smallest change that removes it.

Each is written as a diff. Lines that begin with "-" are in the hazardous module only, lines that begin with "+" in the
mended one, the others in both. Some are for practice, and the page shows them; the others are judged. Twins for single
clauses of the rules are apart: each of them counts.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass

from labs.lab13_hazards import clauses
from labs.lab13_hazards.neighbours import NOISE
from labs.lab13_hazards.snippets import TABLE, blocks

CODES = ("BF101", "BF102", "BF103", "BF104")
PLAIN, DRESSED = "plain", "dressed"
TOGETHER = 10
"""So many snippets stand in one dressed module."""
WRITINGS = {True: 2, False: 4}
"""So often each half for practice is written anew, the hazardous one and the mended one."""
_KEPT = {"self", "cls", "start", "stop", "main"}
_SYLLABLES = ("ba", "do", "fi", "ka", "lu", "me", "no", "pi", "ra", "so", "tu", "we")


@dataclass(frozen=True)
class Twins:
    """A pair: `code` of the rule, `about` in a few words, is it for `practice`, the two sources, and both as a diff."""

    code: str
    about: str
    practice: bool
    bad: str
    good: str
    diff: str


@dataclass(frozen=True)
class Piece:
    """One part of a module: its lines, first to last, and which pair it is of, the hazardous half or the mended one.

    A negative `pair` is harmless code between the snippets: -1 is the first of NOISE.
    """

    pair: int
    bad: bool
    first: int
    last: int


@dataclass(frozen=True)
class Module:
    """One source for the linter, with what the judge knows about it."""

    source: str
    variant: str
    pieces: tuple[Piece, ...]


def _parsed(table: str) -> Iterator[Twins]:
    for head, lines in blocks(table):
        code, half, about = head.split(" ", 2)
        bad, good = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != other) for other in "+-")
        yield Twins(code, about, half == "practice", bad, good, "\n".join(lines))


PAIRS = tuple(_parsed(TABLE))
CLAUSES = tuple(_parsed(clauses.TABLE))


def modules(rng: random.Random) -> list[Module]:
    """All pairs in both variants: each half alone, as in the table; and several together, dressed, in a random order."""
    halves = [(number, bad) for number in range(len(PAIRS)) for bad in (True, False)]
    made = [module([half], PLAIN, rng) for half in halves]
    rng.shuffle(halves)
    made += [module(halves[at : at + TOGETHER], DRESSED, rng) for at in range(0, len(halves), TOGETHER)]
    rng.shuffle(made)
    return made


def writings(rng: random.Random) -> list[tuple[int, bool, str]]:
    """The halves for practice, each written several times under other names, in a random order: number, is it the hazardous
    one, source."""
    made = [
        (number, bad, dressed(pair.bad if bad else pair.good, rng))
        for number, pair in enumerate(PAIRS)
        if pair.practice
        for bad, times in WRITINGS.items()
        for _ in range(times)
    ]
    rng.shuffle(made)
    return made


def clause_halves(rng: random.Random) -> list[tuple[int, bool, str]]:
    """Both halves of all clauses, dressed and each alone, in a random order: number, is it the hazardous one, source."""
    made = [
        (n, bad, dressed(pair.bad if bad else pair.good, rng)) for n, pair in enumerate(CLAUSES) for bad in (True, False)
    ]
    rng.shuffle(made)
    return made


def module(halves: list[tuple[int, bool]], variant: str, rng: random.Random) -> Module:
    """One module with these halves of pairs: (number of the pair, is it the hazardous one?)."""
    source, pieces = "", []

    def add(text: str, pair: int, bad: bool) -> None:
        nonlocal source
        first = source.count("\n") + 1
        source += text
        pieces.append(Piece(pair, bad, first, source.count("\n")))

    for pair, bad in halves:
        text = PAIRS[pair].bad if bad else PAIRS[pair].good
        if variant == DRESSED:
            noise = rng.randrange(len(NOISE))
            add(NOISE[noise].replace("NAME", secret(rng)) + "\n", -1 - noise, False)
            text = dressed(text, rng)
        add(text, pair, bad)
    return Module(source, variant, tuple(pieces))


def dressed(source: str, rng: random.Random) -> str:
    """The same program: secret names, imports under other names, and at times all of it inside an `if`."""
    tree = ast.parse(source)
    for change in (_Renamed(tree, rng), _Imports(tree, rng)):
        change.visit(tree)
    if rng.random() < 0.5:
        tree.body = [ast.If(ast.parse("__name__ != '__main__'", mode="eval").body, tree.body, [])]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def secret(rng: random.Random) -> str:
    """A name that nobody can know."""
    return "".join(rng.choices(_SYLLABLES, k=4)) + f"_{rng.randrange(1000)}"


class _Imports(ast.NodeTransformer):
    """`import time` becomes `import time as x` or `from time import sleep as x`, and so does what uses it."""

    def __init__(self, tree: ast.Module, rng: random.Random) -> None:
        self.rng = rng
        self.renamed: dict[str, str] = {}
        self.whole = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        self.used: dict[str, set[str]] = {name: set() for name in sorted(self.whole)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (owner := ast.unparse(node.value)) in self.whole:
                self.used[owner].add(node.attr)
        self.parts = {name for name in sorted(self.whole) if self.used[name] and ("." in name or rng.random() < 0.5)}

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for name in (alias.name for alias in node.names):
            if name in self.parts:
                names = [ast.alias(part, self._name(f"{name}.{part}")) for part in sorted(self.used[name])]
                made.append(ast.ImportFrom(name, names, 0))
            else:
                made.append(ast.Import([ast.alias(name, self._name(name))]))
        return made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        for alias in node.names:
            alias.asname = self._name(alias.name)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if ast.unparse(node.value) in self.parts:
            return ast.Name(self._name(ast.unparse(node)), node.ctx)
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.renamed.get(node.id, node.id), node.ctx)

    def _name(self, of: str) -> str:
        return self.renamed.setdefault(of, secret(self.rng))


class _Renamed(ast.NodeTransformer):
    """Functions, classes, arguments, variables and attributes that the module defines get secret names."""

    def __init__(self, tree: ast.Module, rng: random.Random) -> None:
        names: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
                names.add(node.attr)
        wanted = sorted(name for name in names - _KEPT if not name.startswith("__"))
        self.names = {name: secret(rng).upper() if name.isupper() else secret(rng) for name in wanted}

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.name = self.names.get(node.name, node.name)
        elif isinstance(node, ast.arg):
            node.arg = self.names.get(node.arg, node.arg)
        elif isinstance(node, ast.Name):
            node.id = self.names.get(node.id, node.id)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            node.attr = self.names.get(node.attr, node.attr)
        return self.generic_visit(node)
