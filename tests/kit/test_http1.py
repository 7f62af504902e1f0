"""Cutting HTTP/1.1 into messages, of bytes that may come from code under repair."""

from __future__ import annotations

import pytest

from labs.kit.worlds.network import exchanges
from labs.kit.worlds.network.exchanges import HttpTap
from labs.kit.worlds.network.http1 import MAX_CHUNK_HEAD, MAX_HEAD, MalformedHttp, MessageReader

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Request-Id: r1\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def kinds(reader: MessageReader, data: bytes, step: int) -> list[str]:
    """The events of a stream that comes in pieces of `step` bytes."""
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    return [kind for piece in pieces for kind, _ in reader.feed(piece)]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "body", [b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"5;ext=1\r\nhello\r\n1\r\n\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"]
)
def test_chunks_are_skipped_whatever_their_pieces(body: bytes, step: int) -> None:
    """A chunked answer ends where it ends, however the network cut it, and the next one follows."""
    reader = MessageReader(responses=True)
    assert kinds(reader, CHUNKED + body + PLAIN, step) == ["head", "end"] * 2


def test_a_large_chunk_is_not_kept() -> None:
    """The bytes of a chunk are dropped as they come."""
    reader = MessageReader(responses=True)
    reader.feed(CHUNKED + b"2000000\r\n")
    for _ in range(100):
        reader.feed(b"x" * 100_000)
        assert len(reader._buffer) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"x" * (MAX_HEAD + 1),
        CHUNKED + b"1" * (MAX_CHUNK_HEAD + 1),
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"-5\r\n",
        CHUNKED + b"fffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00\r\nContent-Length: 5\r\n\r\n",
        CHUNKED + b"2\r\nhixx",
        CHUNKED + b"0x2\r\nhi\r\n",
        CHUNKED + b"0\r\nTrailer: 1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    """Heads, chunk heads and bodies without bound, sizes that are none, and lengths of two readings raise at once."""
    with pytest.raises(MalformedHttp):
        MessageReader(responses=True).feed(data)


def test_chunks_end_where_they_end_however_they_are_cut() -> None:
    """A chunked body gives the same events byte by byte as in one piece, and the next message is found after it."""
    stream = CHUNKED + b"2\r\nhi\r\n0\r\n\r\n" + b"HTTP/1.1 204 No Content\r\n\r\n"
    whole = MessageReader(responses=True).feed(stream)
    reader = MessageReader(responses=True)
    assert [event for byte in stream for event in reader.feed(bytes([byte]))] == whole
    assert [kind for kind, _ in whole] == ["head", "end", "head", "end"]


@pytest.mark.parametrize("method", exchanges.NO_BODY_IN_ANSWER)
def test_a_tap_says_that_it_lost_count(method: str) -> None:
    """The answer to HEAD has a length and no body: what came after it would be taken for that body."""
    watched = HttpTap("a->b")
    watched.opened(1)
    watched.bytes_seen(1, True, 0.0, f"{method} / HTTP/1.1\r\n\r\n".encode())
    assert method in watched.malformed
    assert watched.rows() == []


def test_a_tap_counts_no_more_than_it_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link on which more is exchanged than a run can hold is counted up to the bound."""
    monkeypatch.setattr(exchanges, "MOST_EXCHANGES", 3)
    watched = HttpTap("a->b")
    watched.opened(1)
    for at in range(10):
        watched.bytes_seen(1, True, float(at), GET)
    assert len(watched.rows()) == 3
    assert watched.malformed
