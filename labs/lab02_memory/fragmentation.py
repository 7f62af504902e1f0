"""What a process gives back to the system when it frees: many small objects, and a few large ones.

    python labs/lab02_memory/fragmentation.py

Prints one line of JSON: [[what, MB before, MB with it, MB after it was freed], ...]. A process of its own, so that nothing
that was there before has holes to offer.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import psutil

SMALL, SMALL_BYTES = 1_500_000, 64
LARGE, LARGE_BYTES = 480, 200_000
ONE_IN = 200
MB = 1_000_000


def resident_mb() -> float:
    """Memory of this process that is in the machine's, in MB."""
    return float(psutil.Process().memory_info().rss / MB)


def freed(count: int, make: Callable[[int], bytes]) -> tuple[float, float, float]:
    """So many objects, of which one in ONE_IN stays: resident MB (before, with all, after)."""
    before = resident_mb()
    objects: list[bytes | None] = [make(number) for number in range(count)]
    full = resident_mb()
    for number in range(count):
        if number % ONE_IN:
            objects[number] = None
    return before, full, resident_mb()


if __name__ == "__main__":
    large = freed(LARGE, lambda number: b"x" * LARGE_BYTES)
    small = freed(SMALL, lambda number: bytes(SMALL_BYTES) + str(number).encode())
    rows = [(f"{LARGE} objects of {LARGE_BYTES:,} bytes", *large)]
    rows.append((f"{SMALL:,} objects of about {SMALL_BYTES + 40} bytes", *small))
    print(json.dumps(rows))
