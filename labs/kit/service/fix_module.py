"""The code under repair as a module, and the message of its process at the end."""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from types import ModuleType

from labs.kit.model.names import FIX_FILE

_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def load_module(source: str) -> ModuleType:
    """The code under repair as a module called `fix`, unchanged. Raises whatever the code raises."""
    module = ModuleType("fix")
    module.__file__ = FIX_FILE
    sys.modules["fix"] = module  # so that a process pool finds its functions
    show_lines(source)
    exec(compile(source, FIX_FILE, "exec"), module.__dict__)  # noqa: S102 - this process exists to run it
    return module


def show_lines(source: str) -> None:
    """Let tracebacks show the lines of the repair, which has no file here."""
    linecache.cache[FIX_FILE] = (len(source), None, source.splitlines(keepends=True), FIX_FILE)


def last_words(error: BaseException) -> tuple[str, int | None]:
    """The exception in one line without addresses, and the last line of the repair in its traceback."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == FIX_FILE]
    line = lines[-1] if lines else None
    if isinstance(error, SyntaxError) and error.filename == FIX_FILE:
        line = error.lineno
    text = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    return _ADDRESS.sub("0x...", text[:500]), line
