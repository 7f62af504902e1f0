"""The runbook that is handed in beside a repair: from the cell `%%runbook`, as the constant RUNBOOK at the end of fix.py.

Learner and grader share this module, so both judge the same text. Nothing here executes code.
"""

from __future__ import annotations

import ast

from labs.kit.judging.fix_cell import cut_magic
from labs.kit.model.lab import BROKEN, Fix, Lab
from labs.kit.model.parsing import parsed

NAME = "RUNBOOK"
FORM = f'{NAME} = """..."""'
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def cut_runbook(cell_source: str) -> str:
    """The text of a runbook cell: what stands below its `%%runbook` line, or all of it if there is none."""
    body = cut_magic("runbook", cell_source)
    return cell_source.replace("\r\n", "\n").replace("\r", "\n") if body is None else body


def as_cell(text: str) -> str:
    """The text of the cell for a runbook."""
    return "%%runbook\n" + text.strip("\n")


def joined(source: str, text: str) -> str:
    """A repair with its runbook: what is judged. The constant is the last line; a blank runbook is none."""
    if not text.strip():
        return source
    return source + "\n" * (not source.endswith("\n")) + f"\n{NAME} = {text.strip(chr(10))!r}\n"


def parted(source: str) -> tuple[str, str]:
    """The repair without its runbook, and the runbook's text; "" if there is none that can be cut out as it was put in."""
    lines = source.split("\n")
    try:
        body = parsed(source).body
    except _UNREADABLE:
        last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
        try:
            body = parsed(lines[last]).body
        except _UNREADABLE:
            return source, ""
        first, end = last, last + 1
    else:
        first, end = (body[-1].lineno - 1, body[-1].end_lineno or 0) if body else (0, 0)
    match body[-1:]:
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text)))] if name == NAME:
            rest = "\n".join([*lines[:first], *lines[end:]]).rstrip("\n")
            return rest + "\n" * bool(rest), text.strip("\n")
    return source, ""


def alone(lab: Lab, fix: Fix) -> Fix:
    """The repair without the runbook that is handed in with it, for a run without an operator or with another one."""
    return Fix(fix.name, parted(fix.source)[0]) if lab.runbook_graded else fix


def given_runbook(lab: Lab) -> str:
    """The text of the runbook that comes with the broken code."""
    return parted(lab.fix(BROKEN).source)[1]
