"""The model: a dot product of NumPy over a batch of records, with a cost that the lab sets. Given to the repair.

A call costs FIXED_S, however many records it has, and ITEM_S for each. Scores are whole numbers, exact in float32, so that
they are the same on every machine and in any batch.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import FrameType

import numpy as np

from labs.kit import names, work

VALUES = 480
"""Numbers in a record."""
RECORD_BYTES = 4 * VALUES
FIXED_S, ITEM_S, REFUSED_S = 0.020, 0.0002, 0.001
"""What a call costs, what each record of it costs, and what a call costs that fails because the model is being reset."""
TEXT = "a record is text, not float32"
LENGTH = f"a record has not {VALUES} values"
FINITE = "a record has a value that is not finite"
REASONS = (TEXT, LENGTH, FINITE)
RESETTING = "the model is being reset"
NO_LINE = "predict() itself, called in another thread (asyncio.to_thread, an executor)"
RECORDS = ", records"
"""After the lines of a call, in the counts by line: so many records it had."""
CORES = 2
_cores = threading.BoundedSemaphore(CORES)


def weights(version: int) -> np.ndarray:
    """The weights of a version of the model: VALUES whole numbers from 1 to 7, as float32."""
    drawn = np.frombuffer(hashlib.shake_128(f"model {version}".encode()).digest(VALUES), dtype=np.uint8)
    return (1 + drawn % 7).astype(np.float32)


def matrix(payloads: Sequence[object]) -> np.ndarray:
    """The records as rows of float32, shape (len(payloads), VALUES). Raises ValueError: the first reason found."""
    for payload in payloads:
        if not isinstance(payload, bytes):
            raise ValueError(TEXT)
        if len(payload) != RECORD_BYTES:
            raise ValueError(LENGTH)
    if not payloads:
        return np.empty((0, VALUES), dtype=np.float32)
    rows = np.frombuffer(b"".join(payloads), dtype=np.float32).reshape(len(payloads), VALUES)  # type: ignore[arg-type]
    if not np.isfinite(rows).all():
        raise ValueError(FINITE)
    return rows


def reason(payload: object) -> str:
    """What the model says of a record alone, "" if it can be scored."""
    try:
        matrix([payload])
    except ValueError as error:
        return str(error)
    return ""


class Model:
    """One version of the model. `resetting` tells whether its accelerator is being reset at this moment.

    Once, at a moment of which `pairs` is true, it is being reset at the call that follows a refused batch, if that call has
    one record: for this call alone.

    `calls` and `items` count what was scored; `lines` the calls by the lines of the repair that led to them.
    """

    def __init__(
        self,
        version: int,
        resetting: Callable[[], bool] = lambda: False,
        lines: Counter[str] | None = None,
        pairs: Callable[[], bool] = lambda: False,
    ) -> None:
        self._weights = weights(version)
        self._resetting = resetting
        self._lines: Counter[str] = Counter() if lines is None else lines
        self._pairs = pairs
        self._refused_last = self._paired = False
        self.calls = self.items = 0

    def predict(self, payloads: Sequence[bytes]) -> list[int]:
        """The score of each record, in order. Computes without the interpreter lock, and blocks its thread meanwhile.

        Raises:
            ValueError: the model refuses the batch because of one record or more. It does not say which; of a batch of one
                record, the text is the reason.
            ConnectionError: the model is being reset. No record is at fault.
        """
        site = call_site()
        self._lines[site] += 1
        if self._resetting() or self._meets_pair(len(payloads)):
            _compute(REFUSED_S)
            raise ConnectionError(RESETTING)
        _compute(FIXED_S)
        try:
            rows = matrix(payloads)
        except ValueError:
            self._refused_last = len(payloads) > 1
            raise
        _compute(ITEM_S * len(payloads))
        self.calls += 1
        self.items += len(payloads)
        self._lines[f"{site}{RECORDS}"] += len(payloads)
        return [int(score) for score in rows @ self._weights]

    def _meets_pair(self, records: int) -> bool:
        after, self._refused_last = self._refused_last, False
        if self._paired or not after or records != 1 or not self._pairs():
            return False
        self._paired = True
        return True


def call_site() -> str:
    """The last two lines of the repair on this thread, outermost first: "fix.py:34 > fix.py:19"; without any, NO_LINE."""
    lines = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == names.FIX_FILE:
            lines.append(f"{names.FIX_FILE}:{frame.f_lineno}")
        frame = frame.f_back
    return " > ".join(reversed(lines[-2:])) or NO_LINE


def _compute(seconds: float) -> None:
    """Compute on one of the service's cores, without the interpreter lock, as NumPy does.

    Simulated, the time is charged. Live it is stood in for: the core is taken for as long, and no core of the machine is
    heated, so that the numbers are alike on every machine.
    """
    if seconds <= 0 or work.charged(seconds, holds_interpreter=False):
        return
    with _cores:
        time.sleep(seconds)
