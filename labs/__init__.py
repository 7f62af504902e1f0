"""The labs of Break/Fix: one folder a lab, found by its name.

Importing this package is cheap on purpose: it loads neither the kit nor matplotlib.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.kit.model.lab import Lab
    from labs.kit.notebook.learner import Learner

__version__ = "0.1.0"

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
_LAB_FOLDER = re.compile(r"lab\d\d_[a-z0-9_]+")


class UnknownLab(ValueError):
    """No lab has that name."""


def names() -> list[str]:
    """The names of all labs, in the order of the course."""
    return sorted(p.name for p in FOLDER.iterdir() if _LAB_FOLDER.fullmatch(p.name) and (p / "__init__.py").exists())


def find(name: str) -> str:
    """The full name of the lab that `name` stands for: "lab06_retries", or just "lab06" or "retries".

    Raises:
        UnknownLab: naming the valid ones.
    """
    known = names()
    matches = [n for n in known if name in (n, *n.split("_", 1))]
    if len(matches) == 1:
        return matches[0]
    raise UnknownLab(f"unknown lab {name!r}; the labs are: {', '.join(known)}")


def load(name: str) -> Lab:
    """The lab called `name`. Raises UnknownLab."""
    lab: Lab = importlib.import_module(f"labs.{find(name)}").LAB
    return lab


def open_lab(name: str) -> Learner:
    """Open a lab in a notebook: registers `%%fix` and `%%diagnosis`, returns the learner's handle on the lab."""
    from labs.kit.notebook.learner import Learner

    return Learner.open(load(name))
