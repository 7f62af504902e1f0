"""`breakfix show`: prints a repair that ships with a lab, or only its differences from the repair that it changes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import labs
from breakfix.commands import shell
from breakfix.commands.shell import DONE

if TYPE_CHECKING:
    from labs.kit.model.lab import Lab


def show(lab_name: str, repair: str, as_diff: bool) -> int:
    """Print a repair, complete or as a difference. Returns the exit code.

    Raises:
        labs.UnknownLab, UnknownName, RepairError: before anything is printed.
    """
    lab = labs.load(lab_name)
    source = lab.fix(repair).source
    print(shell.plain(_difference(lab, repair, source) if as_diff else source), end="")
    return DONE


def _difference(lab: Lab, repair: str, source: str) -> str:
    like = lab.like(repair)
    before, after = lab.fix(like).source.splitlines(), source.splitlines()
    lines = difflib.unified_diff(before, after, f"{lab.name}/{like}", f"{lab.name}/{repair}", lineterm="")
    return "\n".join([*_said(lab, repair, source), "", *lines]) + "\n"


def _said(lab: Lab, repair: str, source: str) -> list[str]:
    """The expectations of the repair, in words."""
    from labs.kit.judging.expectations import expectations

    said = expectations(source)
    titles = {check.name: check.title for check in lab.checks}
    lines = [f"loses {name} ({titles.get(name, 'no such check')}): {_words(why)}" for name, why in said.loses.items()]
    if said.knife_edge is not None:
        lines.append(f"on a knife-edge: {said.knife_edge}")
    lines += [f"live runs may judge {name} otherwise: {why}" for name, why in said.live_may_differ.items()]
    return [f"{lab.name} {repair}", *(lines or ["says that it loses no check"])]


def _words(reason: str) -> str:
    return reason.replace("_", " ")
