"""What the simulated world cannot carry: each call is refused by name, and the judge is told.

A refused call makes the verdict `unsupported`, never an unfair `fail`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

REFUSED: dict[str, tuple[str, ...]] = {
    "os": (
        "fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp", "abort", "kill", "killpg",
        "execv", "execve", "execvp", "execvpe", "execl", "execle", "execlp", "execlpe",
    ),
    "subprocess": ("Popen",),
    "signal": ("signal", "setitimer", "alarm", "pthread_kill", "sigwait", "pause"),
    "multiprocessing": ("Process", "Pool", "Manager", "Queue", "Pipe"),
    "asyncio": ("create_subprocess_exec", "create_subprocess_shell"),
}  # fmt: skip
"""Module -> the calls that are refused in it."""

HIDDEN_MODULES = ("_socket", "_posixsubprocess", "_multiprocessing")
"""C modules under the replaced ones; reaching for them goes round the simulated world."""


class Unsupported(RuntimeError):
    """The simulated world cannot carry this call."""


def install(tell: Callable[[str], None]) -> None:
    """Refuse the calls of REFUSED. `tell` is given the name of each that is tried."""

    def refuse(name: str) -> Callable[..., Any]:
        def refused(*args: Any, **kwargs: Any) -> Any:
            tell(name)
            raise Unsupported(f"{name} cannot be carried by the simulated world; run this repair in the live world")

        refused.__name__ = refused.__qualname__ = name.rpartition(".")[2]
        return refused

    for module_name, calls in REFUSED.items():
        module = sys.modules.get(module_name) or __import__(module_name)
        for call in calls:
            if hasattr(module, call):
                setattr(module, call, refuse(f"{module_name}.{call}"))

    class Hidden(ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return refuse(f"{self.__name__}.{name}")()

    for module_name in HIDDEN_MODULES:
        sys.modules[module_name] = Hidden(module_name)
