"""The output of a host: signals up to a bound, and all printed text as log lines."""

from __future__ import annotations

import faulthandler
import io
from collections.abc import Callable
from typing import Any, TextIO

from labs.kit.service.telemetry import Signals

LONGEST_LINE = 60_000
LONGEST_PRINT = 1_500


def limited(send: Callable[[bytes], None], most_lines: int, most_bytes: int) -> Callable[[bytes], None]:
    """`send` with a limit for one run. The rest is dropped: a repair that logs without end loses its log, not points."""
    lines = size = 0

    def send_within_bounds(line: bytes) -> None:
        nonlocal lines, size
        if len(line) > LONGEST_LINE or lines >= most_lines or size + len(line) > most_bytes:
            return
        lines += 1
        size += len(line)
        send(line)

    return send_within_bounds


def stream(signals: Signals, name: str) -> TextIO:
    """A text stream, for sys.stdout or sys.stderr, whose lines become log rows."""
    lines: Any = _Lines(signals, name)
    return io.TextIOWrapper(lines, encoding="utf-8", errors="backslashreplace", write_through=True)


def quiet_faulthandler() -> None:
    """Have faulthandler's calls do nothing: it writes to a descriptor, and the streams of a service have none.

    Who ended and who hangs is told by the judge, who sees it from outside.
    """
    module: Any = faulthandler
    enabled = False

    def enable(*args: Any, **kwargs: Any) -> None:
        nonlocal enabled
        enabled = True

    def disable() -> bool:
        nonlocal enabled
        was, enabled = enabled, False
        return was

    module.enable, module.disable, module.is_enabled = enable, disable, lambda: enabled
    for name in ("dump_traceback", "dump_traceback_later", "cancel_dump_traceback_later", "register"):
        setattr(module, name, lambda *args, **kwargs: None)
    module.unregister = lambda signum: False


class _Lines(io.RawIOBase):
    """The bytes of a stream, cut into lines."""

    def __init__(self, signals: Signals, name: str) -> None:
        self.signals = signals
        self.stream_name = name
        self.pending = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        *lines, rest = (self.pending + bytes(data)).split(b"\n")
        self.pending = rest[:LONGEST_PRINT]  # the rest of a longer line is not kept
        for line in lines:
            self.signals.log.info("print", text=line[:LONGEST_PRINT].decode("utf-8", "replace"), stream=self.stream_name)
        return len(data)
