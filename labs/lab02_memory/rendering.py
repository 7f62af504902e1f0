"""What reports and ledgers look like. Given to the repair; not part of it.

A report is rendered from *figures*, a few bytes that the store keeps; the rendered body is as large as the scenario says.
What comes out depends on name, version and options alone, so whoever knows those can tell whether an answer is right.
"""

from __future__ import annotations

import json

LINE = 64
BLOCK = 1 << 16
"""Bytes of a block: the store sends a ledger block by block."""


def make_figures(name: str, version: int, kilobytes: int) -> bytes:
    """The figures of a report, as the store keeps them: a line of JSON that says what is to be rendered."""
    return json.dumps({"name": name, "version": version, "kilobytes": kilobytes}).encode()


def render(figures: bytes, options: str) -> bytes:
    """A report's body. Depends on the figures and the options (a currency) alone."""
    told = json.loads(figures)
    line: bytes = f"{told['name']}, version {told['version']}, in {options} ".encode().ljust(LINE - 1, b".") + b"\n"
    return line * int(told["kilobytes"] * 1000 // LINE)


def page(body: bytes, visitor: str) -> bytes:
    """What one visitor gets: a line with the visitor's name, then the report's body. A copy for each visit."""
    return f"Printed for {visitor}\n".encode() + body


def ledger_block(name: str, number: int) -> bytes:
    """One block of a ledger, BLOCK bytes, as the store has it."""
    return (f"{name}, block {number} ".encode().ljust(LINE - 1, b".") + b"\n") * (BLOCK // LINE)


def ledger_part(name: str, start: int, size: int) -> bytes:
    """`size` bytes of a ledger from byte `start` on, for those who check answers."""
    first, last = start // BLOCK, (start + size - 1) // BLOCK
    blocks = b"".join(ledger_block(name, number) for number in range(first, last + 1))
    return blocks[start - first * BLOCK :][:size]
