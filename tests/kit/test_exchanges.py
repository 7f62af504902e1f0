"""What a tap counts of connections that end in halves, and of answers before their requests."""

from __future__ import annotations

import pytest

from labs.kit.worlds.network.exchanges import HttpTap

GET = b"GET /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: r1\r\n\r\n"
HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"hello"
CALLER, CALLED = True, False

Outcome = tuple[int, str, float | None]


def asked(at: float = 1.0) -> HttpTap:
    """A tap on whose connection 1 a request has been sent, which arrives after 0.5 s."""
    tap = HttpTap("a->b")
    tap.opened(1)
    tap.bytes_seen(1, CALLER, at, GET, at + 0.5)
    return tap


def outcomes(tap: HttpTap) -> list[Outcome]:
    """Status, error type and end of each exchange. No connection has made the tap lose count."""
    assert tap.malformed == ""
    return [(row.status, row.error_type, row.done) for row in tap.rows()]


def test_a_caller_who_sends_no_more_still_gets_its_answer() -> None:
    """An honest half close, the end right after the request, is the exchange that it would be without it."""
    tap = asked()
    tap.closed(1, CALLER, 1.0, reset=False, arrives=1.5)
    tap.bytes_seen(1, CALLED, 3.0, HEAD)
    assert outcomes(tap) == [(200, "", None)]
    tap.bytes_seen(1, CALLED, 4.0, BODY)
    tap.closed(1, CALLED, 4.0, reset=False)
    assert outcomes(tap) == [(200, "", 4.0)]


def test_an_answer_that_ends_with_the_connection_ends_with_its_sender() -> None:
    """The end of an answer without a length is that of the called service, whenever the caller said its own."""
    tap = asked()
    tap.closed(1, CALLER, 1.0, reset=False, arrives=1.5)
    tap.bytes_seen(1, CALLED, 3.0, b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
    tap.closed(1, CALLED, 4.0, reset=False)
    assert outcomes(tap) == [(200, "", 4.0)]


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(("by", "error"), [(CALLER, "timeout"), (CALLED, "reset")])
def test_without_an_answer_the_first_to_end_names_the_error(by: bool, reset: bool, error: str) -> None:
    """A caller that goes has lost its patience, a called service that goes has reset the call; later ends change nothing."""
    tap = asked()
    tap.closed(1, by, 2.0, reset, arrives=2.5)
    tap.closed(1, not by, 3.0, reset=False)
    assert outcomes(tap) == [(0, error, 2.0)]


def test_an_answer_that_crosses_the_end_of_its_caller_is_still_a_timeout() -> None:
    """The called service could not know yet that the caller had gone; the next answer could."""
    tap = asked()
    tap.closed(1, CALLER, 2.0, reset=False, arrives=2.5)
    tap.bytes_seen(1, CALLED, 2.4, HEAD + BODY)
    assert outcomes(tap) == [(0, "timeout", 2.0)]


def test_a_called_service_that_sends_no_more_still_gets_requests() -> None:
    """They are counted, and nobody answers them: the tap watches a connection until both sides have ended."""
    tap = asked()
    tap.bytes_seen(1, CALLED, 2.0, HEAD + BODY)
    tap.closed(1, CALLED, 2.0, reset=False)
    tap.bytes_seen(1, CALLER, 3.0, GET, 3.5)
    tap.closed(1, CALLER, 4.0, reset=False)
    assert outcomes(tap) == [(200, "", 2.0), (0, "reset", 4.0)]


@pytest.mark.parametrize("answered", [b"", HEAD + BODY])
def test_what_is_no_exchange_is_seen_after_one_side_has_ended(answered: bytes) -> None:
    """An end is no curtain: on either half of a connection, bytes that answer nothing make the tap lose count."""
    tap = asked()
    tap.closed(1, CALLER, 1.0, reset=False, arrives=1.5)
    tap.bytes_seen(1, CALLED, 2.0, answered + b"x" * 100_000)
    assert tap.malformed


@pytest.mark.parametrize("at", [0.5, 1.49])
def test_an_answer_before_its_request_is_no_answer(at: float) -> None:
    """What is sent before the request has arrived was not asked for; from then on it may come, however early."""
    tap = asked()
    tap.bytes_seen(1, CALLED, at, HEAD + BODY)
    assert tap.malformed == "an answer that nobody asked for"
    tap = asked()
    tap.bytes_seen(1, CALLED, 1.5, HEAD + BODY)
    assert outcomes(tap) == [(200, "", 1.5)]
