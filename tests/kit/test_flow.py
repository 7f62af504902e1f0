"""When bytes arrive: one connection through the faults of its link."""

from __future__ import annotations

from random import Random

import pytest

from labs.kit.model.faults import Bandwidth, BlackHole, Latency, Limit, LinkFault, Slicer, SlowClose, Stall, Timeout
from labs.kit.worlds.network.link_flow import Flow, Passage

LINK = "shop->payments"
NS = 1_000_000_000
MS = NS // 1000


def flow(*faults: LinkFault, seed: int = 0) -> Flow:
    """A connection on a link that adds no delay of its own."""
    return Flow(faults, (Random(seed), Random(seed + 1)))


def test_without_faults_a_chunk_arrives_whole_and_at_once() -> None:
    """Nothing is added, in either direction."""
    one = flow()
    assert one.data(0, 5, b"abc") == Passage(((5, b"abc"),))
    assert one.control(1, 7) == 7
    assert one.close(0, 9) == 9


def test_what_is_sent_before_the_run_begins_arrives_before() -> None:
    """Times below 0 are the lead-in: nothing is held back until 0."""
    assert flow().data(0, -5 * NS, b"early").pieces == ((-5 * NS, b"early"),)


def test_chunks_stay_in_order() -> None:
    """What was sent after a slow chunk does not overtake it; the other direction does not wait."""
    one = flow(Latency(link=LINK, latency_s=0.1, seconds=1e-9))
    assert one.data(0, 0, b"slow").pieces == ((100 * MS, b"slow"),)
    assert one.data(0, 5 * MS, b"fast").pieces == ((100 * MS, b"fast"),)
    assert one.data(1, 5 * MS, b"back").pieces == ((5 * MS, b"back"),)


def test_bandwidth_counts_bytes_one_after_another() -> None:
    """At 1,000 bytes a second, 100 bytes take 0.1 s, and the next 100 as long again after them."""
    one = flow(Bandwidth(link=LINK, bytes_per_s=1000))
    arrivals = [one.data(0, 0, b"x" * 100).pieces[0][0] for _ in range(3)]
    assert arrivals == [100 * MS, 200 * MS, 300 * MS]


def test_a_slicer_loses_nothing_and_spreads_the_pieces() -> None:
    """The pieces together are the chunk; each leaves a pause after the one before."""
    one = flow(Slicer(link=LINK, average_bytes=10, variation=4, delay_s=0.01))
    pieces = one.data(0, 0, bytes(range(100))).pieces
    assert b"".join(piece for _, piece in pieces) == bytes(range(100))
    assert [at for at, _ in pieces] == [i * 10 * MS for i in range(len(pieces))]
    assert {len(piece) for _, piece in pieces[:-1]} <= set(range(6, 15))
    assert len(pieces) > 5


def test_a_limit_lets_so_much_through_and_closes() -> None:
    """The bytes up to the limit arrive, with the news that the link closes; nothing passes after, either way."""
    one = flow(Limit(link=LINK, bytes_each_way=10))
    assert one.data(0, 0, b"12345678") == Passage(((0, b"12345678"),))
    assert one.data(0, 3, b"abcd") == Passage(((3, b"ab"),), closed_at=3)
    assert (one.data(1, 4, b"zz"), one.control(0, 4)) == (Passage(), None)


def test_a_timeout_loses_and_then_closes() -> None:
    """The first chunk it swallows sets the time of the close; a black hole never closes."""
    assert flow(Timeout(link=LINK, timeout_s=2)).data(0, NS, b"x") == Passage((), closed_at=3 * NS)
    assert flow(BlackHole(link=LINK)).data(0, NS, b"x") == Passage()


def test_a_connection_that_lost_a_chunk_stays_silent() -> None:
    """After the black hole has gone, the connection that fell into it is still dead; a new one lives."""
    hole = BlackHole(link=LINK, at_s=1, seconds=1)
    one = flow(hole)
    assert one.data(0, NS + 1, b"x") == Passage()
    assert one.data(1, 9 * NS, b"y") == Passage()
    assert flow(hole).data(1, 9 * NS, b"y").pieces == ((9 * NS, b"y"),)


def test_a_slow_close_delays_the_end_and_no_data() -> None:
    """Bytes pass at once; the end of the stream comes a second later."""
    one = flow(SlowClose(link=LINK, delay_s=1))
    assert one.data(0, 0, b"x").pieces == ((0, b"x"),)
    assert one.close(0, 0) == NS


def test_faults_add_up() -> None:
    """Latency under a stall: what is sent in the stall comes when it ends, and then the latency."""
    one = flow(Stall(link=LINK, seconds=1), Latency(link=LINK, latency_s=0.1))
    assert one.data(0, 0, b"x").pieces == ((NS + 100 * MS, b"x"),)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Bandwidth(link=LINK, bytes_per_s=0), "carries nothing"),
        (lambda: Slicer(link=LINK, average_bytes=0), "an average of at least 1"),
        (lambda: Slicer(link=LINK, average_bytes=5, variation=5), "a variation from 0 to below it"),
        (lambda: Limit(link=LINK, bytes_each_way=-1), "expected 0 or more"),
    ],
)
def test_impossible_faults_are_refused(make, told) -> None:
    """A fault whose numbers make no sense is told when it is written down, not in the middle of a run."""
    with pytest.raises(ValueError, match=told):
        make()
