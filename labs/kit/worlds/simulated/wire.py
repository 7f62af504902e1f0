"""Frames between a host and its judge: a header, then messages. Headers hold only integers; both sides use struct.

host -> judge: (time of the host's next own event, number of messages, bytes that follow)
judge -> host: (horizon up to which the host may run, number of messages, bytes that follow)
"""

from __future__ import annotations

import struct

NEVER = 1 << 62
"""A time that is never reached."""

EPOCH_S = 1_700_000_000
"""The virtual wall clock at the start of a run, in seconds since 1970."""
MONOTONIC_S = 1000
"""What the monotonic clock shows at the start of a run. A whole second: aiohttp rounds long timeouts to one."""

LEAD_S = 1
"""The services start this many virtual seconds before the run's time 0, when the load and the faults begin."""

SLICE_NS = 5_000_000
"""The period after which computing gives up the interpreter lock: the default of sys.getswitchinterval()."""
OWN_LOCK = 0
"""Who computes with the interpreter lock of the host's own process; others are numbers of threads."""

WINDOW = 1 << 18
"""The window of a connection: the bytes that one side may send before the reader has read some of them."""

HEADER = struct.Struct("<qII")
MESSAGE = struct.Struct("<cqII")  # kind, time, connection (or port), bytes of payload

# Kinds of message, both ways.
DATA = b"D"
FIN = b"F"
RESET = b"R"
ACCEPTED = b"K"
CREDIT = b"W"  # payload: 4 bytes, how much was read
# To the host only.
SYN = b"S"  # payload: port (2 bytes), then the caller's address
ASK = b"A"  # payload: MIDWAY, note what is there; END, tell what is left over; STOP, stop, and tell how; both in LEFT
# From the host only.
CONNECT = b"C"  # payload: "ip:port"
LISTEN = b"L"
SIGNAL = b"E"  # payload: one JSON line, see labs.kit.service.telemetry
FAILED = b"!"  # payload: one JSON line {"error": ..., "line": ...}
UNSUPPORTED = b"U"  # payload: the name of the call
DEADLOCK = b"B"  # payload: where the main thread stands
STUCK = b"H"  # payload: a sentence that says in what it makes no progress, and where
COMPUTES = b"P"  # a slice of declared work begins; payload: its ns (4 bytes); for a connection: OWN_LOCK, or a thread
LEFT = b"X"  # payload: JSON, see host/left_over.py
NO_CAGE = b"N"  # payload: why the cage of the sandbox cannot be entered; in the first frame, before the repair is loaded
# Not sent: a host's notes to itself.
READY_CHECK = b"?"  # is the service ready by now?
SYN_AGAIN = b"s"  # a SYN that met a full backlog, sent again

MIDWAY, END, STOP = b"midway", b"end", b"stop"

GOODBYE = HEADER.pack(-1, 0, 0)


def frame(time_ns: int, messages: list[tuple[bytes, int, int, bytes]]) -> bytes:
    """One frame from (kind, time, connection, payload) messages."""
    parts = [b""]
    for kind, at, cid, payload in messages:
        parts.append(MESSAGE.pack(kind, at, cid, len(payload)))
        parts.append(payload)
    body_bytes = sum(map(len, parts))
    parts[0] = HEADER.pack(time_ns, len(messages), body_bytes)
    return b"".join(parts)


ACCOUNT = struct.Struct("<qq")
"""The contents of the file that a measured host shares with the judge: bytes held now, and the most bytes ever held."""
