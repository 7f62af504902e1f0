"""How a price is signed: a checksum in plain Python, then a keyed hash in C. Given to the repair; not part of it.

How long each half computes is set by the lab, and live it is stood in for: fold() holds the interpreter lock, slice by
slice, and stretch() lets it go, but neither heats a core. So two worker processes do twice what one does on any machine,
however busy it is. What comes out depends on the text and the key alone.
"""

from __future__ import annotations

import ctypes
import hmac
import time
from dataclasses import dataclass

from labs.kit import work

MODULUS = 2_147_483_647
SLICE_S = 0.005
"""The interpreter's switch interval: what computes gives the lock up this often, if another thread wants it."""


@dataclass(frozen=True)
class Key:
    """What a signature is made with: the shop's secret, and the CPU time of each half in milliseconds."""

    secret: bytes
    fold_ms: float
    stretch_ms: float


def fold(text: str, key: Key) -> str:
    """The first half: a checksum of the text in plain Python. Takes `key.fold_ms`, with the interpreter lock held."""
    total = 7
    for letter in text:
        total = (total * 31 + ord(letter)) % MODULUS
    _compute(key.fold_ms / 1000, with_lock=True)
    return f"{text} {total}"


def stretch(folded: str, key: Key) -> str:
    """The second half: a keyed hash in C, in hex. Takes `key.stretch_ms`, without the interpreter lock."""
    _compute(key.stretch_ms / 1000, with_lock=False)
    return hmac.new(key.secret, folded.encode(), "sha256").hexdigest()


def _compute(seconds: float, *, with_lock: bool) -> None:
    """Take as long as a computation of so many seconds, with the interpreter lock or without it."""
    if work.charged(seconds, holds_interpreter=with_lock):
        return
    if not with_lock:
        time.sleep(seconds)
        return
    # Slices are counted, not the clock: time in which another thread has the lock is not time in which this one computes.
    usleep = ctypes.PyDLL(None).usleep  # PyDLL, unlike CDLL, keeps the lock during the call
    for _ in range(int(seconds / SLICE_S)):
        usleep(round(SLICE_S * 1_000_000))
    usleep(round(seconds % SLICE_S * 1_000_000))


def signature(text: str, secret: bytes) -> str:
    """What `stretch(fold(text, key), key)` must give, in no time: for those who check answers."""
    return stretch(fold(text, Key(secret, 0, 0)), Key(secret, 0, 0))
