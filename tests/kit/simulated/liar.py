"""A host process that lies to its judge, in the way that its third argument names. Run by test_hostile.py."""

from __future__ import annotations

import os
import signal
import sys
import time

from labs.kit.worlds.simulated.wire import HEADER, MESSAGE, NEVER, frame

LISTEN = (b"L", 0, 8080, b"")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
DEAD_END = b"192.0.2.1:80"
read_fd, write_fd = int(sys.argv[1]), int(sys.argv[2])


def told() -> tuple[int, list[tuple[bytes, int, int, bytes]]]:
    """The judge's next frame: horizon and messages."""
    data = b""
    while len(data) < HEADER.size:
        data += os.read(read_fd, 1 << 20) or os._exit(0)  # type: ignore[operator]
    horizon, count, size = HEADER.unpack_from(data)
    if horizon < 0:
        os._exit(0)
    while len(data) < HEADER.size + size:
        data += os.read(read_fd, 1 << 20) or os._exit(0)  # type: ignore[operator]
    messages, at = [], HEADER.size
    for _ in range(count):
        kind, when, cid, length = MESSAGE.unpack_from(data, at)
        at += MESSAGE.size + length
        messages.append((kind, when, cid, data[at - length : at]))
    return horizon, messages


def raw(data: bytes) -> None:
    """Bytes to the judge."""
    while data:
        data = data[os.write(write_fd, data) :]


def say(upcoming: int, *messages: tuple[bytes, int, int, bytes]) -> None:
    """A frame of good form to the judge."""
    raw(frame(upcoming, list(messages)))


def called(*answers: bytes) -> tuple[int, int]:
    """Listen until the load calls, accept, and answer at once: the time of its request, and the connection's number."""
    say(NEVER, LISTEN)
    while True:
        for kind, when, cid, _ in told()[1]:
            if kind == b"S":
                say(NEVER, (b"K", when, cid, b""), *((b"D", when, cid, answer) for answer in answers))
                for kind, when, cid, _ in told()[1]:
                    if kind == b"D":
                        return when, cid
        say(NEVER)


def signal_for_ever(horizon: int, *lines: bytes) -> None:
    """The same signals again and again, each time in the last moment granted."""
    while True:
        say(NEVER, *((b"E", horizon - 1, 0, line) for line in lines))
        horizon, _ = told()


def drip() -> None:
    """A large frame, one byte at a time."""
    raw(HEADER.pack(NEVER, 1, 1 << 20))
    while True:
        raw(b"\0")
        time.sleep(0.005)


def lie(how: str, horizon: int) -> None:
    """Do it."""
    match how:
        case "speaks from the past":
            when, cid = called()
            say(NEVER, (b"D", when - 1, cid, b"x"))
        case "speaks from the future":
            say(NEVER, (b"L", horizon, 1, b""))
        case "goes back in time within a frame":
            say(NEVER, (b"L", 5, 1, b""), (b"L", 4, 1, b""))
        case "claims to be done before it is":
            say(horizon - 1)
        case "claims a time after the end of time":
            say(NEVER + 1)
        case "claims a negative time":
            say(-1)
        case "sends on a connection that never was":
            say(NEVER, (b"D", 0, 77, b"x"))
        case "takes a number of the judge's":
            say(NEVER, (b"C", 0, 4, DEAD_END))
        case "takes a number twice":
            say(NEVER, (b"C", 0, 1, DEAD_END), (b"C", 0, 1, DEAD_END))
        case "calls an address that is none":
            say(NEVER, (b"C", 0, 1, b"\xff\xff:zz"))
        case "calls a port that is none":
            say(NEVER, (b"C", 0, 1, b"192.0.2.1:65536"))
        case "sends a kind that is none":
            say(NEVER, (b"Z", 0, 1, b""))
        case "acknowledges what it was not sent":
            when, cid = called()
            say(NEVER, (b"W", when, cid, b"\xff\xff\xff\xff"))
        case "acknowledges in the wrong form":
            when, cid = called()
            say(NEVER, (b"W", when, cid, b""))
        case "sends more than the window":
            when, cid = called()
            say(NEVER, *[(b"D", when, cid, b"x" * 65536)] * 100)
        case "sends after its own end":
            when, cid = called()
            say(NEVER, (b"F", when, cid, b""), (b"D", when, cid, b"x"))
        case "ends twice":
            when, cid = called()
            say(NEVER, *[(b"F", when, cid, b"")] * 2)
        case "answers before it was asked":
            called(ANSWER)
        case "answers twice":
            when, cid = called()
            say(NEVER, *[(b"D", when, cid, ANSWER)] * 2)
        case "answers twice at once":
            when, cid = called()
            say(NEVER, (b"D", when, cid, ANSWER * 2))
        case "announces 4 GiB":
            raw(HEADER.pack(NEVER, 1, 0xFFFFFFFF))
            time.sleep(60)
        case "announces 4 billion messages":
            raw(HEADER.pack(NEVER, 0xFFFFFFFF, 0))
            time.sleep(60)
        case "announces a large message":
            raw(HEADER.pack(NEVER, 1, (2 << 20) + MESSAGE.size) + MESSAGE.pack(b"E", 0, 0, 2 << 20) + bytes(2 << 20))
        case "cuts a message short":
            raw(HEADER.pack(NEVER, 1, MESSAGE.size) + MESSAGE.pack(b"E", 0, 0, 500))
        case "announces more messages than come":
            raw(HEADER.pack(NEVER, 2, MESSAGE.size) + MESSAGE.pack(b"L", 0, 1, 0))
        case "leaves bytes between messages":
            raw(HEADER.pack(NEVER, 0, 3) + b"zzz")
        case "sends three frames for one":
            raw(HEADER.pack(NEVER, 0, 0) * 3)
        case "calls without end":
            say(NEVER, *((b"C", 0, 1 + 2 * i, b"10.0.1.1:80") for i in range(1000)))
        case "listens without end":
            say(NEVER, *((b"L", 0, port, b"") for port in range(1, 200)))
        case "signals without end":
            signal_for_ever(horizon, *[b"{}"] * 5000)
        case "signals megabytes":
            signal_for_ever(horizon, *[b"x" * 1_000_000] * 8)
        case "exits":
            os._exit(0)
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "closes its pipe and lives on":
            os.close(write_fd)
            time.sleep(60)
        case "says nothing":
            time.sleep(60)
        case "says nothing and computes":
            while True:
                pass
        case "stops itself":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "speaks one byte at a time":
            drip()
        case "does not read":
            say(NEVER, LISTEN)
            time.sleep(60)
        case "never comes to an end":
            at = horizon
            while True:
                say(at)
                at, _ = told()
        case "says that it failed, in no form":
            say(NEVER, (b"!", 0, 0, b"[" * 100_000))
        case "says that it failed, at length":
            say(NEVER, (b"!", 0, 0, b'{"error": "' + b"x" * 900_000 + b'", "line": 1}'))
        case "says that it failed in line infinity":
            say(NEVER, (b"!", 0, 0, b'{"error": "x", "line": 1e999}'))
        case _:
            raise ValueError(how)


if __name__ == "__main__":
    say(0)
    lie(sys.argv[3], told()[0])
    time.sleep(60)
