"""Cuts a stream of HTTP/1.1 into messages: only the part of the protocol that the load and the taps need.

The bytes may come from code under repair: only their form is relied on, and buffers are bounded. A message whose length
two readers could read differently is refused: two lengths, a length with a sign, a bare line end, a trailer. A service could
hide requests from the tap in it (request smuggling: RFC 9112, sections 6.3 and 11.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

MAX_HEAD = 64 * 1024
MAX_BODY = 64 << 20
MAX_CHUNK_HEAD = 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r", re.IGNORECASE)
_SAYS_LENGTH = re.compile(rb"\r\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_STRAY = re.compile(rb"(?<!\r)\n|\r(?!\n)|\x00")
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})(?:;[^\r\n]*)?")
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)


@cache
def _header(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"\r\n" + re.escape(name.encode()) + rb":[ \t]*([^\r]*)", re.IGNORECASE)


class MalformedHttp(ValueError):
    """The stream is not the HTTP/1.1 that the services of a lab use."""


@dataclass(frozen=True, slots=True)
class Head:
    """The start line and the headers of one message, as bytes."""

    raw: bytes

    @property
    def status(self) -> int:
        """The status code of a response."""
        code = self.raw[9:12]
        if not code.isdigit():
            raise MalformedHttp(f"no status in {self.raw[:40]!r}")
        return int(code)

    @property
    def target(self) -> tuple[str, str]:
        """Method and path of a request, without the query."""
        words = self.raw.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3:
            raise MalformedHttp(f"no request line in {self.raw[:40]!r}")
        return words[0].decode("ascii", "replace"), words[1].split(b"?")[0].decode("ascii", "replace")[:200]

    def header(self, name: str) -> str:
        """The first value of a header; "" if there is none."""
        found = _header(name).search(self.raw)
        return found[1].decode("utf-8", "replace").strip()[:200] if found else ""

    @property
    def closes(self) -> bool:
        """Will the connection be closed after this message?"""
        return _CLOSE.search(self.raw) is not None


class MessageReader:
    """Takes bytes, and reports each complete head and the end of each body.

    `until_close`: a response without a length ends with its connection. With `keep`, `body` is that of the last message.
    """

    def __init__(self, responses: bool, keep: bool = False) -> None:
        self._responses = responses
        self._keep = keep
        self.body = bytearray()
        self._buffer = b""
        self._left: int | None = None  # remaining bytes of the body; None: a head is next
        self._chunked = False
        self._of_chunk = 0  # remaining bytes of the current chunk
        self._in_chunk = self._last_chunk = False

    def feed(self, data: bytes) -> list[tuple[str, Head | None]]:
        """("head", head) and ("end", None) events, in order. Raises MalformedHttp."""
        self._buffer += data
        events: list[tuple[str, Head | None]] = []
        while True:
            if self._left is None:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    if len(self._buffer) > MAX_HEAD:
                        raise MalformedHttp(f"a head longer than {MAX_HEAD} bytes")
                    return events
                head = Head(self._buffer[: end + 2])
                self._buffer = self._buffer[end + 4 :]
                self.body = bytearray()
                self._begin_body(head)
                events.append(("head", head))
            if not self._body_done():
                return events
            self._left = None
            events.append(("end", None))

    def _begin_body(self, head: Head) -> None:
        self._chunked = _CHUNKED.search(head.raw) is not None
        length = _LENGTH.search(head.raw)
        said = len(_SAYS_LENGTH.findall(head.raw))
        if said > 1 or said != self._chunked + bool(length) or _STRAY.search(head.raw):
            raise MalformedHttp("a head whose length two readers could read differently")
        no_body = self._responses and (head.status in (204, 304) or head.status < 200)
        if self._chunked:
            self._left = 1
        elif length and not no_body:
            self._left = int(length[1])
        else:
            self._left = 0 if no_body or not self._responses else MAX_BODY  # a response without a length ends at FIN
        if self._left > MAX_BODY:
            raise MalformedHttp(f"a body of {self._left} bytes")

    def _body_done(self) -> bool:
        if self._chunked:
            return self._skip_chunks()
        assert self._left is not None
        self._left -= self._take(self._left)
        return self._left == 0

    def _take(self, most: int) -> int:
        """Take up to so many bytes of a body out of the buffer; gives how many."""
        taken = min(most, len(self._buffer))
        if self._keep:
            self.body += self._buffer[:taken]
        self._buffer = self._buffer[taken:]
        return taken

    def _skip_chunks(self) -> bool:
        """Drop the received bytes of chunks; True after the last chunk."""
        while True:
            if self._in_chunk:
                self._of_chunk -= self._take(self._of_chunk)
                if self._of_chunk or len(self._buffer) < 2:
                    return False
                if not self._buffer.startswith(b"\r\n"):
                    raise MalformedHttp("a chunk without a line end after it, or a trailer")
                self._buffer, self._in_chunk = self._buffer[2:], False
                if self._last_chunk:
                    return True
            end = self._buffer.find(b"\r\n")
            if end < 0:
                if len(self._buffer) > MAX_CHUNK_HEAD:
                    raise MalformedHttp(f"a chunk head longer than {MAX_CHUNK_HEAD} bytes")
                return False
            found = _CHUNK_SIZE.fullmatch(self._buffer, 0, end)
            if found is None:
                raise MalformedHttp(f"a chunk size {self._buffer[:20]!r}")
            if (size := int(found[1], 16)) > MAX_BODY:
                raise MalformedHttp(f"a chunk of {size} bytes")
            self._buffer = self._buffer[end + 2 :]
            self._of_chunk, self._in_chunk, self._last_chunk = size, True, size == 0
