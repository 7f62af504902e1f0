"""Calls that the simulated world does not support: each is refused by name, and the judge is told.

A refused call makes the verdict `unsupported`, never an unfair `fail`. A library that only probes the machine's abilities
during its import is refused too, but the judge is not told: such a library works without the call. It gets an ImportError of
a C module and an OSError of a call, as on a machine that lacks them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from labs.kit.model.names import FIX_FILE

_SPAWNS = (
    "fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp", "abort", "kill", "killpg",
    "execv", "execve", "execvp", "execvpe", "execl", "execle", "execlp", "execlpe",
)  # fmt: skip
_SIGNALS = ("setitimer", "alarm", "pthread_kill", "sigwait", "sigwaitinfo", "sigtimedwait", "pause")
_SHARED = (
    "Pool", "Manager", "Queue", "SimpleQueue", "JoinableQueue", "Pipe", "Value", "Array", "RawValue", "RawArray",
    "Lock", "Event", "Semaphore", "BoundedSemaphore", "Condition", "Barrier",
)  # fmt: skip
"""Not RLock: libraries such as tqdm try it when they are first used, and do without where an ImportError comes of it."""
_PIPES = ("subprocess_exec", "subprocess_shell", "connect_read_pipe", "connect_write_pipe")
_UNIX = ("create_unix_server", "create_unix_connection")

REFUSED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("os", "os", _SPAWNS),
    ("signal", "signal", _SIGNALS),
    ("asyncio", "asyncio", ("create_subprocess_exec", "create_subprocess_shell")),
    ("asyncio.base_events.BaseEventLoop", "loop", _PIPES),
    ("asyncio.unix_events._UnixSelectorEventLoop", "loop", _UNIX),
    ("multiprocessing", "multiprocessing", _SHARED),
    ("multiprocessing.context.BaseContext", "multiprocessing", _SHARED),
    ("multiprocessing.process.BaseProcess", "multiprocessing.Process", ("terminate", "kill")),
)
"""Module or class, its name for the judge, and its refused calls."""

ABSENT_MODULES = ("uvloop", "aiodns")
"""They bring a network of their own, so they cannot be imported here. What can do without them does; aiohttp can."""
HIDDEN_MODULES = ("_socket", "_posixsubprocess", "_multiprocessing")
"""C modules below the replaced modules; their use would bypass the simulated world."""

_tell: Callable[[str], None] | None = None


class Unsupported(RuntimeError):
    """The simulated world does not support `call`."""

    def __init__(self, call: str) -> None:
        super().__init__(f"{call} cannot be carried by the simulated world; see docs/simulated-world.md")
        self.call = call


class CannotDo(Unsupported, OSError):
    """The same, for a library that tries the call while it is imported."""


class HasNot(Unsupported, ImportError):
    """The same, for one that looks for a C module."""


def call_of(error: BaseException) -> str:
    """The call that was refused, or the module that is absent, if that is what was raised; else ""."""
    if isinstance(error, ImportError) and error.name in ABSENT_MODULES:
        return str(error.name)
    return str(getattr(error, "call", ""))


def report(call: str) -> None:
    """Tell the judge that the repair makes `call`, unless a library probes for it during its import."""
    if _tell is not None and not _importing():
        _tell(call)


def _importing() -> bool:
    """Is the caller's code in a module that is just being imported, by the repair or by another module?"""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name == FIX_FILE:
            return False
        if name.startswith("<frozen importlib"):
            return True
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return False


def refuse(call: str) -> Unsupported:
    """Report `call`, and the error to raise for it."""
    report(call)
    return CannotDo(call) if _importing() else Unsupported(call)


def refused(call: str) -> Callable[..., Any]:
    """A function that stands for `call` and refuses it."""

    def stands_for_it(*args: Any, **kwargs: Any) -> Any:
        raise refuse(call)

    stands_for_it.__name__ = stands_for_it.__qualname__ = call.rpartition(".")[2]
    return stands_for_it


class _Hidden(ModuleType):
    """Replaces a C module in sys.modules: it can be imported, but has no attributes."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        call = f"{self.__name__}.{name}"
        report(call)
        raise HasNot(call) if _importing() else Unsupported(call)


def install(tell: Callable[[str], None]) -> None:
    """Refuse the calls of REFUSED from now on. `tell` is called with the name of each call that is tried."""
    global _tell
    _tell = tell
    for owner, label, calls in REFUSED:
        target = _find(owner)
        for call in calls:
            if hasattr(target, call):
                setattr(target, call, refused(f"{label}.{call}"))
    _refuse_popen()
    for name in HIDDEN_MODULES:
        sys.modules[name] = _Hidden(name)


def _find(owner: str) -> Any:
    """A module, or a class in one, by its dotted name."""
    try:
        return importlib.import_module(owner)
    except ModuleNotFoundError:
        module, _, name = owner.rpartition(".")
        return getattr(importlib.import_module(module), name, None)


def _refuse_popen() -> None:
    import subprocess

    class Popen(subprocess.Popen):  # type: ignore[type-arg]  # still a class: libraries derive from it when imported
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._child_created = False  # its __del__ asks
            raise refuse("subprocess.Popen")

    subprocess.Popen = Popen  # type: ignore[misc]
