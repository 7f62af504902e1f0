"""What a learner may call on a lab beyond the kit's own actions, and how bad input is answered: in one line."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from labs.kit.model.lab import Lab
from labs.kit.notebook.errors import one_line_errors


def extras(lab: Lab) -> dict[str, Callable[..., Any]]:
    """The lab's own actions: the public functions of its `extras.py`, if it has one, whose first argument is `learner`."""
    name = f"labs.{lab.name}.extras"
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        return {}
    functions = inspect.getmembers(importlib.import_module(name), inspect.isfunction)
    return {
        n: f for n, f in functions if not n.startswith("_") and next(iter(inspect.signature(f).parameters), "") == "learner"
    }


def bound(function: Callable[..., Any], learner: object) -> Callable[..., Any]:
    """`function` with its first argument given, and its errors in one line."""

    @wraps(function)
    def action(*args: Any, **kwargs: Any) -> Any:
        with one_line_errors():
            return function(learner, *args, **kwargs)

    return action
